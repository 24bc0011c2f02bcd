"""Deciding for many at once equals deciding one by one, and the quick quantiles are the exact ones."""

import itertools
import random
from typing import get_args

import msgspec
import numpy as np
import pytest
from scipy import stats

from inventory.demand.daily import DailyDemand
from inventory.outlook import PANEL, Demand
from inventory.replenishment.distribution import counts
from inventory.replenishment.lead_time import LeadTime, counts_over, stated
from inventory.replenishment.orders import Order, OrderBook
from inventory.replenishment.policies import (
    AnyPolicy,
    Case,
    Costs,
    MinMax,
    Newsvendor,
    PeriodicMinMax,
    QuantileBaseStock,
)
from inventory.replenishment.policies.until_season_end import UntilSeasonEnd
from inventory.replenishment.protection import protect
from inventory.replenishment.reorder import Rounding, Terms, case_of, decide, decide_many
from inventory.replenishment.rounding import Lots
from inventory.replenishment.suppliers import prior_of
from inventory.state import LocationStock
from inventory.stock.ledger import Ledger
from schemas.observations import ItemDefined
from tests.inventory.logs import DAY, START

LEAD_TIMES = [stated(7, 2), stated(2, 0), stated(21, 6), LeadTime((1.0,)), prior_of(9, 3)]


def rows(number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Means from slow to fast, a third of them Poisson, some without demand."""
    chance = np.random.default_rng(seed)
    means = np.exp(chance.normal(-0.5, 2.0, number))
    variances = means * (1.0 + chance.gamma(1.0, 2.0, number))
    variances[::3] = means[::3]
    means[::11] = 0.0
    return means, variances


@pytest.mark.parametrize("lead_time", LEAD_TIMES, ids=lambda lead_time: f"{lead_time.mean_days:.0f} days")
@pytest.mark.parametrize(("more_days", "probability"), [(1.0, 0.95), (7.0, 0.8), (0.5, 0.999)])
def test_quick_quantiles_are_the_exact_ones(lead_time: LeadTime, more_days: float, probability: float) -> None:
    means, variances = rows(120, 5)
    found = protect(means, variances, [lead_time] * len(means), np.full(len(means), more_days), probability)
    for place in range(len(means)):
        exact = counts_over(means[place], variances[place], lead_time, more_days)
        units = int(found.units[place])
        assert units == exact.quantile(probability)
        assert found.probability_enough[place] == pytest.approx(float(exact.cdf[units]), abs=1e-9)
        assert found.shortage_units[place] == pytest.approx(exact.shortage(units), abs=1e-7, rel=1e-6)
        assert found.mean[place] == pytest.approx(exact.mean, abs=1e-9, rel=1e-8)
        assert found.variance[place] == pytest.approx(exact.variance, abs=1e-9, rel=1e-5)


@pytest.mark.parametrize(("mean", "ratio"), [(90.0, 1.0), (400.0, 6.0), (5000.0, 80.0)])
def test_quick_quantiles_of_large_demand(mean: float, ratio: float) -> None:
    """P(0) of these is too small for a number; distribution functions are asked instead."""
    found = protect(np.array([mean]), np.array([mean * ratio]), [stated(7, 2)], np.array([1.0]), 0.97)
    exact = counts_over(mean, mean * ratio, stated(7, 2), 1.0)
    assert found.units[0] == exact.quantile(0.97)
    assert found.shortage_units[0] == pytest.approx(exact.shortage(int(found.units[0])), rel=1e-6)


def cases(number: int, seed: int) -> tuple[list[Case], list[Lots]]:
    chance = random.Random(seed)
    means, variances = rows(number, seed)
    told = [
        Case(
            float(mean),
            float(variance),
            chance.choice(LEAD_TIMES),
            chance.choice([1.0, 7.0]),
            chance.randint(-3, 60),
            chance.randint(0, 9),
            ((2, chance.randint(1, 5)),),
            Costs(10.0, chance.choice([4.0, 12.0]), 0.01, chance.choice([0.0, 5.0]), 3.0),
            chance.choice([None, 30.0]),
        )
        for mean, variance in zip(np.minimum(means, 20.0), np.minimum(variances, 90.0), strict=True)
    ]
    return told, [Lots(chance.choice([0, 12]), chance.choice([1, 6])) for _ in told]


@pytest.mark.parametrize("policy", [QuantileBaseStock(0.97), PeriodicMinMax(0.9, 7.0)], ids=lambda p: type(p).__name__)
def test_many_at_once_are_those_one_by_one_to_the_last_bit(policy: QuantileBaseStock | PeriodicMinMax) -> None:
    told, lots = cases(700, 2)
    alone = [decide(policy, case, lot) for case, lot in zip(told, lots, strict=True)]
    assert decide_many(policy, told, lots) == alone
    assert decide_many(policy, told[::-1], lots[::-1]) == alone[::-1]


@pytest.mark.parametrize(
    "policy", [policy() for policy in get_args(AnyPolicy)], ids=lambda policy: type(policy).__name__
)
@pytest.mark.parametrize("rounding", get_args(Rounding))
def test_every_policy_decides_many_with_every_rounding(policy: AnyPolicy, rounding: Rounding) -> None:
    told, lots = cases(24, 3)
    decisions = decide_many(policy, told, lots, rounding)
    assert decisions == [decide(policy, case, lot, rounding) for case, lot in zip(told, lots, strict=True)]
    for decision, lot in zip(decisions, lots, strict=True):
        assert decision.quantity % lot.pack_units == 0
        assert decision.quantity == 0 or decision.quantity >= lot.minimum_order_units
        assert decision.rounding_units == decision.quantity - decision.answer.need_units


def test_an_economic_order_leaves_a_dear_minimum() -> None:
    """A need of one or two of a slow seller, the minimum 48: rounded up 48 come, economically none.

    Where its season ends none come by any rounding, but of a few that sell the pack that covers the need does.
    """
    case = Case(0.05, 0.05, stated(7, 2), 7.0, 0, costs=Costs(10.0, 2.0, 0.01))
    assert decide(QuantileBaseStock(), case, Lots(48, 1)).quantity == 48
    assert decide(QuantileBaseStock(), case, Lots(48, 1), "economic").quantity == 0
    ending = msgspec.structs.replace(case, season_days=60.0)
    assert decide(QuantileBaseStock(), ending, Lots(48, 1)).quantity == 0
    few = decide(QuantileBaseStock(), ending, Lots(0, 2))
    assert few.quantity == -(-few.answer.need_units // 2) * 2 == 2


def test_economic_rounding_loses_what_the_season_does_not_sell_and_only_holds_the_rest() -> None:
    """5 a day over a week and a day, 60 days of season: the 53rd unit may be left after the interval, never at the end.

    It costs 0.04 a day to hold where it is not sold and earns 2 where it is, with more than 5 %. By brute force over
    all quantities, of the same terms as the newsvendor's: margin, holding, loss at the season's end.
    """
    case = Case(5.0, 7.5, stated(7, 2), 1.0, 0, costs=Costs(58.0, 2.0, 0.04), season_days=60.0)
    need = QuantileBaseStock().decide(case).need_units
    found = decide(QuantileBaseStock(), case, Lots(0, 1), "economic")
    days = [(day, weight) for day, weight in enumerate(case.lead_time.weights) if weight]
    season = counts(5.0 * 60, 7.5 * 60).survival

    def gain(unit: int) -> float:
        sold = sum(weight * counts(5.0 * (day + 1), 7.5 * (day + 1)).at_least(unit) for day, weight in days)
        return 2.0 * sold - 0.04 * (1.0 - sold) - 58.0 * (1.0 - float(season[unit - 1]))

    assert need > 50
    assert found.quantity == next(unit for unit in itertools.count(1) if gain(unit) < 0.0) - 1
    assert found.quantity >= need


@pytest.mark.parametrize(
    ("costs", "why"),
    [
        (Costs(10.0, 0.0, 0.01, price_known=False), "the price is not known"),
        (Costs(0.0, 30.0, 0.0, cost_known=False), "the cost is not known"),
        (Costs(10.0, 0.0, 0.01), "the price is no higher than the cost"),
    ],
)
@pytest.mark.parametrize("season_days", [None, 60.0])
def test_without_money_to_weigh_the_service_level_decides_and_says_so(
    costs: Costs, why: str, season_days: float | None
) -> None:
    case = Case(5.0, 7.5, stated(7, 2), 1.0, 0, costs=costs, season_days=season_days)
    served = QuantileBaseStock(0.9).decide(case)
    for policy in (Newsvendor(0.9), MinMax(0.9)):
        found = decide(policy, case, Lots(0, 6), "economic")
        assert found.answer.order_up_to_level == served.order_up_to_level
        assert found.answer.warning == f"{why}: decided by the service level"
        assert found.quantity == -(-served.need_units // 6) * 6
    rounded = decide(QuantileBaseStock(0.9), case, Lots(0, 6), "economic")
    assert (rounded.quantity, rounded.answer.warning) == (found.quantity, f"{why}: rounded up")
    assert decide(QuantileBaseStock(0.9), case, Lots(0, 6)).answer.warning == ""


def test_a_known_price_and_cost_need_no_warning() -> None:
    case = Case(5.0, 7.5, stated(7, 2), 1.0, 0, costs=Costs(10.0, 5.0, 0.01), season_days=60.0)
    for policy in (Newsvendor(), MinMax(), UntilSeasonEnd(QuantileBaseStock())):
        assert decide(policy, case, Lots(), "economic").answer.warning == ""


@pytest.mark.parametrize(
    "policy", [policy() for policy in get_args(AnyPolicy)], ids=lambda policy: type(policy).__name__
)
@pytest.mark.parametrize("costs", [Costs(10.0, 5.0), Costs(10.0, price_known=False), Costs(10.0), Costs(0.0, 5.0)])
def test_after_the_season_nothing_is_ordered_whatever_the_price(policy: AnyPolicy, costs: Costs) -> None:
    case = Case(5.0, 7.5, stated(7, 2), 1.0, 0, costs=costs, season_days=0.0)
    found = decide(UntilSeasonEnd(policy), case, Lots(0, 6))
    assert (found.answer.order_up_to_level, found.quantity) == (0, 0)


def test_without_a_price_demand_is_counted_to_the_seasons_end_only() -> None:
    """An order comes on day 7, the season ends on day 9: two thirds of a fortnight's 95 % would be too much.

    What is there has to last 9 days: Poisson of 45, of which 95 % ask for 56 at most.
    """
    case = Case(5.0, 5.0, LeadTime((0.0,) * 7 + (1.0,)), 7.0, 0, costs=Costs(10.0, price_known=False), season_days=9.0)
    bare = QuantileBaseStock().decide(case)
    cut = UntilSeasonEnd(QuantileBaseStock()).decide(case)
    assert bare.order_up_to_level == stats.poisson(70).ppf(0.95)
    assert cut.order_up_to_level == stats.poisson(45).ppf(0.95) == 56
    assert cut.warning == "the price is not known: not weighed against what is left when the season ends"


def test_a_case_counts_everything_but_the_suggestion_it_is_about() -> None:
    book = OrderBook(
        [
            Order("taken", "acknowledged", 10, START, expected_at_ms=START + 5 * DAY // 2, received=4),
            Order("asked", "proposed", 7, START, expected_at_ms=START + 7 * DAY),
        ]
    )
    stock = LocationStock(Ledger(on_hand=9, reserved=2, opening_known=True), DailyDemand(), book)
    demand = Demand(3.0, 4.5, 60, 8, PANEL)
    item = ItemDefined("sku", "style", 0, price=30.0, cost=14.6, season_end_ms=START + 20 * DAY)
    case = case_of(stock, item, demand, LEAD_TIMES[0], 1.0, START, Terms(0.25, 3.0, 0.5))
    assert (case.mean_per_day, case.variance_per_day, case.position, case.on_hand) == (3.0, 4.5, 9 + 6 - 2, 7)
    assert case.arrivals == ((3, 6),)
    assert case.season_days == 20.0
    assert case.costs == Costs(14.6, 30.0 - 14.6, 14.6 * 0.25 / 365.0, 3.0, 7.3)
