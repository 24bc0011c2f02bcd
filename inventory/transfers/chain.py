"""Places and lanes of a plan from what the core holds of some SKUs."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from inventory.outlook import Demand, margin_of
from inventory.replenishment.reorder import MILLISECONDS_PER_DAY, Terms, costs_of
from inventory.reports import on_hand_of
from inventory.state import LocationStock, OpenTransfer, SkuState
from inventory.stock import belief as believed
from inventory.transfers.guards import Guard, Moved, delay_per_unit, guarded_place, has_given, resting_units
from inventory.transfers.lanes import Lane, Place, Trip
from inventory.transfers.plan import plan
from inventory.transfers.value import Market
from schemas.observations import ItemDefined

REST_DAYS = 7
"""Units that were moved are not moved on, nor are others brought to where they came from, for so long."""
MOST_MOVED = 2_000
"""Units of a SKU that are weighed, one by one, for one transfer."""
_SCATTER = 4.0
_SURELY = 0.05

Arrivals = tuple[tuple[float, int], ...]


class Way(NamedTuple):
    """A lane that is open: days until units sent now can be sold, and what they cost."""

    origin: str
    destination: str
    days: float
    cost_per_unit: float = 0.0
    cost_per_trip: float = 0.0


def yes(*_: object) -> bool:
    """Whatever is asked about."""
    return True


def no(*_: object) -> bool:
    """Whatever is asked about."""
    return False


def nothing(*_: object) -> float:
    """Whatever is asked about is worth that."""
    return 0.0


def all_of_it(*_: object) -> float:
    """Whatever is expected comes."""
    return 1.0


class Setting(NamedTuple):
    """What a plan reckons with besides stock and lanes."""

    now_ms: int
    market_at: Callable[[SkuState, str], Market]
    may_take: Callable[[SkuState, str], bool] = yes
    displays: Callable[[str], bool] = yes
    run_worth: Callable[[SkuState, str], float] = nothing
    held_share: Callable[[str], float] = nothing
    cover_days: float = 0.0
    realised_share: Callable[[SkuState], float] = all_of_it
    is_young: Callable[[SkuState, str], bool] = no


class End(NamedTuple):
    """One SKU at one location: what is free, what comes by itself, what has to stay, how many it may take.

    ``least_kept`` stays even if it was promised: the display, and units that were moved lately. ``missing`` are those
    short of the display, which come first. Of what units are worth by the forecast ``realised_share`` is counted.
    """

    location: str
    sku: str
    market: Market
    free: int
    arrivals: Arrivals
    keep: int
    most_taken: int
    run_worth: float = 0.0
    most_given: int = MOST_MOVED
    least_kept: int = 0
    missing: int = 0
    realised_share: float = 1.0

    def place(self, first_day: float = 0.0) -> Place:
        """What units are worth here; those taken come on ``first_day``, at the earliest."""
        guard = Guard(self.keep, self.most_taken, self.run_worth, self.most_given, min(self.missing, self.most_taken))
        place = guarded_place(
            self.location, self.sku, self.market, self.free, guard, arrivals=self.arrivals, first_day=first_day
        )
        return place.scaled(self.realised_share)

    def gives(self) -> tuple[float, ...]:
        """Worth that is lost with each unit given."""
        return self._replace(most_taken=0).place().gives

    def takes(self, day: float) -> tuple[float, ...]:
        """Worth of each unit that comes on that day."""
        return self._replace(most_given=0).place(day).takes


def plan_for(
    skus: Sequence[SkuState],
    ways: Sequence[Way],
    setting: Setting,
    barred: frozenset[tuple[str, str, str]] = frozenset(),
) -> list[Trip]:
    """The transfers to make among all locations of these SKUs; a plan over several shares their trips.

    ``barred`` (origin, destination, SKU) are not made.
    """
    return plan_of(
        {sku.item.sku: {end.location: end for end in ends_of(sku, ways, setting)} for sku in skus}, ways, barred
    )


def plan_of(
    ends: Mapping[str, Mapping[str, End]],
    ways: Sequence[Way],
    barred: frozenset[tuple[str, str, str]] = frozenset(),
    opened: Collection[tuple[str, str]] = (),
) -> list[Trip]:
    """As ``plan_for``, of the ends of each SKU by location; ``opened`` as ``plan`` has it."""
    places: list[Place] = []
    delays: dict[tuple[str, str, str], float] = dict.fromkeys(sorted(barred), math.inf)
    for known in ends.values():
        for end in known.values():
            coming = [way for way in ways if way.destination == end.location and way.origin in known]
            first = min((way.days for way in coming), default=0.0)
            places.append(end.place(first))
            for way in coming:
                key = (way.origin, end.location, end.sku)
                if way.days > first and end.most_taken and key not in barred:
                    delays[key] = end.realised_share * delay_per_unit(end.market, end.free, first, way.days)
    lanes = [Lane(way.origin, way.destination, way.cost_per_unit, way.cost_per_trip) for way in ways]
    return plan(places, lanes, delays, opened)


def ends_of(sku: SkuState, ways: Sequence[Way], setting: Setting) -> list[End]:
    """What every location that lanes lead to or from may give and take of a SKU; empty where none gives or none takes.

    Stock whose opening was never told neither gives nor takes.
    """
    reached, left = {way.destination for way in ways}, {way.origin for way in ways}
    known = [at for at in sorted(sku.locations) if sku.locations[at].ledger.opening_known]
    moved = moved_lately(sku, setting.now_ms)
    ends = [end_of(sku, at, setting, moved, takes=at in reached) for at in known if at in reached or at in left]
    wanted = min(sum(end.most_taken for end in ends), MOST_MOVED)
    if not wanted or not any(end.free > end.keep for end in ends):
        return []
    return [end._replace(most_given=wanted) for end in ends]


def end_of(
    sku: SkuState,
    location: str,
    setting: Setting,
    moved: Sequence[Moved],
    *,
    takes: bool = True,
    without: OpenTransfer | None = None,
) -> End:
    """One location, as if the transfer ``without`` were not under way; ``moved`` is what was moved lately."""
    stock, item = sku.locations[location], sku.item
    market = setting.market_at(sku, location)
    day = setting.now_ms // MILLISECONDS_PER_DAY
    display = item.shelf_minimum_units if setting.displays(location) else 0
    held = int(max(stock.filled_units, 0) * setting.held_share(location) + 0.5)
    least = max(display, held, resting_units(moved, item.sku, location, day, REST_DAYS))
    keep = max(least, math.ceil(round(market.mean_per_day * setting.cover_days, 9)))
    free, arrivals = free_units(sku, location, without), arrivals_of(stock, setting.now_ms, without)
    given = has_given(moved, item.sku, location, day, REST_DAYS)
    if setting.is_young(sku, location):
        keep = max(keep, free if given else free - free // 2)
    most = 0
    if takes and setting.may_take(sku, location) and not given:
        most = _wanted(market, free, arrivals)
    worth = setting.run_worth(sku, location) if setting.displays(location) else 0.0
    missing = max(display - free, 0)
    share = setting.realised_share(sku)
    return End(
        location, item.sku, market, free, arrivals, keep, most, worth, MOST_MOVED, least, missing, realised_share=share
    )


def market_of(item: ItemDefined, demand: Demand, supply_days: float, now_ms: int, money: Terms) -> Market:
    """Demand until the supplier would deliver what is ordered now, or to the season's end where that comes first.

    A unit sold brings its price. One that is left when the supplier delivers saves buying one, so it is worth its cost.
    """
    costs = costs_of(item, money)
    days, leftover = supply_days, costs.unit_cost
    if item.season_end_ms is not None:
        season_days = max(item.season_end_ms - now_ms, 0) / MILLISECONDS_PER_DAY
        if season_days <= days:
            days, leftover = season_days, costs.leftover_value
    margin = margin_of(item, leftover)
    return Market(demand.mean_per_day, demand.variance_per_day, days, leftover + margin, leftover)


def free_units(sku: SkuState, location: str, without: OpenTransfer | None = None) -> int:
    """Units neither reserved nor promised to a transfer; where devices are blind, of those that are surely there."""
    stock = sku.locations[location]
    promised = sum(
        max(transfer.quantity - transfer.shipped, 0)
        for other in sku.locations.values()
        for transfer in other.transfers
        if transfer.origin == location and transfer is not without
    )
    on_hand = on_hand_of(stock)
    if stock.belief.blind and stock.belief.cells:
        on_hand = min(on_hand, believed.quantile(stock.belief, _SURELY))
    return max(on_hand - stock.ledger.reserved - promised, 0)


def arrivals_of(stock: LocationStock, now_ms: int, without: OpenTransfer | None = None) -> Arrivals:
    """What is on order (tomorrow at the earliest) and transfers on their way (tomorrow), without what is suggested."""
    due = [
        (float(max(math.ceil((order.expected_at_ms - now_ms) / MILLISECONDS_PER_DAY), 1)), order.outstanding)
        for order in stock.book.orders
        if order.outstanding and order.expected_at_ms >= 0 and order is not stock.book.suggestion
    ]
    coming = sum(one.coming for one in stock.transfers if one is not without)
    return tuple([*due, (1.0, coming)] if coming else due)


def moved_lately(sku: SkuState, now_ms: int, without: OpenTransfer | None = None) -> list[Moved]:
    """Transfers of the last days, those under way included, as of now."""
    today = now_ms // MILLISECONDS_PER_DAY
    moved = []
    for location in sorted(sku.locations):
        stock = sku.locations[location]
        for arrived in stock.arrived:
            day = min(arrived.at_ms // MILLISECONDS_PER_DAY, today)
            moved.append(Moved(sku.item.sku, arrived.origin, location, arrived.units, day))
        under_way = [one for one in stock.transfers if one is not without and not one.overdue]
        moved += [Moved(sku.item.sku, one.origin, location, 0, today) for one in under_way]
    return moved


def _wanted(market: Market, free: int, arrivals: Arrivals) -> int:
    """Units beyond which none would be sold before the horizon's end or an arrival; ``MOST_MOVED`` at most."""
    if market.mean_per_day <= 0.0:
        return 0
    there, wanted = free, 0
    for due, units in [*sorted(arrivals), (market.horizon_days, 0)]:
        if due <= market.horizon_days:
            mean, variance = market.mean_per_day * due, market.variance_per_day * due
            wanted = max(wanted, math.ceil(mean + _SCATTER * math.sqrt(max(variance, mean))) + 1 - there)
            there += units
    return min(wanted, MOST_MOVED)
