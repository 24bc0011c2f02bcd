"""Rescuing a location that falls short, at once, with units another one would sell less of.

A location falls short when it will probably sell out before the supplier could
deliver. Every lane that leads to it is weighed by itself (FORMULAS.md 3.13), which is
exact: a location has one open transfer of a SKU at most that is not late. The units that gain most
are proposed from the donor that earns most after its own loss and all costs. What
is compared with is buying now, or waiting where that is better, so nothing is
moved that the supplier brings as soon, and no transfer loses money or earns less than it has to.
"""

from inventory.reports import on_hand_of
from inventory.state import LocationStock
from inventory.transfers.chain import End, Setting, Way, arrivals_of, ends_of
from inventory.transfers.holdout import is_held_out
from inventory.transfers.proposals import Offer, best_units, open_transfer, reason_of
from inventory.transfers.setting import market_here, runs_of, setting_of, was_refused, ways_of
from inventory.transfers.value import Market, chance_of_running_out
from inventory.turn import Touched, Turn
from schemas.observations import LaneDefined

MILLISECONDS_PER_DAY = 86_400_000
PROBABLY = 0.5


def propose(turn: Turn, touched: Touched) -> None:
    """Propose a transfer to a location that falls short, if one pays."""
    stock, now_ms = touched.stock, turn.now_at(touched.stock)
    if touched.now_ms < 0 or not turn.state.core.lanes or not stock.ledger.opening_known:
        return
    if not stock.ever_sold or stock.awaits_transfer or is_held_out(stock, now_ms):
        return
    market = market_here(turn, touched.sku, touched.location, now_ms)
    free = max(on_hand_of(stock) - stock.ledger.reserved, 0)
    if not _falls_short(market, free, stock, now_ms):
        stock.short_units = -1
    elif not was_refused(stock, now_ms) and _is_news(stock, free, now_ms):
        stock.short_units, stock.short_looked_ms = free, now_ms
        _rescue(turn, touched, now_ms)


def _falls_short(market: Market, free: int, stock: LocationStock, now_ms: int) -> bool:
    if market.mean_per_day * market.horizon_days + 1.0 < free or market.mean_per_day <= 0.0:
        return False
    return chance_of_running_out(market, free, arrivals_of(stock, now_ms)) >= PROBABLY


def _is_news(stock: LocationStock, free: int, now_ms: int) -> bool:
    """Looked at once when it falls short, once when it is sold out, and again after a day."""
    first = stock.short_units < 0 or free <= 0 < stock.short_units
    return first or now_ms >= stock.short_looked_ms + MILLISECONDS_PER_DAY


def _rescue(turn: Turn, touched: Touched, now_ms: int) -> None:
    sku, lanes = touched.sku, turn.state.core.lanes
    known = (lanes.get(f"{origin}|{touched.location}") for origin in sorted(sku.locations))
    ways = {lane.origin: lane for lane in known if lane is not None}
    if not ways:
        return
    style = (sku.item.style, sku.item.colour)
    run = (one for one in turn.state.skus.values() if (one.item.style, one.item.colour) == style)
    offers = _offers(turn, touched, ways, setting_of(turn, runs_of(run), now_ms))
    if offers:
        best = offers[0]
        others = {offer.origin.location: _net(offer) for offer in offers[1:]}
        best = best._replace(others=others)
        open_transfer(turn, touched, ways[best.origin.location], best, reason_of(best))


def _offers(turn: Turn, touched: Touched, lanes: dict[str, LaneDefined], setting: Setting) -> list[Offer]:
    """Of every donor that earns something, the best first."""
    ways = ways_of(turn, lanes.values(), setting.now_ms)
    ends = {end.location: end for end in ends_of(touched.sku, ways, setting)}
    here = ends.get(touched.location)
    if here is None:
        return []
    offers = [_offer(ends[way.origin], here, way) for way in ways if way.origin in ends]
    least = turn.rules.transfer_least_gain
    paying = (offer for offer in offers if _net(offer) > 0.0 and _net(offer) >= least)
    return sorted(paying, key=lambda offer: (-_net(offer), offer.way.origin))


def _offer(origin: End, here: End, way: Way) -> Offer:
    units, _ = best_units(here, origin, way)
    return Offer(origin, here, way, units, way.cost_per_trip, "shortage", must_earn=way.cost_per_trip)


def _net(offer: Offer) -> float:
    return offer.won - offer.lost - offer.cost
