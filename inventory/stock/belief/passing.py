"""Time passing: units are lost unseen, move between zones, and do not sell where there are none."""

from math import exp

from inventory.stock.belief import cells as units
from inventory.stock.belief import pairs
from inventory.stock.belief.carrying import carry
from inventory.stock.belief.state import Belief, Losses, Place, Where

MILLISECONDS_PER_DAY = 86_400_000
_BEHIND_PLACE, _BEHIND_SKU, _BEHIND_BOTH = 10.0, 1.5, 4.0
"""Losses that must be seen before a place, a SKU, or a SKU at a place speaks as loud as what is usual above it."""

_REMEMBERED_DAYS = 21.0
"""The chain's rate is known badly at first, and what it was wrong by is not held against place and SKU for longer."""

_FARTHEST = 20.0
_FASTEST = 0.3
"""Share of the units lost a day that no rate goes beyond."""

_MOST_STEPS = 14
_LEAST_DAYS = 0.1
_MISSCANNED = 0.01
_MOST_SILENT = 5.0
_NOT_WANTED = 0.01
"""The chance that goods lie there after any silence of the till: nobody wants them now."""

_ALL_GONE_A_DAY = 1e-4
"""How often everything of a SKU is gone at once: carried off, sent away or sold past the books, in one go."""


def sale_rate(belief: Belief, place: Place) -> float:
    """Units a day while there are some: a gamma posterior around the place's own mean."""
    typical = (place.sold + 0.6) / (place.exposed_days + 2.0)
    return (belief.sold + 2.0 * typical) / (belief.exposed_days + 2.0)


def loss_rate(belief: Belief, where: Where) -> float:
    """Share of the units that is lost unseen a day: the chain's, times what is special to place, SKU, and both."""
    usual = where.chain.loss_per_day * losing(where.place.losses, _BEHIND_PLACE) * losing(where.losses, _BEHIND_SKU)
    return min(max(usual * losing(belief.losses, _BEHIND_BOTH), 1e-5), _FASTEST)


def losing(losses: Losses, behind: float) -> float:
    """How many times more is lost than was expected: the mean of Gamma(behind + lost, behind + expected).

    Bounded: three of these multiply, and where one SKU at one place is all there is they would drive each other on.
    """
    times = (behind + max(losses.lost, 0.0)) / (behind + losses.expected)
    return min(max(times, 1.0 / _FARTHEST), _FARTHEST)


def losing_of_tags(belief: Belief, where: Where) -> float:
    """How many times more of this SKU is lost here than in the chain."""
    return loss_rate(belief, where) / where.chain.loss_per_day


def _expose(belief: Belief, where: Where, unit_days: float, lost: float) -> None:
    usual = unit_days * where.chain.loss_per_day
    here, sku = losing(where.place.losses, _BEHIND_PLACE), losing(where.losses, _BEHIND_SKU)
    for losses, more in ((where.place.losses, sku), (where.losses, here), (belief.losses, here * sku)):
        _fade(losses, belief.at_ms)
        losses.lost += lost
        losses.expected += usual * more


def _fade(losses: Losses, at_ms: int) -> None:
    """What was lost long ago, and what was expected to be, counts less and less."""
    if 0 <= losses.at_ms < at_ms:
        kept = exp((losses.at_ms - at_ms) / (_REMEMBERED_DAYS * MILLISECONDS_PER_DAY))
        losses.lost, losses.expected = losses.lost * kept, losses.expected * kept
    losses.at_ms = max(losses.at_ms, at_ms)


def advance(belief: Belief, where: Where, at_ms: int) -> None:
    """Bring the belief to ``at_ms``; less than a tenth of a day on it stays."""
    if belief.at_ms < 0 or not belief.cells:
        belief.at_ms = max(belief.at_ms, at_ms)
        return
    days = (at_ms - belief.at_ms) / MILLISECONDS_PER_DAY
    if days < _LEAST_DAYS:
        return
    belief.at_ms = at_ms
    pairs.settle(belief)
    steps = min(max(round(days), 1), _MOST_STEPS)
    trades, belief.place_sold = where.place.sold > belief.place_sold >= 0.0, where.place.sold
    for _ in range(steps):
        _pass(belief, where, days / steps, trades=trades)
    carry(belief, where.chain)


def _pass(belief: Belief, where: Where, days: float, *, trades: bool) -> None:
    """A day or less; that nothing was sold says something only if the place sold anything."""
    place = where.place
    sells, lost = sale_rate(belief, place), loss_rate(belief, where)
    there = 1.0 - belief.cells.get(0, 0.0)
    if trades:
        silent = max(exp(-min(sells * days, _MOST_SILENT)), _least(there))
        belief.cells = units.weighted(belief.cells, lambda cell: silent if units.total(cell) else 1.0)
        belief.exposed_days += days * there
        place.exposed_days += days * there
    average = units.mean(belief.cells, units.total)
    belief.cells = units.lose(belief.cells, min(lost * days, 0.5))
    belief.cells = units.vanish(belief.cells, min(_ALL_GONE_A_DAY * days, 0.01))
    belief.cells = units.leave_one(belief.cells, min(_MISSCANNED * sells * days, 0.2) * there)
    _expose(belief, where, average * days, lost * average * days)
    _age(belief, where, days, lost + _MISSCANNED * sells / max(average, 1.0))


def _least(there: float) -> float:
    """The least weight of a silence: it may be demand that is gone, so that alone it makes no shelf surely empty."""
    return min(_NOT_WANTED / (1.0 - _NOT_WANTED) * (1.0 - there) / there, 1.0) if there > 0.0 else 1.0


def _age(belief: Belief, where: Where, days: float, leaves: float) -> None:
    stays = max(1.0 - leaves * days, 0.5)
    for tag in belief.tags.values():
        tag.presence *= stays
        if tag.presence > 1e-3:
            tag.zones = _drifted(tag.zones, where, days)


def _drifted(zones: list[float], where: Where, days: float) -> list[float]:
    """Now and then goods are carried anywhere; ``carrying`` is for those that fill the floor again."""
    chain = where.chain
    wander = min(chain.wandered / chain.tag_days * days, 0.2)
    return [share * (1.0 - wander) + wander * usual for share, usual in zip(zones, where.place.shares, strict=True)]
