"""Where goods come from: the supplier of an item, how long it takes, and what it costs landed."""

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from inventory.in_force import rules_for
from inventory.outlook import demand_of, margin_of, service_asked
from inventory.replenishment.lead_time import LeadTime, stated
from inventory.replenishment.rounding import Lots
from inventory.replenishment.sourcing import Habit, Offer, landed_costs
from inventory.replenishment.suppliers import STATED_DELIVERED_SHARE
from inventory.replenishment.supply_book import Known, lane_key
from inventory.rules import Rules
from inventory.state import PartitionState, SkuState
from inventory.turn import Turn
from schemas.facts import utc
from schemas.observations import ItemDefined, OfferDefined, SupplierDefined

WORTH_CHANGING = 0.05
"""An open suggestion goes to another supplier only for a larger gain than this share."""
_LEAST_PER_DAY = 1.0 / 365.0
"""Of demand; costs per unit of nothing mean nothing."""


class Source(msgspec.Struct, frozen=True):
    """Whom to order of, and what is known of that.

    ``alternatives`` are the expected landed costs per unit of all suppliers that were compared, this
    one too, by name; empty where there is one only. ``barred`` says why nothing can be ordered, empty where it can.
    """

    supplier: SupplierDefined
    lead_time: LeadTime
    unit_cost: float | None
    lots: Lots
    review_period_days: float
    alternatives: Mapping[str, float] = {}
    barred: str = ""


def source_of(turn: Turn, sku: SkuState, location: str) -> Source:
    """The supplier of least expected landed cost, of equal ones the first by name; the item's own where it is alone.

    Retired ones are none, nor are those nobody told of where another is known: such a name may be mistyped.
    Where no other is left the item's own stands in for its lead time, ``barred``.
    While a suggestion is open, its supplier is kept unless another is cheaper by more than ``WORTH_CHANGING``.
    """
    state, item = turn.state, sku.item
    told = _offers_of(state, item)
    active = {name: told[name] for name in told if not is_retired_supplier(state, name)}
    offers = _of_known(state, _with_own(state, active, item)) if told else {}
    if not offers:
        own = _source(state, item, supplier_of(turn, sku), None, location)
        return msgspec.structs.replace(own, barred=_barred(state, told, item))
    totals = _totals(turn, sku, location, offers) if len(offers) > 1 else {}
    chosen = _chosen(totals, _suggested(sku, location)) if totals else next(iter(offers))
    source = _source(state, item, supplier_named(state, chosen), offers[chosen], location)
    return msgspec.structs.replace(source, alternatives=totals)


def unit_margin(turn: Turn, sku: SkuState, location: str) -> float:
    """What selling a unit there earns over what its source asks, as decisions count it; unknown money is none."""
    return margin_of(sku.item, source_of(turn, sku, location).unit_cost)


def bought_from(item: ItemDefined, source: Source) -> ItemDefined:
    """The item at the cost that its source asks."""
    return item if source.unit_cost == item.cost else msgspec.structs.replace(item, cost=source.unit_cost)


def is_replenished(state: PartitionState, sku: SkuState, location: str, now_ms: int) -> bool:
    """Whether anything is ordered for a SKU at a location."""
    return not why_not_replenished(state, sku, location, now_ms)


def why_not_replenished(state: PartitionState, sku: SkuState, location: str, now_ms: int) -> str:
    """Why nothing is ordered for a SKU at a location any more; empty where it is."""
    if is_retired(state, sku, location):
        return "the item is retired" if sku.item.retired else f"{location} is retired"
    known = state.core.locations.get(location)
    if known is not None and not known.replenished:
        return f"{location} is no longer replenished"
    ends_ms = sku.item.season_end_ms
    return f"its season ended on {utc(ends_ms).date()}" if ends_ms is not None and ends_ms <= now_ms else ""


def is_retired(state: PartitionState, sku: SkuState, location: str) -> bool:
    """Whether nobody is to do anything about a SKU at a location any more."""
    known = state.core.locations.get(location)
    return sku.item.retired or (known is not None and known.retired)


def lead_time_of(state: PartitionState, supplier: SupplierDefined, location: str) -> LeadTime:
    """Days from order to receipt on a lane: learned where anything is known, else as stated.

    The same from one day's end to the next.
    """
    known = _known(state, supplier.supplier, location)
    if known is not None and known.lead_time is not None:
        return known.lead_time
    return stated(supplier.lead_time_days, supplier.lead_time_sd_days)


def supplier_of(turn: Turn, sku: SkuState) -> SupplierDefined:
    """The item's supplier; one with the lead time of the rules where none is told."""
    return supplier_named(turn.state, sku.item.supplier)


def supplier_named(state: PartitionState, name: str) -> SupplierDefined:
    """Reference data of a supplier; the lead time of the rules where none is told."""
    known = state.core.suppliers.get(name)
    if known is not None and not known.retired:
        return known
    rules = state.core.rules
    return SupplierDefined(name, 0, rules.lead_time_days, rules.lead_time_sd_days, rules.review_period_days)


def is_retired_supplier(state: PartitionState, supplier: str) -> bool:
    """Whether reference data says that nothing is ordered of a supplier any more."""
    known = state.core.suppliers.get(supplier)
    return known is not None and known.retired


def _barred(state: PartitionState, offers: Mapping[str, OfferDefined], item: ItemDefined) -> str:
    """Where nobody is left: who was. An item that names no supplier is ordered of whom the buyer knows."""
    if item.supplier and not is_retired_supplier(state, item.supplier):
        return ""
    gone = sorted(name for name in {*offers, item.supplier} if is_retired_supplier(state, name))
    return f"{', '.join(gone)} retired and no other supplier is known" if gone else ""


def _known(state: PartitionState, supplier: str, location: str) -> Known | None:
    """What was learned of a lane, else of the supplier's others, when a day ended last; None without such, or unless
    rules want it."""
    if not state.core.rules.learn_lead_times:
        return None
    lane = state.supply.lanes.get(lane_key(supplier, location))
    return state.supply.suppliers.get(supplier) if lane is None or lane.lead_time is None else lane


def _offers_of(state: PartitionState, item: ItemDefined) -> dict[str, OfferDefined]:
    """By supplier; those in another currency than the item's cannot be compared."""
    styles, skus = state.offers.styles.get(item.style), state.offers.skus.get(item.sku)
    if styles is None and skus is None:
        return {}
    told = {**(styles or {}), **(skus or {})}
    return {name: told[name] for name in sorted(told) if told[name].currency == item.currency}


def _with_own(state: PartitionState, offers: dict[str, OfferDefined], item: ItemDefined) -> dict[str, OfferDefined]:
    """The item's own supplier offers it at the item's cost, if that is known and it made no other offer."""
    if not item.supplier or item.supplier in offers or item.cost is None or is_retired_supplier(state, item.supplier):
        return offers
    own = OfferDefined(item.supplier, item.style, item.cost, 0, item.sku, item.currency)
    return {**offers, item.supplier: own}


def _of_known(state: PartitionState, offers: dict[str, OfferDefined]) -> dict[str, OfferDefined]:
    """Those of suppliers that reference data tell of; all where they tell of none."""
    known = {name: offer for name, offer in offers.items() if name in state.core.suppliers}
    return known or offers


def _source(
    state: PartitionState, item: ItemDefined, supplier: SupplierDefined, offer: OfferDefined | None, location: str
) -> Source:
    return Source(
        supplier,
        lead_time_of(state, supplier, location),
        item.cost if offer is None else offer.unit_cost,
        _lots(item, supplier, offer),
        supplier.review_period_days,
    )


def _lots(item: ItemDefined, supplier: SupplierDefined, offer: OfferDefined | None) -> Lots:
    minimum = offer.minimum_order_units if offer is not None and offer.minimum_order_units else item.minimum_order_units
    pack = offer.pack if offer is not None and offer.pack else item.pack
    return Lots(max(minimum, supplier.minimum_order_units), pack, item.maximum_order_units)


def _suggested(sku: SkuState, location: str) -> str:
    """The supplier of the open suggestion, if any."""
    stock = sku.locations.get(location)
    suggestion = None if stock is None else stock.book.suggestion
    return "" if suggestion is None else suggestion.supplier


def _chosen(totals: dict[str, float], suggested: str) -> str:
    best = next(iter(totals))
    kept = suggested in totals and totals[best] >= (1.0 - WORTH_CHANGING) * totals[suggested]
    return suggested if kept else best


def _totals(turn: Turn, sku: SkuState, location: str, offers: dict[str, OfferDefined]) -> dict[str, float]:
    """Expected landed cost per unit of each supplier, the least first."""
    state, item, rules = turn.state, sku.item, rules_for(turn.state, sku.item)
    demand = demand_of(state, sku, location, state.at(sku, location))
    mean = max(demand.mean_per_day, _LEAST_PER_DAY)
    asked = tuple(_offer(state, item, supplier_named(state, name), offer, location) for name, offer in offers.items())
    margin = margin_of(item, min(offer.unit_cost for offer in asked))
    variance = max(demand.variance_per_day, mean)
    service = service_asked(item, rules.cycle_service_level)
    costs = _compared(asked, mean, variance, margin, rules.carrying_share_per_year, service, _habit(rules))
    return {cost.supplier: cost.total for cost in costs}


def _habit(rules: Rules) -> Habit:
    """What the policy in force orders at once."""
    if rules.policy == "periodic_min_max":
        return Habit(rules.order_cover_days, rules.order_cost)
    return Habit(order_cost=rules.order_cost) if rules.policy == "min_max" else Habit()


def _offer(
    state: PartitionState, item: ItemDefined, supplier: SupplierDefined, offer: OfferDefined, location: str
) -> Offer:
    known = _known(state, supplier.supplier, location)
    return Offer(
        supplier.supplier,
        offer.unit_cost,
        lead_time_of(state, supplier, location),
        supplier.review_period_days,
        offer.freight_per_unit,
        offer.freight_per_order,
        STATED_DELIVERED_SHARE if known is None else known.delivered_share,
        _lots(item, supplier, offer),
    )


_compared = lru_cache(maxsize=1 << 14)(landed_costs)
"""Demand and what is learned stay the same for a day, so do the costs."""
