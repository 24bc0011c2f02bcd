"""What to move between locations, for all SKUs together: at the end of a day, once its demand has been learned.

SKUs that go the same way share the trip, so moves that pay for none alone may pay for
several. A SKU is looked at where some location may run short and another has units
beyond what it keeps.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from inventory.state import SkuState
from inventory.supply import is_replenished
from inventory.transfers.chain import End, Setting, Way, ends_of, plan_of
from inventory.transfers.holdout import is_drawn
from inventory.transfers.lanes import Trip
from inventory.transfers.proposals import Offer, new_order_id, open_transfer, reason_of
from inventory.transfers.setting import runs_of, setting_of, ways_of
from inventory.turn import Turn

_ROUNDS = 4
_SCATTER = 3.0

Bar = tuple[str, str, str]


class _Move(NamedTuple):
    """A line of a trip."""

    origin: str
    destination: str
    sku: str
    units: int
    gain: float
    fixed_cost: float = 0.0
    sharing: int = 1
    must_earn: float = 0.0

    @property
    def key(self) -> Bar:
        return self.origin, self.destination, self.sku


def plan_day(turn: Turn) -> None:
    """Propose the transfers of the day that begins."""
    state, now_ms = turn.state, turn.state.core.clock_ms
    lanes = [state.core.lanes[key] for key in sorted(state.core.lanes)]
    if not lanes:
        return
    ways = ways_of(turn, lanes, now_ms)
    setting = _setting(turn, now_ms)
    ends: dict[str, dict[str, End]] = {}
    for name in sorted(state.skus):
        found = {end.location: end for end in ends_of(state.skus[name], ways, setting)}
        if found:
            ends[name] = found
    on_lane = {(lane.origin, lane.destination): lane for lane in lanes}
    by_lane = {(way.origin, way.destination): way for way in ways}
    for move in _sent(turn, _moves(ends, ways, turn.rules.transfer_least_gain), ways):
        sku, way = state.skus[move.sku], by_lane[move.origin, move.destination]
        touched = turn.touch(sku, move.destination, now_ms)
        touched.now_ms = max(touched.now_ms, now_ms)
        here, donor = ends[move.sku][move.destination], ends[move.sku][move.origin]
        offer = Offer(donor, here, way, move.units, move.fixed_cost, "day_end", move.sharing, must_earn=move.must_earn)
        open_transfer(turn, touched, on_lane[move.origin, move.destination], offer, reason_of(offer))


def _setting(turn: Turn, now_ms: int) -> Setting:
    setting = setting_of(turn, runs_of(turn.state.skus.values()), now_ms)
    free_to_take = setting.may_take

    def may_take(sku: SkuState, location: str) -> bool:
        return is_replenished(turn.state, sku, location, now_ms) and free_to_take(sku, location)

    return setting._replace(may_take=may_take)


def _sent(turn: Turn, moves: list[_Move], ways: Sequence[Way]) -> list[_Move]:
    """The moves, those that are held out as they were planned; the trips of the others have to pay without them."""
    share = turn.rules.transfer_holdout_share
    held = [move for move in moves if is_drawn(new_order_id(turn, move.sku, move.destination), share)]
    if not held:
        return moves
    rest = [move for move in moves if move not in held]
    return held + _paying(rest, ways, turn.rules.transfer_least_gain)


def _moves(ends: dict[str, dict[str, End]], ways: Sequence[Way], least: float) -> list[_Move]:
    """One origin at most for a SKU at a destination: where a plan has several, only the best may be chosen again."""
    barred: set[Bar] = set()
    opened: set[tuple[str, str]] = set()
    for _ in range(_ROUNDS):
        moves = [move for trip in plan_of(ends, ways, frozenset(barred), opened) for move in _lines(trip)]
        opened = {(move.origin, move.destination) for move in moves}
        second = _second(moves)
        if not second:
            return _paying(moves, ways, least)
        barred |= second
    return _paying([move for move in moves if move.key not in second], ways, least)


def _second(moves: Sequence[_Move]) -> set[Bar]:
    """Moves of a SKU to a destination that gets it from a better origin too."""
    best: dict[tuple[str, str], _Move] = {}
    for move in moves:
        known = best.get((move.destination, move.sku))
        if known is None or move.gain > known.gain:
            best[move.destination, move.sku] = move
    return {move.key for move in moves if best[move.destination, move.sku] is not move}


def _lines(trip: Trip) -> list[_Move]:
    return [
        _Move(trip.origin, trip.destination, line.sku, line.units, gain)
        for line, gain in zip(trip.lines, trip.gains, strict=True)
    ]


def _paying(moves: Sequence[_Move], ways: Sequence[Way], least: float) -> list[_Move]:
    """Those whose trip pays with what is on it; its cost is divided as its lines gain, and leaves each ``least``."""
    paying: list[_Move] = []
    for way in ways:
        mine = [move for move in moves if (move.origin, move.destination) == (way.origin, way.destination)]
        lines = [(move, move.gain - move.units * way.cost_per_unit) for move in mine]
        while lines and not _pay(lines, way, least):
            lines.remove(min(lines, key=lambda line: line[1]))
        total = math.fsum(net for _, net in lines)
        for move, net in lines:
            unpaid = max(way.cost_per_trip - (total - net), 0.0)
            share = way.cost_per_trip * net / total
            paying.append(move._replace(fixed_cost=share, sharing=len(lines), must_earn=unpaid))
    return paying


def _pay(lines: Sequence[tuple[_Move, float]], way: Way, least: float) -> bool:
    """Whether the trip pays, and its poorest line has ``least`` left after its part of it."""
    nets = [net for _, net in lines]
    total = math.fsum(nets)
    return total > way.cost_per_trip and min(nets) * (1.0 - way.cost_per_trip / total) >= least
