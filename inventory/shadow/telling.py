"""Between the fold and the comparison: who plays, with what, and the facts about it."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, NamedTuple

import numpy as np

from inventory.demand.learner import FURTHEST_DAYS, Judgement
from inventory.demand.panel.arrays import Array, Index
from inventory.outlook import PLAIN, Demand, levels_at, service_asked
from inventory.reordering import terms_of
from inventory.replenishment.policies import Costs
from inventory.replenishment.reorder import case_of, costs_of
from inventory.shadow import promotion
from inventory.shadow.contest import Contestant, Terms, comparison_of, contestants_of, orders
from inventory.shadow.ledger import Money, Sums, summed
from inventory.shadow.trial import Brought, Trial
from inventory.shadow.world import Units, World
from inventory.state import SkuState
from inventory.supply import Source, bought_from, is_replenished, source_of
from inventory.turn import Turn
from schemas.facts import ShadowLedger, utc

MILLISECONDS_PER_DAY = 86_400_000
Role = Literal["in_force", "shadow"]
ROLES: Final[tuple[Role, Role]] = ("in_force", "shadow")
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
    comparison = comparison_of(rules)
    if shadow.comparison != comparison:
        shadow.begin(comparison, judgement.day + 1)
    known, everybody = len(shadow.carried), _all_series(turn)
    shadow.grow(known, max((series.days for series in everybody), default=0))
    if known:
        _play(turn, judgement, everybody[:known])
    _join(turn, everybody, known)
    shadow.changed = True


class _Series(NamedTuple):
    """One series and where its goods come from."""

    sku: SkuState
    location: str
    source: Source
    costs: Costs

    @property
    def days(self) -> int:
        """Whole days from order to receipt, expected."""
        return min(math.floor(self.source.lead_time.mean_days + 0.5), FURTHEST_DAYS)


def _all_series(turn: Turn) -> list[_Series]:
    """Those that have a forecast, in the order of the learner."""
    register, terms = turn.state.learner.register, terms_of(turn.rules)
    skus = [turn.state.skus[name] for name in register.items]
    costs = [costs_of(sku.item, terms) for sku in skus]
    own = list(zip(register.item, register.location, strict=True))[: len(turn.state.learner.means())]
    found = []
    for at, place in own:
        sku, location = skus[at], register.locations[place]
        source = source_of(turn, sku, location)
        item = bought_from(sku.item, source)
        money = costs[at] if item is sku.item else costs_of(item, terms)
        found.append(_Series(sku, location, source, money))
    return found


def _play(turn: Turn, judgement: Judgement, mine: list[_Series]) -> None:
    shadow, day, n = turn.state.shadow, judgement.day, len(mine)
    demand, rows = shadow.wholes(judgement.demand[:n]), _rows(mine)
    terms, money = _terms(turn, day, mine), _money(mine)
    places, place = _places(mine)
    for currency in rows:
        shadow.trials.setdefault(currency, Trial(shadow.since))
    facts = []
    for role, world in zip(ROLES, (shadow.in_force, shadow.shadow), strict=True):
        plays = {currency: getattr(trial, role) for currency, trial in shadow.trials.items()}
        played = world.pass_day(demand)
        ordered = _ordered(turn, world, plays, mine, terms, day)
        world.order(day, ordered, terms.lead_days)
        sums = summed(played, ordered, money, place, len(places))
        facts += [_fact(turn, day, role, plays[where[1]], where, sums, at) for at, where in enumerate(places)]
    for fact in facts:
        turn.saying.say(fact)
    promotion.end_day(turn, day, _brought(facts), rows)


def _ordered(turn: Turn, world: World, plays: Mapping[str, int], mine: list[_Series], terms: Terms, day: int) -> Units:
    """Units to order in a world, (n,), where ``plays`` says by which contestant in which currency."""
    number = np.array([plays[series.sku.item.currency] for series in mine])
    ordered = np.zeros(len(mine), dtype=np.int64)
    for at, contestant in enumerate(contestants_of(turn.rules)):
        its = number == at
        if its.any():
            own = terms._replace(deciding=terms.deciding & its)
            ordered += orders(contestant, _levels(turn, contestant, mine), world, own, day)
    return ordered


def _rows(mine: list[_Series]) -> dict[str, Index]:
    """The series of each currency."""
    currencies = np.array([series.sku.item.currency for series in mine])
    return {str(currency): np.flatnonzero(currencies == currency) for currency in np.unique(currencies)}


def _brought(facts: list[ShadowLedger]) -> dict[str, Brought]:
    """The day in each currency, as it is said; exactly nothing more where both worlds are told the same."""
    brought = {}
    for currency in {fact.currency: None for fact in facts}:
        own = [fact for fact in facts if fact.currency == currency]
        profit = {role: math.fsum(fact.profit for fact in own if fact.role == role) for role in ROLES}
        served = {role: sum(fact.served_units for fact in own if fact.role == role) for role in ROLES}
        demand = sum(fact.demand_units for fact in own if fact.role == "in_force")
        more = profit["shadow"] - profit["in_force"]
        brought[currency] = Brought(more, demand, served["in_force"], served["shadow"])
    return brought


def _levels(turn: Turn, contestant: Contestant, mine: list[_Series]) -> Array:
    """Where forecasts are read so that they deliver what is asked for, (n,); an item's own service level goes first."""
    asked = [service_asked(series.sku.item, contestant.cycle_service_level) for series in mine]
    return levels_at(turn.state, np.array(asked))


def _terms(turn: Turn, day: int, mine: list[_Series]) -> Terms:
    """Of the series that play, with the forecasts that were just made."""
    learner, n = turn.state.learner, len(mine)
    days = learner.days()[:n]
    mean, variance = learner.means()[:n] / days, learner.variances()[:n] / days
    sources, now_ms = [series.source for series in mine], (day + 1) * MILLISECONDS_PER_DAY
    return Terms(
        mean,
        variance,
        [source.lead_time for source in sources],
        np.array([series.days for series in mine], dtype=np.int64),
        np.array([source.review_period_days for source in sources]),
        [source.lots for source in sources],
        [series.costs for series in mine],
        [_season_days(series, day) for series in mine],
        (mean > 0.0) & np.array([_orders(turn, one, now_ms) for one in mine], dtype=np.bool_),
        turn.rules.rounding,
    )


def _orders(turn: Turn, series: _Series, now_ms: int) -> bool:
    return not series.source.barred and is_replenished(turn.state, series.sku, series.location, now_ms)


def _season_days(series: _Series, day: int) -> float | None:
    end_ms = series.sku.item.season_end_ms
    return None if end_ms is None else max(end_ms / MILLISECONDS_PER_DAY - (day + 1), 0.0)


def _money(mine: list[_Series]) -> Money:
    costs = [series.costs for series in mine]
    rows = [(one.margin, one.unit_cost, one.holding_per_day, one.order_cost) for one in costs]
    return Money(*np.array(rows).reshape(len(rows), 4).T)


def _places(mine: list[_Series]) -> tuple[list[tuple[str, str]], Index]:
    """Locations and currencies that play, in order of their names, and the number of each series' own, (n,)."""
    own = [(series.location, series.sku.item.currency) for series in mine]
    places = sorted(set(own))
    numbers = {place: number for number, place in enumerate(places)}
    return places, np.array([numbers[place] for place in own], dtype=np.intp)


def _join(turn: Turn, everybody: list[_Series], known: int) -> None:
    """Series that were not there yet, as they really stand."""
    shadow = turn.state.shadow
    shadow.grow(len(everybody), max((series.days for series in everybody), default=0))
    for at in range(known, len(everybody)):
        on_hand, arrivals = _position(turn, everybody[at])
        for world in (shadow.in_force, shadow.shadow):
            world.stock(at, on_hand, arrivals)


def _position(turn: Turn, series: _Series) -> tuple[int, list[tuple[int, int]]]:
    """Units free to sell, and what comes when and is not owed, but for a suggestion nobody answered."""
    stock, source = turn.state.at(series.sku, series.location), series.source
    now_ms, terms = turn.now_at(stock), terms_of(turn.rules)
    case = case_of(stock, series.sku.item, _NO_DEMAND, source.lead_time, source.review_period_days, now_ms, terms)
    arrivals, _ = case.free_arrivals()
    return case.on_hand, arrivals


def _fact(turn: Turn, day: int, role: Role, number: int, where: tuple[str, str], sums: Sums, at: int) -> ShadowLedger:
    location, currency = where
    saying, trial = turn.saying, turn.state.shadow.trials[currency]
    return ShadowLedger(
        fact_id=saying.new_id("shadow", role, location, currency, str(day)),
        occurred_at=utc((day + 1) * MILLISECONDS_PER_DAY),
        day=date.fromordinal(_EPOCH + day),
        since=date.fromordinal(_EPOCH + trial.since),
        location=location,
        currency=currency,
        comparison=promotion.pair(turn.rules, trial),
        role=role,
        policy=contestants_of(turn.rules)[number].name,
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
