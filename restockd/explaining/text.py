"""An explanation as people read it."""

import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from inventory.recomputation import Forecast
from restockd.explaining.explanation import EQUAL, NOT_RECOMPUTED, Explanation, Revision
from schemas.facts import Reorder, ReorderInputs, Transfer, TransferInputs

_SHOWN_QUANTILES = ("0.5", "0.9", "0.95")
_REASONS = 5
_LEAST_FACTOR = 0.02
_TOLD = frozenset(
    {
        "policy", "rules_version", "cycle_service_level", "quantile_level", "mean_per_day", "variance_per_day",
        "days_observed", "lead_time_days", "lead_time_sd_days", "review_period_days", "reorder_point",
        "order_up_to_level", "safety_stock", "on_hand", "on_order", "backorders", "reserved", "inventory_position",
        "need_units", "minimum_order_units", "pack_units", "rounding_units", "opening_known", "book_on_hand",
        "probability_empty", "blind_devices", "cancelled_at_position", "rounding",
    }
)  # fmt: skip
"""Inputs that have a sentence of their own; any other is shown by its name."""
_NAMES = {
    "demand_quantiles": "units by",
    "lead_time_quantiles": "days by",
    "policy_terms": "terms",
    "expected_costs": "costs",
    "landed_costs": "suppliers",
}


def lines(explanation: Explanation) -> Iterator[str]:
    """What, when, why, what would change it, and whether the log agrees."""
    yield _headline(explanation.newest)
    yield f"{explanation.kind} {explanation.order_id}"
    yield ""
    yield from map(_state, explanation.revisions)
    yield ""
    yield from _reasons(explanation.revisions)
    yield "what would change it:"
    yield from (f"  - {sentence}" for sentence in explanation.would_change)
    yield ""
    yield from _verdict(explanation)


def _headline(order: Reorder | Transfer) -> str:
    if isinstance(order, Transfer):
        return f"{order.status}: {order.quantity} of {order.sku} from {order.origin} to {order.destination}"
    supplier = f" from {order.supplier}" if order.supplier else ""
    cost = "" if order.unit_cost is None else f", {order.unit_cost * order.quantity:.2f} {order.currency}"
    return (
        f"{order.status}: {order.quantity} {order.unit_of_measure} of {order.sku} for {order.location}{supplier}{cost}"
    )


def _state(revision: Revision) -> str:
    fact = revision.said
    where = f"log {fact.log_partition}@{fact.log_offset}" if fact.log_offset >= 0 else "log unknown"
    agrees = {True: "", False: "  <- differs"}[not revision.differences]
    return (
        f"  {_time(fact.occurred_at)}  revision {fact.revision}  {fact.status:<12} {fact.quantity:>6}  {fact.reason}"
        f"  ({where}){agrees}"
    )


def _reasons(revisions: list[Revision]) -> Iterator[str]:
    """Of the newest state that carries a computation."""
    for revision in reversed(revisions):
        fact = revision.said
        if isinstance(fact, Reorder) and fact.inputs is not None:
            yield f"why {fact.quantity} (revision {fact.revision}):"
            yield from map(_indented, _of_inputs(fact.inputs, revision.forecast))
            yield ""
            return
    first = revisions[0]
    if isinstance(first.said, Transfer):
        yield f"why {first.said.quantity}:"
        yield from map(_indented, _of_transfer(first.said, first.forecast))
        yield ""


def _of_transfer(order: Transfer, forecast: Forecast | None) -> Iterator[str]:
    yield f"reason      {order.reason}"
    yield (
        f"worth       {order.expected_gain:.2f} {order.currency} of margin expected before a supplier could deliver, "
        f"against {order.expected_cost:.2f} for the way"
    )
    if order.inputs is not None:
        yield from _of_moved(order, order.inputs)
    if forecast is not None:
        yield from _of_forecast(forecast)
    if order.blind_devices:
        yield f"devices     {order.blind_devices} could not be trusted"


def _of_moved(order: Transfer, used: TransferInputs) -> Iterator[str]:
    yield (
        f"stock       {order.destination} has {used.destination_units} free and {used.destination_coming} to come; "
        f"it runs out with {used.probability_runs_out:.0%}, once these are there with "
        f"{used.probability_runs_out_after:.0%}"
    )
    yield (
        f"donor       {order.origin} has {used.origin_free} free of {used.origin_on_hand}, keeps {used.origin_keeps}, "
        f"loses {used.donor_loss:.2f} of the {used.destination_gain:.2f} that are gained"
    )
    yield (
        f"time        {used.horizon_days:g} days until a supplier could deliver; there to be sold "
        f"{used.days_to_arrive:g} days after it was decided"
    )
    yield (
        f"costs       {used.unit_costs:.2f} for the units, {used.trip_cost_share:.2f} of the trip, shared by "
        f"{used.skus_on_trip} SKU(s)"
    )
    yield f"compared    {_short(used.compared)}"
    if used.rejected_donors:
        yield f"others      {_short(used.rejected_donors)}"


def _of_inputs(used: ReorderInputs, forecast: Forecast | None) -> Iterator[str]:
    yield f"stock       {_stock(used)}"
    yield (
        f"position    {used.inventory_position} = {used.on_hand} on hand + {used.on_order} on order - "
        f"{used.reserved} reserved; {used.backorders} owed to customers"
    )
    yield (
        f"demand      {used.mean_per_day:.3g} a day, variance {used.variance_per_day:.3g}, "
        f"{used.days_observed} days observed"
    )
    if used.days_observed == 0:
        yield "first day   no day of it is over yet: its first sales, drawn to what others like it sell"
    if forecast is not None:
        yield from _of_forecast(forecast)
    yield (
        f"lead time   {used.lead_time_days:g} days (sd {used.lead_time_sd_days:g}), "
        f"decided every {used.review_period_days:g} days"
    )
    yield (
        f"service     {used.cycle_service_level:.2%} of cycles without a stock-out; the forecast was read at "
        f"{used.quantile_level:.2%} to deliver that"
    )
    yield (
        f"policy      {used.policy} (rules {used.rules_version}): reorder point {used.reorder_point} "
        f"(safety stock {used.safety_stock:.1f}), up to {used.order_up_to_level}"
    )
    yield (
        f"rounding    {used.need_units} needed, at least {used.minimum_order_units}, packs of {used.pack_units}: "
        f"{used.rounding} by {used.rounding_units:+d} to {used.need_units + used.rounding_units}"
    )
    for name, value in msgspec.to_builtins(used).items():
        if name not in _TOLD and value not in ({}, "", None):
            yield f"{_NAMES.get(name, name.replace('_', ' ')):<11} {_short(value)}"


def _stock(used: ReorderInputs) -> str:
    if used.probability_empty is None:
        text = f"{used.on_hand} by the book, which is all there is"
    else:
        text = f"{used.on_hand} believed, book {used.book_on_hand}; none at all with {used.probability_empty:.1%}"
    if not used.opening_known:
        text += "; the opening stock was never told"
    return f"{text}; {used.blind_devices} could not be trusted" if used.blind_devices else text


def _of_forecast(forecast: Forecast) -> Iterator[str]:
    read = ", ".join(f"{float(chance):.0%} {forecast.quantiles[chance]}" for chance in _SHOWN_QUANTILES)
    yield (
        f"forecast    {forecast.mean_units:.2f} over {forecast.interval_days} days ({forecast.model}); "
        f"enough with {read}"
    )
    factors = {name: factor for name, factor in forecast.factors.items() if abs(factor - 1.0) >= _LEAST_FACTOR}
    strongest = sorted(factors, key=lambda name: max(factors[name], 1.0 / factors[name]), reverse=True)[:_REASONS]
    if strongest:
        named = ", ".join(f"{name} x{factors[name]:.2f}" for name in strongest)
        yield f"because     base {forecast.base_units:.2f}, {named}"


def _verdict(explanation: Explanation) -> Iterator[str]:
    if explanation.verdict == NOT_RECOMPUTED:
        yield f"not recomputed: {explanation.problem}"
        return
    if explanation.verdict == EQUAL:
        yield "recomputed from the log: equal"
        return
    yield "recomputed from the log: DIFFERENT"
    for revision in explanation.revisions:
        for one in revision.differences:
            what = f"revision {revision.said.revision} ({revision.said.status}), {one.field}"
            yield f"  {what}: said {_value(one.said)}, the log gives {_value(one.recomputed)}"


def _value(value: Any) -> str:
    """To the last bit."""
    if value is None:
        return "nothing"
    return repr(value) if isinstance(value, str | float) else str(value)


def _short(value: Any) -> str:
    """Six digits are enough to understand."""
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_short(part)}" for name, part in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _indented(line: str) -> str:
    return textwrap.indent(line, "  ")
