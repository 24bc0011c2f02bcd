"""An explanation as people read it."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from inventory.recomputation import Forecast
from restockd.explaining.explanation import EQUAL, NOT_RECOMPUTED, Explanation, Revision
from schemas.facts import Reorder, ReorderInputs, Transfer, TransferInputs, TransferOutcome
from schemas.wording import amount, came_of, percent

_SHOWN_QUANTILES = ("0.5", "0.9", "0.95")
_REASONS = 5
_LABEL = " " * 14
_LEAST_FACTOR, _HARDLY_ANY = 0.02, 0.05
_TOLD = frozenset(
    {
        "policy", "rules_version", "cycle_service_level", "quantile_level", "mean_per_day", "variance_per_day",
        "days_observed", "lead_time_days", "lead_time_sd_days", "review_period_days", "reorder_point",
        "order_up_to_level", "safety_stock", "on_hand", "on_order", "backorders", "reserved", "inventory_position",
        "need_units", "minimum_order_units", "pack_units", "rounding_units", "opening_known", "book_on_hand",
        "probability_empty", "blind_devices", "cancelled_at_position", "rounding", "belief", "demand_quantiles",
        "lead_time_quantiles", "policy_terms", "expected_costs", "landed_costs",
    }
)  # fmt: skip
"""Inputs that have a sentence of their own; any other is shown by its name."""


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
    if explanation.outcome is not None:
        yield "what came of it:"
        yield from map(_indented, _of_outcome(explanation.outcome))
        yield ""
    yield from _verdict(explanation)


def wrapped(shown: Iterable[str], width: int) -> Iterator[str]:
    """The lines no wider than ``width``, what is continued set under its own sentence."""
    for line in shown:
        yield from textwrap.wrap(line, width, subsequent_indent=_LABEL, break_long_words=False) or [""]


def _headline(order: Reorder | Transfer) -> str:
    if isinstance(order, Transfer):
        return f"{order.status}: {order.quantity} of {order.sku} from {order.origin} to {order.destination}"
    supplier = f" from {order.supplier}" if order.supplier else ""
    units = order.received_units if order.status == "received" else order.quantity
    cost = "" if order.unit_cost is None else f", {order.unit_cost * units:.2f} {order.currency}"
    what = f"{_quantity(order)} {order.unit_of_measure} of {order.sku}"
    return f"{order.status}: {what} for {order.location}{supplier}{cost}"


def _quantity(order: Reorder | Transfer) -> str:
    return (
        came_of(order.quantity, order.received_units, order.status)
        if isinstance(order, Reorder)
        else f"{order.quantity}"
    )


def _state(revision: Revision) -> str:
    fact = revision.said
    where = f"log {fact.log_partition}@{fact.log_offset}" if fact.log_offset >= 0 else "log unknown"
    agrees = {True: "", False: "  <- differs"}[not revision.differences]
    return (
        f"  {_time(fact.occurred_at)}  revision {fact.revision}  {fact.status:<12} {_quantity(fact):>8}  {fact.reason}"
        f"  ({where}){agrees}"
    )


def _reasons(revisions: list[Revision]) -> Iterator[str]:
    """Of the newest state that carries a computation: one that asked for as much as it is now, if any did."""
    computed = [one for one in revisions if isinstance(one.said, Reorder) and one.said.inputs is not None]
    as_it_is = [one for one in computed if one.said.quantity == revisions[-1].said.quantity]
    for revision in (as_it_is or computed)[-1:]:
        fact = revision.said
        if isinstance(fact, Reorder) and fact.inputs is not None:
            yield f"why {fact.quantity} (revision {fact.revision}):"
            yield from map(_indented, _of_inputs(fact.inputs, revision.forecast, fact.currency))
            yield ""
            return
    first = revisions[0]
    if isinstance(first.said, Transfer):
        yield f"why {first.said.quantity}:"
        yield from map(_indented, _of_transfer(first.said, first.forecast))
        yield ""


def _of_transfer(order: Transfer, forecast: Forecast | None) -> Iterator[str]:
    yield f"reason      {order.reason}"
    if order.inputs is None:
        yield (
            f"worth       {_money(order.expected_gain)} {order.currency} of margin expected before a supplier could "
            f"deliver, against {_money(order.expected_cost)} for the way"
        )
    else:
        yield from _of_moved(order, order.inputs)
    if forecast is not None:
        yield from _of_forecast(forecast, f" at {order.destination}")
    if order.blind_devices:
        yield f"devices     {order.blind_devices} could not be trusted"


def _of_moved(order: Transfer, used: TransferInputs) -> Iterator[str]:
    gain = used.realised_share * (used.destination_gain - used.donor_loss)
    worth = gain - used.unit_costs - used.trip_cost_share
    yield (
        f"worth       {_money(worth)} {order.currency} = {_gain(order, used)} "
        f"- {_money(used.unit_costs)} for the units "
        f"- {_money(used.trip_cost_share)} of the trip{_shared(used.skus_on_trip)}"
    )
    if used.realised_share < 1.0:
        yield (
            f"            {used.realised_share:.0%} of what the forecasts promise is counted on: {_counted_on(used)}"
        )
    yield (
        f"gained      {_money(used.margin_per_unit)} {order.currency} for each unit more that is sold within "
        f"{_days(used.horizon_days)}, when a supplier could deliver{_run(order, used)}; they can be sold "
        f"{_days(used.days_to_arrive)} after it was decided"
    )
    yield (
        f"stock       {order.destination} has {amount(used.destination_units)} free and "
        f"{used.destination_coming or 'none'} to come within these days; it runs out at some time in them with "
        f"{percent(used.probability_runs_out)}, once these are there with {percent(used.probability_runs_out_after)}"
    )
    yield (
        f"donor       {order.origin} has {amount(used.origin_free)} free of {used.origin_on_hand}, keeps "
        f"{used.origin_keeps} at least and is asked for {used.origin_mean_per_day:.3g} a day"
    )
    yield from _of_choices(order, used, worth)
    if used.rejected_donors:
        others = ", ".join(f"{name} {_money(net)}" for name, net in used.rejected_donors.items())
        yield f"others      worth from other donors: {others} {order.currency}"


def _of_outcome(came: TransferOutcome) -> Iterator[str]:
    """Both ends against how they would have been without it, in the days in which its units were to sell."""
    earned, expected = (_money(gain - came.expected_cost) for gain in (came.earned, came.expected_gain))
    yield f"earned      {earned} {came.currency} after costs, {expected} were expected of {amount(came.proposed_units)}"
    sold, lost = came.sold_units + 0.0, came.lost_units + 0.0  # nothing has no sign
    yield (
        f"sold        {sold:.1f} of {amount(came.received_units)} received would not have been sold without it; "
        f"{came.destination} was asked for {came.destination_demand_units:.1f} in {_days(came.days)}"
    )
    yield (
        f"lost        {lost:.1f} of {amount(came.shipped_units)} shipped would have been sold at "
        f"{came.origin}, which was asked for {came.origin_demand_units:.1f}"
    )


def _counted_on(used: TransferInputs) -> str:
    """What the share rests on: few transfers judged leave it to how young the forecasts are."""
    after = "" if used.days_observed is None else f" after {_days(used.days_observed)} of demand"
    if used.transfers_judged is not None and used.transfers_judged < _HARDLY_ANY:
        return f"what can be believed{after}; no transfer of late was judged yet"
    judged = "transfers" if used.transfers_judged is None else amount(f"{used.transfers_judged:.1f}", "transfer")
    return f"what {judged} judged before it earned of that, and what can be believed{after}"


def _gain(order: Transfer, used: TransferInputs) -> str:
    terms = (
        f"{_money(used.destination_gain)} gained at {order.destination} - {_money(used.donor_loss)} lost at "
        f"{order.origin}"
    )
    return terms if used.realised_share == 1.0 else f"{used.realised_share:.4g} x ({terms})"


def _of_choices(order: Transfer, used: TransferInputs, worth: float) -> Iterator[str]:
    """The transfer is weighed on top of the better of buying and waiting; it does not decide which of them is done."""
    shown = ", ".join(f"{name} {_money(money)}" for name, money in used.compared.items())
    yield f"compared    {shown} {order.currency}, sold at both ends until an order of the next review would be there"
    buy, wait = used.compared.get("buy", 0.0), used.compared.get("wait", 0.0)
    base, both = ("buy", "move and buy") if buy > wait else ("wait", "move")
    better = "as good as buying" if buy == wait else "the better of waiting and buying"
    yield (
        f"            the transfer adds {_money(worth)} to {base!r}, {better}, which makes {both!r}; whether to buy as "
        "well is for the order policy, which counts these units as coming"
    )


def _shared(skus: int) -> str:
    return f", shared by {skus} SKUs" if skus > 1 else ""


def _run(order: Transfer, used: TransferInputs) -> str:
    if not used.size_run_worth:
        return ""
    return f", and {_money(used.size_run_worth)} {order.currency} that other sizes sell more once this one is there"


def _of_inputs(used: ReorderInputs, forecast: Forecast | None, currency: str) -> Iterator[str]:
    yield f"stock       {_stock(used)}"
    yield f"position    {_position(used)}"
    yield (
        f"demand      {amount(f'{used.mean_per_day:.3g}')} a day, variance {used.variance_per_day:.3g}, "
        f"{_days(used.days_observed)} observed"
    )
    if used.demand_quantiles:
        yield f"            enough until a next order is there, with {_chances(used.demand_quantiles)} units"
    if used.days_observed == 0:
        yield "first day   no day of it is over yet: its first sales, drawn to what others like it sell"
    if forecast is not None:
        yield from _of_forecast(forecast, chances=not used.demand_quantiles)
    yield (
        f"lead time   {_days(used.lead_time_days)} (standard deviation {used.lead_time_sd_days:.3g}), "
        f"decided every {_days(used.review_period_days)}"
    )
    if used.lead_time_quantiles:
        yield f"            no longer, with {_chances(used.lead_time_quantiles)} days"
    yield (
        f"service     {used.cycle_service_level:.2%} of cycles without a stock-out; the forecast was read at "
        f"{used.quantile_level:.2%} to deliver that"
    )
    yield (
        f"policy      {used.policy} (rules {used.rules_version}): reorder point {amount(used.reorder_point)} "
        f"(safety stock {used.safety_stock:.1f}), up to {used.order_up_to_level}"
    )
    if used.policy_terms:
        yield f"            {_short(used.policy_terms)}"
    yield (
        f"rounding    {amount(used.need_units)} needed, at least {used.minimum_order_units}, packs of "
        f"{used.pack_units}: {used.rounding} by {used.rounding_units:+d} to {used.need_units + used.rounding_units}"
    )
    if used.expected_costs:
        yield from _of_costs(used, currency)
    if used.landed_costs:
        landed = ", ".join(f"{name} {_money(cost)}" for name, cost in used.landed_costs.items())
        yield f"suppliers   {landed} {currency} a unit, with all that late or large deliveries cost"
    for name, value in msgspec.to_builtins(used).items():
        if name not in _TOLD and value not in ({}, "", None):
            yield f"{name.replace('_', ' '):<11} {_short(value)}"


def _of_costs(used: ReorderInputs, currency: str) -> Iterator[str]:
    """What was not chosen may cost less: only some policies and roundings go by money."""
    costs = used.expected_costs
    shown = ", ".join(f"{name} {_money(cost)}" for name, cost in costs.items())
    yield f"costs       {shown} {currency}, expected until a next order would be there"
    cheapest = min(costs, key=lambda name: costs[name])
    if "ordered" in costs and costs[cheapest] < costs["ordered"]:
        yield (
            f"            {cheapest!r} is expected to cost less over that time; {used.policy} orders up to its level, "
            "which is for the time after as well"
        )


def _stock(used: ReorderInputs) -> str:
    if used.probability_empty is None:
        text = f"{amount(used.on_hand)} by the book, which is all there is"
    else:
        text = (
            f"{amount(used.on_hand)} believed, book {used.book_on_hand}; none at all with {used.probability_empty:.1%}"
        )
        text += _believed(used.belief)
    if not used.opening_known:
        text += "; opening not known, counted from the first that was heard of it"
    return f"{text}; {used.blind_devices} could not be trusted" if used.blind_devices else text


def _believed(belief: dict[str, float]) -> str:
    low, high = belief.get("low"), belief.get("high")
    return "" if low is None or high is None or low == high else f", {low:g} to {high:g} with 90%"


def _position(used: ReorderInputs) -> str:
    """The sum that makes it; a book below zero counts as none."""
    there = max(used.on_hand, 0)
    parts = f"{there} on hand + {used.on_order} on order - {used.reserved} reserved"
    text = f"{amount(used.inventory_position)} = {parts}"
    if there + used.on_order - used.reserved != used.inventory_position:
        text = f"{amount(used.inventory_position)}, from {parts}"
    if used.on_hand < 0:
        why = "opening not known" if not used.opening_known else "more went out than was there"
        text += f"; {used.on_hand} by the book count as none ({why})"
    return f"{text}; {used.backorders} of them owed to customers" if used.backorders else text


def _of_forecast(forecast: Forecast, where: str = "", *, chances: bool = True) -> Iterator[str]:
    """Its own ``chances`` are left out where those of the decision stand, which count with the lead time as well."""
    read = _chances({chance: forecast.quantiles[chance] for chance in _SHOWN_QUANTILES})
    expected = f"{amount(f'{forecast.mean_units:.2f}')}{where}"
    yield (
        f"forecast    {expected} over {_days(forecast.interval_days)} ({forecast.model})"
        + (f"; enough with {read} units" if chances else "")
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


def _days(number: float) -> str:
    """Days to the quarter of an hour.

    >>> _days(1.0), _days(6.99999998), _days(2.0064)
    ('1 day', '7 days', '2.01 days')
    """
    return amount(f"{round(number, 2):g}", "day")


def _money(amount: float) -> str:
    """To the cent; nothing has no sign.

    >>> _money(-0.001), _money(12.5)
    ('0.00', '12.50')
    """
    return f"{round(amount, 2) + 0.0:.2f}"


def _chances(by_chance: Mapping[str, float]) -> str:
    """Numbers by the probability that no more is needed.

    >>> _chances({"0.5": 8.0, "0.95": 14.0})
    '50%: 8, 95%: 14'
    """
    return ", ".join(f"{float(chance):.0%}: {number:g}" for chance, number in by_chance.items())


def _short(value: Any) -> str:
    """Six digits are enough to understand."""
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_short(part)}" for name, part in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _indented(line: str) -> str:
    return textwrap.indent(line, "  ")
