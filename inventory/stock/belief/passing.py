"""Time passing: units are lost unseen, move between zones, and do not sell where there are none."""

from math import exp

from inventory.stock.belief import cells as units
from inventory.stock.belief.state import BACK, FLOOR, Belief, Place, Where

MILLISECONDS_PER_DAY = 86_400_000
LOSS_PRIOR_PER_DAY = 0.006
_LOSS_PRIOR_UNIT_DAYS = 300.0
_LOSSES_BEHIND_PLACE = 2.0
_MOST_STEPS = 14
_LEAST_DAYS = 0.1
_MISSCANNED = 0.01
_MOST_SILENT = 5.0


def sale_rate(belief: Belief, place: Place) -> float:
    """Units a day while there are some: a gamma posterior around the place's own mean."""
    typical = (place.sold + 0.6) / (place.exposed_days + 2.0)
    return (belief.sold + 2.0 * typical) / (belief.exposed_days + 2.0)


def loss_rate(belief: Belief, where: Where) -> float:
    """Share of the units that is lost unseen a day: the SKU's, drawn to the place's, drawn to the chain's."""
    everywhere = _pooled(where.chain.lost, where.chain.unit_days, LOSS_PRIOR_PER_DAY)
    here = _pooled(where.place.lost, where.place.unit_days, everywhere)
    behind = _LOSSES_BEHIND_PLACE / here
    return (_LOSSES_BEHIND_PLACE + max(belief.lost, 0.0)) / (behind + belief.unit_days)


def _pooled(lost: float, unit_days: float, prior_per_day: float) -> float:
    rate = (_LOSS_PRIOR_UNIT_DAYS * prior_per_day + max(lost, 0.0)) / (_LOSS_PRIOR_UNIT_DAYS + unit_days)
    return max(rate, 1e-5)


def advance(belief: Belief, where: Where, at_ms: int) -> None:
    """Bring the belief to ``at_ms``; less than a tenth of a day on it stays."""
    if belief.at_ms < 0 or not belief.cells:
        belief.at_ms = max(belief.at_ms, at_ms)
        return
    days = (at_ms - belief.at_ms) / MILLISECONDS_PER_DAY
    if days < _LEAST_DAYS:
        return
    belief.at_ms = at_ms
    steps = min(max(round(days), 1), _MOST_STEPS)
    trades, belief.place_sold = where.place.sold > belief.place_sold >= 0.0, where.place.sold
    for _ in range(steps):
        _pass(belief, where, days / steps, trades=trades)


def _pass(belief: Belief, where: Where, days: float, *, trades: bool) -> None:
    """A day or less; that nothing was sold says something only if the place sold anything."""
    place, chain = where
    sells, lost = sale_rate(belief, place), loss_rate(belief, where)
    there = 1.0 - belief.cells.get(0, 0.0)
    if trades:
        silent = exp(-min(sells * days, _MOST_SILENT))
        belief.cells = units.weighted(belief.cells, lambda cell: silent if units.total(cell) else 1.0)
        belief.exposed_days += days * there
        place.exposed_days += days * there
    average = units.mean(belief.cells, units.total)
    belief.cells = units.lose(belief.cells, min(lost * days, 0.5))
    belief.cells = units.leave_one(belief.cells, min(_MISSCANNED * sells * days, 0.2) * there)
    for counter in (belief, place, chain):
        counter.unit_days += average * days
        counter.lost += lost * average * days
    _age(belief, where, days, lost + _MISSCANNED * sells / max(average, 1.0))


def _age(belief: Belief, where: Where, days: float, leaves: float) -> None:
    stays = max(1.0 - leaves * days, 0.5)
    for tag in belief.tags.values():
        tag.presence *= stays
        if tag.presence > 1e-3:
            tag.zones = _drifted(tag.zones, where, days)


def _drifted(zones: list[float], where: Where, days: float) -> list[float]:
    """Goods are carried to the floor at the rate that was seen, and now and then anywhere."""
    chain = where.chain
    wander = min(chain.wandered / chain.tag_days * days, 0.2)
    after = [share * (1.0 - wander) + wander * usual for share, usual in zip(zones, where.place.shares, strict=True)]
    carried = after[BACK] * (1.0 - exp(-chain.carried / chain.back_days * days))
    after[BACK] -= carried
    after[FLOOR] += carried
    return after
