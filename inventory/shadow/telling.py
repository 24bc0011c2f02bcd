"""Between the fold and the comparison: who plays, with what, and the facts about it."""

import math
from datetime import date
from typing import NamedTuple

import numpy as np

from inventory.demand.learner import FURTHEST_DAYS, Judgement
from inventory.demand.panel.arrays import Array, Index, Mask
from inventory.outlook import PLAIN, Demand
from inventory.replenishment.policies import Costs
from inventory.replenishment.reorder import Terms as MoneyTerms
from inventory.replenishment.reorder import case_of, costs_of
from inventory.replenishment.rounding import Lots
from inventory.rules import Rules
from inventory.shadow.contest import Contestant, Terms, orders
from inventory.shadow.ledger import Money, Sums, summed
from inventory.state import SkuState
from inventory.supply import lead_time_of, supplier_of
from inventory.turn import Turn
from schemas.facts import ShadowLedger, utc
from schemas.observations import SupplierDefined

MILLISECONDS_PER_DAY = 86_400_000
IN_FORCE, SHADOW = "in_force", "shadow"
_EPOCH = date(1970, 1, 1).toordinal()
_NO_DEMAND = Demand(0.0, 0.0, 0, 1, PLAIN)


def end_day(turn: Turn, judgement: Judgement) -> None:
    """Play the day that was learned for both policies and say what it brought; nothing unless a shadow is asked for.

    Series begin with their real position at the end of the first day they are seen.
    """
    shadow, rules = turn.state.shadow, turn.rules
    if not rules.shadow_policy:
        shadow.stop()
        return
    contestants = contestants_of(rules)
    comparison = " / ".join(one.label for one in contestants)
    if shadow.comparison != comparison:
        shadow.begin(comparison, judgement.day + 1)
    known, items = len(shadow.carried), _items(turn)
    if known:
        _play(turn, judgement, items, contestants)
    _join(turn, items, known)
    shadow.changed = True


def contestants_of(rules: Rules) -> tuple[Contestant, Contestant]:
    """The policy in force and its shadow."""
    force = Contestant(IN_FORCE, "periodic_min_max", rules.cycle_service_level, rules.order_cover_days, 0.98)
    other = Contestant(
        SHADOW, rules.shadow_policy, rules.shadow_service_level, rules.shadow_order_cover_days, rules.shadow_fill_rate
    )
    return force, other


class _Item(NamedTuple):
    """What all series of an item have in common."""

    sku: SkuState
    supplier: SupplierDefined
    lots: Lots
    costs: Costs
    days: int


def _items(turn: Turn) -> list[_Item]:
    """In the order of the register's items."""
    return [_item(turn, turn.state.skus[name]) for name in turn.state.learner.register.items]


def _item(turn: Turn, sku: SkuState) -> _Item:
    supplier, item = supplier_of(turn, sku), sku.item
    lots = Lots(max(item.minimum_order_units, supplier.minimum_order_units), item.pack)
    days = min(math.floor(lead_time_of(supplier).mean_days + 0.5), FURTHEST_DAYS)
    return _Item(sku, supplier, lots, costs_of(item, MoneyTerms()), days)


def _play(turn: Turn, judgement: Judgement, items: list[_Item], contestants: tuple[Contestant, Contestant]) -> None:
    shadow, learner = turn.state.shadow, turn.state.learner
    n = len(shadow.carried)
    mine = [items[item] for item in learner.register.item[:n]]
    demand = shadow.wholes(judgement.demand[:n])
    terms, money = _terms(turn, judgement.day, mine), _money(mine)
    places, place = _places(turn, mine)
    for contestant, world in zip(contestants, (shadow.in_force, shadow.shadow), strict=True):
        played = world.pass_day(demand)
        ordered = orders(contestant, learner.levels(contestant.cycle_service_level)[:n], world, terms, judgement.day)
        world.order(judgement.day, ordered, terms.lead_days)
        sums = summed(played, ordered, money, place, len(places))
        for at, (location, currency) in enumerate(places):
            turn.saying.say(_fact(turn, judgement.day, contestant, location, currency, sums, at))


def _terms(turn: Turn, day: int, mine: list[_Item]) -> Terms:
    """Of the series that play, with the forecasts that were just made."""
    learner, n = turn.state.learner, len(mine)
    days = learner.days()[:n]
    mean, variance = learner.means()[:n] / days, learner.variances()[:n] / days
    return Terms(
        mean,
        variance,
        [lead_time_of(item.supplier) for item in mine],
        np.array([item.days for item in mine], dtype=np.int64),
        np.array([item.supplier.review_period_days for item in mine]),
        [item.lots for item in mine],
        [item.costs for item in mine],
        [_season_days(item, day) for item in mine],
        (mean > 0.0) & _replenished(turn, mine),
    )


def _season_days(item: _Item, day: int) -> float | None:
    end_ms = item.sku.item.season_end_ms
    return None if end_ms is None else max(end_ms / MILLISECONDS_PER_DAY - (day + 1), 0.0)


def _replenished(turn: Turn, mine: list[_Item]) -> Mask:
    register, locations = turn.state.learner.register, turn.state.core.locations
    known = [locations.get(name) for name in register.locations]
    open_there = np.array([place is None or (place.replenished and not place.retired) for place in known])
    sold_there = np.array([not item.sku.item.retired for item in mine])
    found: Mask = open_there[np.array(register.location[: len(mine)], dtype=np.intp)] & sold_there
    return found


def _money(mine: list[_Item]) -> Money:
    costs = [item.costs for item in mine]
    rows = [(one.margin, one.unit_cost, one.holding_per_day, one.order_cost) for one in costs]
    return Money(*np.array(rows).reshape(len(rows), 4).T)


def _places(turn: Turn, mine: list[_Item]) -> tuple[list[tuple[str, str]], Index]:
    """Locations and currencies that play, in order of their names, and the number of each series' own, (n,)."""
    register = turn.state.learner.register
    own = [
        (register.locations[at], item.sku.item.currency)
        for at, item in zip(register.location[: len(mine)], mine, strict=True)
    ]
    places = sorted(set(own))
    numbers = {place: number for number, place in enumerate(places)}
    return places, np.array([numbers[place] for place in own], dtype=np.intp)


def _join(turn: Turn, items: list[_Item], known: int) -> None:
    """Series that were not there yet, as they really stand."""
    shadow, register = turn.state.shadow, turn.state.learner.register
    n = min(len(register.item), len(turn.state.learner.means()))
    shadow.grow(n, max((item.days for item in items), default=0))
    for series in range(known, n):
        item, location = items[register.item[series]], register.locations[register.location[series]]
        on_hand, arrivals = _position(turn, item, location)
        for world in (shadow.in_force, shadow.shadow):
            world.stock(series, on_hand, arrivals)


def _position(turn: Turn, item: _Item, location: str) -> tuple[int, list[tuple[int, int]]]:
    """Units free to sell, and what comes when, but for a suggestion nobody answered. Transfers count as a delivery."""
    stock = turn.state.at(item.sku, location)
    case = case_of(
        stock,
        item.sku.item,
        _NO_DEMAND,
        lead_time_of(item.supplier),
        item.supplier.review_period_days,
        turn.now_at(stock),
        MoneyTerms(),
    )
    rest = case.position - case.on_hand - sum(units for _, units in case.arrivals)
    return case.on_hand, [*case.arrivals, (item.days, max(rest, 0))]


def _fact(
    turn: Turn, day: int, contestant: Contestant, location: str, currency: str, sums: Sums, at: int
) -> ShadowLedger:
    saying, shadow = turn.saying, turn.state.shadow
    return ShadowLedger(
        fact_id=saying.new_id("shadow", contestant.role, location, currency, str(day)),
        occurred_at=utc((day + 1) * MILLISECONDS_PER_DAY),
        day=date.fromordinal(_EPOCH + day),
        since=date.fromordinal(_EPOCH + shadow.since),
        location=location,
        currency=currency,
        comparison=shadow.comparison,
        role=contestant.role,  # type: ignore[arg-type]  # one of the two above
        policy=contestant.name,
        series=int(sums.series[at]),
        demand_units=int(sums.demand[at]),
        served_units=int(sums.served[at]),
        lost_units=int(sums.lost[at]),
        margin=_cents(sums.margin, at),
        lost_margin=_cents(sums.lost_margin, at),
        holding_cost=_cents(sums.holding, at),
        ordering_cost=_cents(sums.ordering, at),
        profit=_cents(sums.profit, at),
        orders=int(sums.orders[at]),
        purchased_units=int(sums.purchased[at]),
        purchases=_cents(sums.purchases, at),
        average_stock_units=_cents(sums.average_stock, at),
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )


def _cents(values: Array, at: int) -> float:
    """To the hundredth part of a cent."""
    return round(float(values[at]), 4)
