"""Places and lanes of a plan from what the core holds of some SKUs."""

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec

from inventory.outlook import Demand
from inventory.replenishment.reorder import MILLISECONDS_PER_DAY, Terms, costs_of
from inventory.reports import on_hand_of
from inventory.state import LocationStock, SkuState
from inventory.transfers.guards import Guard, Moved, delay_per_unit, guarded_place, has_given, resting_units
from inventory.transfers.lanes import Lane, Place, Trip
from inventory.transfers.plan import plan
from inventory.transfers.value import Market
from schemas.observations import ItemDefined, LaneDefined

DemandOf = Callable[[SkuState, str], Demand]


class PlanTerms(msgspec.Struct, frozen=True):
    """What a plan reckons with besides stock and demand.

    ``supply_days`` is how long until an order of now, and the one after it, would be
    there (lead time and review period): a unit that is left over then saves buying
    one. ``moved`` are transfers made lately; they rest for ``rest_days``.
    """

    now_ms: int
    supply_days: float
    money: Terms = Terms()
    most_taken: int = 20
    rest_days: int = 7
    moved: tuple[Moved, ...] = ()


def plan_for(
    skus: Sequence[SkuState], lanes: Iterable[LaneDefined], demand_of: DemandOf, terms: PlanTerms
) -> list[Trip]:
    """The transfers to make among all locations of these SKUs; a plan over several shares their trips.

    ``demand_of`` says what is forecast for a SKU at a location (``inventory.outlook``).
    """
    ways = sorted((lane for lane in lanes if not lane.retired), key=lambda lane: (lane.origin, lane.destination))
    places: list[Place] = []
    delays: dict[tuple[str, str, str], float] = {}
    for sku in skus:
        for location in sorted(sku.locations):
            coming = [lane for lane in ways if lane.destination == location and lane.origin in sku.locations]
            market = market_of(sku.item, demand_of(sku, location), terms)
            places.append(_place(sku, location, market, coming, terms))
            delays |= _delays(sku, location, market, coming)
    open_lanes = [Lane(lane.origin, lane.destination, lane.cost_per_unit, lane.cost_per_trip) for lane in ways]
    return plan(places, open_lanes, delays)


def market_of(item: ItemDefined, demand: Demand, terms: PlanTerms) -> Market:
    """Demand until the supplier would deliver, or to the season's end where that comes first."""
    costs = costs_of(item, terms.money)
    days, leftover = terms.supply_days, costs.unit_cost
    if item.season_end_ms is not None:
        season_days = max(item.season_end_ms - terms.now_ms, 0) / MILLISECONDS_PER_DAY
        if season_days <= days:
            days, leftover = season_days, costs.leftover_value
    margin = max((item.price or 0.0) - leftover, 0.0)
    return Market(demand.mean_per_day, demand.variance_per_day, days, leftover + margin, leftover)


def _place(sku: SkuState, location: str, market: Market, coming: Sequence[LaneDefined], terms: PlanTerms) -> Place:
    """Books whose opening was never told neither give nor take."""
    stock = sku.locations[location]
    if not stock.ledger.opening_known:
        return Place(location, sku.item.sku)
    day = terms.now_ms // MILLISECONDS_PER_DAY
    resting = resting_units(terms.moved, sku.item.sku, location, day, terms.rest_days)
    stays = has_given(terms.moved, sku.item.sku, location, day, terms.rest_days)
    most = 0 if stays or not coming else terms.most_taken
    return guarded_place(
        location,
        sku.item.sku,
        market,
        _free(sku, location),
        Guard(max(sku.item.shelf_minimum_units, resting), most),
        arrivals=_arrivals(stock, terms.now_ms),
        first_day=min((lane.lead_time_days for lane in coming), default=0.0),
    )


def _delays(
    sku: SkuState, location: str, market: Market, coming: Sequence[LaneDefined]
) -> dict[tuple[str, str, str], float]:
    """What each lane costs a unit by being slower than the quickest."""
    first = min((lane.lead_time_days for lane in coming), default=0.0)
    slow = [lane for lane in coming if lane.lead_time_days > first]
    free = _free(sku, location)
    return {
        (lane.origin, location, sku.item.sku): delay_per_unit(market, free, first, lane.lead_time_days) for lane in slow
    }


def _free(sku: SkuState, location: str) -> int:
    """Units on hand that are neither reserved nor promised to a transfer."""
    stock = sku.locations[location]
    promised = sum(
        max(transfer.quantity - transfer.shipped, 0)
        for other in sku.locations.values()
        for transfer in other.transfers
        if transfer.origin == location
    )
    return max(on_hand_of(stock) - stock.ledger.reserved - promised, 0)


def _arrivals(stock: LocationStock, now_ms: int) -> list[tuple[float, int]]:
    """What is on order, and transfers on their way (tomorrow)."""
    due = [
        (float(max(math.ceil((order.expected_at_ms - now_ms) / MILLISECONDS_PER_DAY), 0)), order.outstanding)
        for order in stock.book.orders
        if order.outstanding and order.expected_at_ms >= 0 and order is not stock.book.suggestion
    ]
    coming = sum(max(transfer.quantity - transfer.received, 0) for transfer in stock.transfers)
    return [*due, (1.0, coming)] if coming else due
