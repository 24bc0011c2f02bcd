"""What a plan reckons with, as the fold has it: forecasts, suppliers, what was refused, sizes beside each other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from inventory.outlook import days_observed, demand_of, likely_demand_of, sells
from inventory.reordering import terms_of
from inventory.reports import on_hand_of
from inventory.state import LocationStock, PartitionState, SkuState
from inventory.supply import bought_from, source_of
from inventory.transfers.chain import Setting, Way, arrivals_of, market_of
from inventory.transfers.departures import next_departure, trip_cost
from inventory.transfers.guards import Size, run_worth
from inventory.transfers.holdout import is_held_out
from inventory.transfers.realisation import judged_by, share_of, young_share
from inventory.transfers.value import Market, expected_sales
from inventory.turn import Turn
from schemas.observations import LaneDefined

MILLISECONDS_PER_DAY = 86_400_000
_MAJOR_SHARE = 0.5
"""The sizes most asked for that together make this share of the demand are the major ones (Caro and Gallien 2010)."""
_LOST_TO_BROKEN_RUN = 0.1
"""Of the sales of the other sizes, while a major size is missing: an assumption, nobody has measured it here."""


class Choice(NamedTuple):
    """Buying now or at the next review, without any transfer: money until both would have been delivered."""

    wait: float
    buy: float
    supply_days: float
    review_days: float
    order_cost: float

    @property
    def delivered_in_days(self) -> float:
        """When the supplier delivers, by what is better."""
        return self.supply_days + (self.review_days if self.wait > self.buy else 0.0)


Runs = Mapping[tuple[str, str], Sequence[SkuState]]


def setting_of(turn: Turn, runs: Runs, now_ms: int) -> Setting:
    """``runs`` are the SKUs of each style and colour."""

    markets: dict[tuple[str, str], Market] = {}
    worths: dict[tuple[str, str, str], Mapping[str, float]] = {}
    shares: dict[str, float] = {}

    def market_at(sku: SkuState, location: str) -> Market:
        key = (sku.item.sku, location)
        if key not in markets:
            markets[key] = market_here(turn, sku, location, now_ms)
        return markets[key]

    def may_take(sku: SkuState, location: str) -> bool:
        stock = sku.locations[location]
        wanted = stock.ever_sold and not stock.awaits_transfer
        return wanted and not (was_refused(stock, now_ms) or is_held_out(stock, now_ms))

    def worth(sku: SkuState, location: str) -> float:
        key = (sku.item.style, sku.item.colour, location)
        if key not in worths:
            worths[key] = _run_worths(runs.get(key[:2], ()), location, market_at)
        return worths[key].get(sku.item.sku, 0.0)

    def displays(location: str) -> bool:
        known = turn.state.core.locations.get(location)
        return known is None or known.kind == "store"

    def held_share(location: str) -> float:
        known = turn.state.core.locations.get(location)
        return 0.0 if known is None else known.holdback_share

    def share(sku: SkuState) -> float:
        name = sku.item.sku
        if name not in shares:
            shares[name] = _share(turn, sku, now_ms)
        return shares[name]

    cover, young = turn.rules.donor_cover_days, partial(_is_young, turn)
    return Setting(now_ms, market_at, may_take, displays, worth, held_share, cover, share, young)


def _is_young(turn: Turn, sku: SkuState, location: str) -> bool:
    observed = days_observed(turn.state, sku.item.sku, location, sku.locations[location])
    return sells(turn.state, location) and observed < turn.rules.transfer_young_days


def _share(turn: Turn, sku: SkuState, now_ms: int) -> float:
    """Of what forecasts say that transfers of a SKU gain, what is counted."""
    rules, seen = turn.rules, turn.state.core.realised.get(sku.item.currency)
    young = young_share(days_known(turn.state, sku), rules.transfer_young_days)
    return share_of(seen, now_ms // MILLISECONDS_PER_DAY, rules.demand_half_life_days, young)


def transfers_judged(turn: Turn, sku: SkuState, now_ms: int) -> float:
    """On how many the share rests that is counted."""
    seen = turn.state.core.realised.get(sku.item.currency)
    return judged_by(seen, now_ms // MILLISECONDS_PER_DAY, turn.rules.demand_half_life_days)


def days_known(state: PartitionState, sku: SkuState) -> float:
    """Days, that of now included, in which the demand of a SKU was observed: the mean of where it is or was sold."""
    stores = [(at, stock) for at, stock in sku.locations.items() if sells(state, at)]
    days = [(days_observed(state, sku.item.sku, at, stock), stock) for at, stock in stores]
    counted = [observed for observed, stock in days if observed > 0 or stock.ledger.on_hand > 0]
    return 1.0 + sum(counted) / max(len(counted), 1)


def was_refused(stock: LocationStock, now_ms: int) -> bool:
    """Within the last day."""
    refused_ms = stock.transfer_refused_ms
    return refused_ms >= 0 and now_ms < refused_ms + MILLISECONDS_PER_DAY


def market_here(turn: Turn, sku: SkuState, location: str, now_ms: int) -> Market:
    """Demand until the supplier would deliver next, whatever is better: to order now or at the next review."""
    demand, money = likely_demand_of(turn.state, sku, location, sku.locations[location]), terms_of(turn.rules)
    source = source_of(turn, sku, location)
    days = source.lead_time.mean_days
    if money.order_cost > 0.0:
        days = choice_at(turn, sku, location, now_ms).delivered_in_days
    return market_of(bought_from(sku.item, source), demand, days, now_ms, money)


def choice_at(turn: Turn, sku: SkuState, location: str, now_ms: int) -> Choice:
    """What a location earns without transfers: if enough is ordered now, and if not before the next review."""
    stock, source, money = sku.locations[location], source_of(turn, sku, location), terms_of(turn.rules)
    demand, days = demand_of(turn.state, sku, location, stock), source.lead_time.mean_days
    free, arrivals = max(on_hand_of(stock) - stock.ledger.reserved, 0), arrivals_of(stock, now_ms)
    item = bought_from(sku.item, source)
    soon = market_of(item, demand, days, now_ms, money)
    late = market_of(item, demand, days + source.review_period_days, now_ms, money)
    margin = soon.margin - soon.leftover_value
    after = demand.mean_per_day * (late.horizon_days - soon.horizon_days)
    buy = margin * (expected_sales(soon, free, arrivals) + after) - money.order_cost
    wait = margin * expected_sales(late, free, arrivals)
    return Choice(wait, buy, days, source.review_period_days, money.order_cost)


def ways_of(turn: Turn, lanes: Iterable[LaneDefined], now_ms: int) -> list[Way]:
    """Lanes as of now between locations that are not retired; a trip that leaves anyway costs nothing more."""
    ways, closed = [], {name for name, known in turn.state.core.locations.items() if known.retired}
    for lane in lanes:
        if lane.origin in closed or lane.destination in closed:
            continue
        departure = next_departure(turn.state.core, lane, now_ms)
        cost = trip_cost(turn.state, lane, departure.leaves_at_ms)
        days = lane.lead_time_days + departure.waits_days
        ways.append(Way(lane.origin, lane.destination, days, lane.cost_per_unit, cost))
    return ways


def runs_of(skus: Iterable[SkuState]) -> Runs:
    """The sizes of each style and colour, by name."""
    runs: dict[tuple[str, str], list[SkuState]] = {}
    for sku in skus:
        if sku.item.size and not sku.item.retired:
            runs.setdefault((sku.item.style, sku.item.colour), []).append(sku)
    return {run: sorted(found, key=lambda sku: sku.item.sku) for run, found in runs.items() if len(found) > 1}


def _run_worths(
    run: Sequence[SkuState], location: str, market_at: Callable[[SkuState, str], Market]
) -> dict[str, float]:
    """What the other sizes of a run would sell less while one is missing, by the one."""
    carried = {one.item.sku: one for one in run if location in one.locations}
    markets = {name: market_at(one, location) for name, one in carried.items()}
    total = sum(market.mean_per_day for market in markets.values())
    if len(carried) < 2 or total <= 0.0:
        return {}
    sizes = [
        Size(name, on_hand_of(one.locations[location]), markets[name].mean_per_day / total)
        for name, one in carried.items()
    ]
    earned = {
        size.sku: min(markets[size.sku].mean_per_day * markets[size.sku].horizon_days, max(size.on_hand, 0))
        * (markets[size.sku].margin - markets[size.sku].leftover_value)
        for size in sizes
    }
    least, everything = _least_major(sizes), sum(earned.values())
    return {
        size.sku: run_worth(sizes, size.sku, everything - earned[size.sku], least, _LOST_TO_BROKEN_RUN)
        for size in sizes
    }


def _least_major(sizes: Sequence[Size]) -> float:
    """Share of the least asked for of the major sizes."""
    together = 0.0
    for share in sorted((size.share for size in sizes), reverse=True):
        together += share
        if together >= _MAJOR_SHARE:
            return share
    return 1.0
