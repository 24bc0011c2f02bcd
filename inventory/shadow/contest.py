"""Both policies at a day's end: the same demand, forecasts, lead times and money, each with its own stock."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from inventory.demand.panel.arrays import Array, Mask
from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.policies import AnyPolicy, Case, Costs
from inventory.replenishment.policies.named import named
from inventory.replenishment.policies.until_season_end import UntilSeasonEnd
from inventory.replenishment.reorder import Decision, Rounding, decide, decide_many
from inventory.replenishment.rounding import Lots
from inventory.rules import Rules, candidates
from inventory.shadow.world import Units, World


class Contestant(NamedTuple):
    """A policy by its name and numbers."""

    name: str
    cycle_service_level: float
    order_cover_days: float
    fill_rate: float

    @property
    def label(self) -> str:
        """Its name with the numbers that it takes."""
        return repr(named(self.name, self.cycle_service_level, self.order_cover_days, self.fill_rate))


def contestants_of(rules: Rules) -> list[Contestant]:
    """The policy that rules name, and then its challengers."""
    return [
        Contestant(one.policy, one.cycle_service_level, one.order_cover_days, one.fill_rate)
        for one in candidates(rules)
    ]


def comparison_of(rules: Rules) -> str:
    """All of them with their numbers; empty without a shadow."""
    return " / ".join(one.label for one in contestants_of(rules)) if rules.shadow_policy else ""


class Terms(NamedTuple):
    """What decisions rest on, the same for both: one entry a series, n of them."""

    mean_per_day: Array
    variance_per_day: Array
    lead_times: Sequence[LeadTime]
    lead_days: Units
    """Expected, whole."""
    review_days: Array
    lots: Sequence[Lots]
    costs: Sequence[Costs]
    season_days: Sequence[float | None]
    deciding: Mask
    """What is replenished at all, and has a demand."""
    rounding: Rounding = "up"


def orders(contestant: Contestant, levels: Array, world: World, terms: Terms, day: int) -> Units:
    """Units to order at the end of ``day``, (n,); forecasts are read at ``levels`` (n,).

    As orders are really decided: nothing that would be left when a season ends, and a policy that orders at every
    review does so once in a review period.
    """
    ordered = np.zeros(len(levels), dtype=np.int64)
    cases, waited = _cases(world, terms), day - world.ordered
    for level in np.unique(levels[terms.deciding]):
        rows = np.flatnonzero(terms.deciding & (levels == level)).tolist()
        policy = named(contestant.name, float(level), contestant.order_cover_days, contestant.fill_rate)
        for row, decision in _decided(policy, float(level), rows, cases, terms):
            if not decision.answer.at_every_review or waited[row] >= terms.review_days[row]:
                ordered[row] = decision.quantity
    return ordered


def _decided(
    policy: AnyPolicy, level: float, rows: list[int], cases: Sequence[Case], terms: Terms
) -> Iterator[tuple[int, Decision]]:
    """Those without a season's end at once, the others one by one."""
    lasting = [row for row in rows if terms.season_days[row] is None]
    lots = [terms.lots[row] for row in lasting]
    yield from zip(lasting, decide_many(policy, [cases[row] for row in lasting], lots, terms.rounding), strict=True)
    for row in rows:
        if terms.season_days[row] is not None:
            yield row, decide(UntilSeasonEnd(policy, level), cases[row], terms.lots[row], terms.rounding)


def _cases(world: World, terms: Terms) -> list[Case]:
    """Each series as the policy of this world sees it."""
    arrivals: list[list[tuple[int, int]]] = [[] for _ in range(len(world))]
    for row, days in np.argwhere(world.coming):
        arrivals[row].append((int(days), int(world.coming[row, days])))
    columns = (
        terms.mean_per_day.tolist(),
        terms.variance_per_day.tolist(),
        terms.lead_times,
        terms.review_days.tolist(),
        world.position.tolist(),
        world.on_hand.tolist(),
        map(tuple, arrivals),
        terms.costs,
        terms.season_days,
    )
    return [Case(*row) for row in zip(*columns, strict=True)]
