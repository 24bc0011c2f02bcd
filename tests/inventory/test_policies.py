"""Policies against the vectors of FORMULAS.md 3.9, stockpyl, brute force and the laws they share."""

import itertools
from typing import get_args

import msgspec
import numpy as np
import pytest
from scipy import stats
from stockpyl.newsvendor import newsvendor_normal as stockpyl_normal
from stockpyl.newsvendor import newsvendor_poisson as stockpyl_poisson
from stockpyl.ss import s_s_cost_discrete, s_s_discrete_exact, s_s_power_approximation

from inventory.replenishment import lost_sales
from inventory.replenishment.distribution import counts, exactly, poisson
from inventory.replenishment.lead_time import LeadTime, stated
from inventory.replenishment.policies import (
    AnyPolicy,
    Case,
    Costs,
    LeastCost,
    MinMax,
    Newsvendor,
    PeriodicMinMax,
    Policy,
    ProjectedInventory,
    QuantileBaseStock,
    ZFormula,
)
from inventory.replenishment.policies.min_max import optimal_levels, power_approximation
from inventory.replenishment.policies.named import NAMES, named
from inventory.replenishment.policies.newsvendor import newsvendor, newsvendor_normal
from inventory.replenishment.policies.periodic_min_max import economic_order_quantity
from inventory.replenishment.policies.projected_inventory import order_quantity, projected
from inventory.replenishment.policies.z_formula import LITERAL_WARNING, safety_stock

POLICIES = [policy() for policy in get_args(AnyPolicy)]
COSTS = Costs(unit_cost=10.0, margin=8.0, holding_per_day=0.02, order_cost=6.0, leftover_value=4.0)

# Zheng and Federgruen 1991, table 1: Poisson demand, K = 64, h = 1, p = 9; mean: s, S, cost.
ZHENG_FEDERGRUEN = {
    10: (6, 40, 35.022),
    15: (10, 49, 42.698),
    20: (14, 62, 49.173),
    21: (15, 65, 50.406),
    22: (16, 68, 51.632),
    23: (17, 52, 52.757),
    24: (18, 54, 53.518),
    25: (19, 56, 54.262),
    30: (23, 66, 57.819),
    35: (28, 77, 61.215),
    40: (33, 87, 64.512),
    45: (37, 97, 67.776),
    50: (42, 108, 70.975),
    51: (43, 110, 71.611),
    52: (44, 112, 72.246),
    55: (47, 118, 74.149),
    59: (51, 126, 76.679),
    60: (52, 129, 77.306),
    61: (52, 131, 77.929),
    63: (54, 73, 78.287),
    64: (55, 74, 78.402),
    65: (56, 75, 78.518),
    70: (62, 81, 79.037),
    75: (67, 86, 79.554),
}


def case(mean: float, sd: float, review: float = 1.0, position: int = 0, **more: object) -> Case:
    told = {"on_hand": position, "costs": COSTS, **more}
    return Case(mean, sd * sd, stated(7, 2), review, position, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mean", "sd", "review", "level"), [(2, 2, 0, 26), (2, 2, 7, 43), (0.3, 0.6, 0, 5), (10, 5, 0, 113)]
)
def test_quantile_levels_of_the_vectors(mean: float, sd: float, review: float, level: int) -> None:
    """The vectors match moments; the exact mixture over whole days of lead time agrees with them."""
    answer = QuantileBaseStock(0.95).decide(case(mean, sd, review))
    assert answer.order_up_to_level == level
    assert PeriodicMinMax(0.95).decide(case(mean, sd, review)).reorder_point == level
    assert answer.safety_stock == pytest.approx(level - mean * (7 + review), abs=0.001)


def test_z_formula_vectors() -> None:
    assert safety_stock("standard", 0.95, 2, 2, 7, 2) == pytest.approx(10.9107, abs=5e-5)
    assert safety_stock("standard", 0.95, 2, 2, 7, 2, 7) == pytest.approx(13.9570, abs=5e-5)
    five_or_nine = LeadTime((0.0,) * 5 + (0.5, 0.0, 0.0, 0.0, 0.5))
    told = msgspec.structs.replace(case(2, 2, 0), lead_time=five_or_nine)
    assert ZFormula(0.95).decide(told).reorder_point == 25, "24.9107 rounded up, the lead time 5 or 9 days"
    assert ZFormula(0.95).decide(msgspec.structs.replace(told, review_period_days=7.0)).reorder_point == 42


@pytest.mark.parametrize(
    ("form", "numbers", "stock"),
    [
        ("literal", (2, 2, 7, 2), 6.58),
        ("literal", (10, 5, 7, 2), 11.5),
        ("additive", (2, 2, 7, 2), 15.28),
        ("additive", (10, 5, 7, 2), 54.7),
    ],
)
def test_other_forms_of_the_z_formula(form: str, numbers: tuple[float, float, float, float], stock: float) -> None:
    """The table of FORMULAS.md 3.1."""
    assert safety_stock(form, 0.95, *numbers) == pytest.approx(stock, abs=0.05)  # type: ignore[arg-type]


def test_only_the_literal_formula_warns() -> None:
    warned = {form: ZFormula(0.95, form).decide(case(2, 2)).warning for form in ("standard", "additive", "literal")}
    assert warned == {"standard": "", "additive": "", "literal": LITERAL_WARNING}


def test_newsvendor_vectors_and_stockpyl() -> None:
    assert newsvendor_normal(50, 8, 0.70, 0.18) == pytest.approx((56.603956, 1.997605), abs=5e-7)
    assert newsvendor_normal(50, 8, 0.70, 0.18) == pytest.approx(stockpyl_normal(0.18, 0.70, 50, 8))
    assert newsvendor(poisson(50), 0.70, 0.18) == (56, pytest.approx(1.797235, abs=5e-7))
    assert newsvendor(poisson(6), 4, 1) == (8, pytest.approx(3.570107, abs=5e-7))
    for mean, under in itertools.product((0.4, 3, 17, 60), (0.2, 1, 9)):
        assert newsvendor(poisson(mean), under, 1.0) == pytest.approx(stockpyl_poisson(1.0, under, mean), abs=1e-6)


@pytest.mark.parametrize("mean", ZHENG_FEDERGRUEN)
def test_the_zheng_federgruen_optima(mean: int) -> None:
    assert optimal_levels(poisson(mean), poisson(mean), 1, 9, 64) == pytest.approx(ZHENG_FEDERGRUEN[mean], abs=6e-4)


@pytest.mark.parametrize(("mean", "holding", "shortage", "order_cost"), [(6, 1, 4, 5), (2, 1, 9, 20), (0.7, 0.5, 4, 3)])
def test_min_max_is_the_optimum_of_stockpyl_and_of_all_pairs(
    mean: float, holding: float, shortage: float, order_cost: float
) -> None:
    low, high, cost = optimal_levels(poisson(mean), poisson(mean), holding, shortage, order_cost)
    assert (low, high, cost) == pytest.approx(s_s_discrete_exact(holding, shortage, order_cost, True, mean))
    pairs = [(s, top) for s in range(low - 3, low + 4) for top in range(max(s + 1, high - 4), high + 5)]
    costs = [s_s_cost_discrete(s, top, holding, shortage, order_cost, True, mean) for s, top in pairs]
    assert cost == pytest.approx(min(costs))


def test_an_order_of_very_many_units_is_counted_in_lots() -> None:
    """Cheap goods and a dear order: s to S are thousands of levels, about the economic order apart."""
    costs = Costs(unit_cost=0.5, margin=0.5, holding_per_day=0.5 * 0.25 / 365, order_cost=50.0)
    told = msgspec.structs.replace(case(300, 30), costs=costs)
    found = MinMax().decide(told)
    lot = economic_order_quantity(50.0, 300.0, costs.holding_per_day)
    assert lot > 9_000
    assert found.order_up_to_level - found.reorder_point == pytest.approx(lot, rel=0.05)


def test_min_max_over_a_lead_time_is_the_cheapest_in_a_long_simulation_of_backorders() -> None:
    """Two periods of lead time: cost of a period by its stock after the demand over the interval."""
    between, interval = poisson(3), poisson(9)
    low, high, cost = optimal_levels(between, interval, 1.0, 9.0, 12.0)
    demands = np.random.default_rng(7).poisson(3, 200_000)
    position, total, pipeline, net = high, 0.0, [0, 0], high
    for demand in demands.tolist():
        order = high - position if position <= low else 0
        total += 12.0 * (order > 0)
        pipeline.append(order)
        position += order
        net += pipeline.pop(0) - demand
        position -= demand
        total += max(net, 0) + 9.0 * max(-net, 0)
    assert total / len(demands) == pytest.approx(cost, rel=0.01)


def test_the_power_approximation() -> None:
    assert power_approximation(0.18, 0.7, 2.5, 50, 8) == pytest.approx((40.194617, 74.290170), abs=5e-7)
    assert power_approximation(0.3, 2, 9, 30, 7) == pytest.approx(s_s_power_approximation(0.3, 2, 9, 30, 7))


def test_an_economic_order_quantity_costs_nothing_to_know() -> None:
    assert economic_order_quantity(8, 100, 1) == 40.0
    assert economic_order_quantity(0, 100, 1) == economic_order_quantity(8, 100, 0) == 0.0


def test_a_season_about_to_end_is_the_newsvendor() -> None:
    """12 days left, arrival after 7, the next order would come after 14: cost 10, back 4 if unsold."""
    told = msgspec.structs.replace(case(2, 2, review=7.0, season_days=12.0), lead_time=LeadTime((0.0,) * 7 + (1.0,)))
    expected, _ = newsvendor(counts(24, 48), 8.0, 0.02 * 7 + 6.0)
    assert Newsvendor().decide(told).order_up_to_level == expected


def test_the_season_makes_no_order_that_would_come_too_late() -> None:
    assert Newsvendor().decide(case(2, 2, season_days=6.0)).need_units == 0


def test_the_longer_the_season_the_more_may_be_ordered() -> None:
    levels = [Newsvendor().decide(case(2, 2, review=7.0, season_days=left)).order_up_to_level for left in (9, 20, 90)]
    levels.append(Newsvendor().decide(case(2, 2, review=7.0)).order_up_to_level)
    assert levels == sorted(levels)
    assert levels[0] < levels[1] < levels[2]


def test_projected_stock_never_owes() -> None:
    """Two units, certain demand of 3 then 1, four units due on the second day: (2 - 3)+ = 0, 0 + 4 - 1 = 3."""
    after = list(projected(2, [exactly(3), exactly(1)], [0, 4]))
    assert [stock.mean for stock in after] == [2.0, 0.0, 3.0]


def test_projected_orders_are_those_of_many_paths() -> None:
    """Monte Carlo of findings/decisions-vn2.md: I = (x + due1 - D0)+, then (I + due2 - D1)+, q over D2 - I."""
    chance = np.random.default_rng(3)
    week = counts(4.0, 9.0)
    draws = stats.nbinom.rvs(4.0**2 / 5.0, 4.0 / 9.0, size=(3, 400_000), random_state=chance)
    left = np.maximum(np.maximum(3 + 2 - draws[0], 0) + 5 - draws[1], 0)
    short = np.maximum(draws[2] - left, 0)
    *_, stock = projected(3, [week, week], [2, 5])
    for probability in (0.7, 0.8, 0.9):
        quantity = order_quantity(week, stock, probability)
        assert (short <= quantity).mean() > probability - 0.003
        assert (short <= quantity - 1).mean() < probability + 0.003


def test_lost_sales_ask_for_less_than_base_stock() -> None:
    """An empty shelf and a long way: what is lost on the way need not be ordered."""
    told = case(4, 4, position=0)
    assert ProjectedInventory().decide(told).need_units < QuantileBaseStock().decide(told).need_units


def test_projected_inventory_is_base_stock_where_nothing_is_lost() -> None:
    """With plenty on hand for a lead time without doubt, both order for the same demand over L + R."""
    told = Case(2.0, 2.0, LeadTime((0.0, 0.0, 0.0, 1.0)), 2.0, 9, on_hand=9, costs=COSTS)
    lost = poisson(6).shortage(9)
    assert lost < 0.2
    assert ProjectedInventory(0.9).decide(told).need_units == QuantileBaseStock(0.9).decide(told).need_units


def test_least_cost_is_the_rule_of_many_series_at_once() -> None:
    """A lead time of two days without doubt, four units due today."""
    told = Case(2.0, 3.0, LeadTime((0.0, 0.0, 1.0)), 1.0, 5, on_hand=1, arrivals=((0, 4),), costs=COSTS)
    days = np.full((1, 4), 2.0), np.full((1, 4), 3.0)
    arrivals = np.array([[4, 0]])
    expected = lost_sales.order_quantities(np.array([1]), arrivals, *days, lost_sales.Costs(0.02, 8.0))
    assert LeastCost().decide(told).need_units == expected[0] > 0


def test_a_newsvendor_of_very_many_units_is_found_by_halving() -> None:
    told = case(5_000, 100)
    level = Newsvendor().decide(told).order_up_to_level
    near, _ = told.demand_in_season()
    assert near.at_least(level) * 8.02 >= 0.02 > near.at_least(level + 1) * 8.02


@pytest.fixture(params=POLICIES, ids=lambda policy: type(policy).__name__)
def policy(request: pytest.FixtureRequest) -> Policy:
    found: Policy = request.param
    return found


def test_every_policy_orders_less_the_more_there_is(policy: Policy) -> None:
    for mean, sd, review in [(0.02, 0.2, 1), (0.5, 1, 1), (3, 5, 7), (40, 20, 2)]:
        needs = [policy.decide(case(mean, sd, review, stock)).need_units for stock in range(0, 900, 60)]
        assert needs == sorted(needs, reverse=True)
        assert needs[-1] == 0 <= needs[0]


def test_every_policy_asks_for_nothing_without_demand(policy: Policy) -> None:
    answer = policy.decide(case(0, 0))
    assert (answer.need_units, answer.order_up_to_level) == (0, 0)


def test_every_policy_wants_more_for_more_demand(policy: Policy) -> None:
    levels = [policy.decide(case(mean, mean**0.5)).order_up_to_level for mean in (0.1, 1, 5, 20)]
    assert levels == sorted(set(levels))


def test_every_answer_says_what_it_is_made_of_and_encodes(policy: Policy) -> None:
    answer = policy.decide(case(3, 3))
    assert answer.made_of
    assert answer == msgspec.json.decode(msgspec.json.encode(answer), type=type(answer))
    assert answer.order_up_to_level > answer.reorder_point
    assert policy == msgspec.json.decode(msgspec.json.encode(policy), type=AnyPolicy)


def test_every_policy_decides_the_same_twice(policy: Policy) -> None:
    assert policy.decide(case(3, 3, 7, 4)) == policy.decide(case(3, 3, 7, 4))


@pytest.mark.parametrize(
    "policy", [rule for rule in POLICIES if not isinstance(rule, ProjectedInventory | LeastCost)], ids=repr
)
def test_a_debt_to_customers_is_ordered_too(policy: Policy) -> None:
    """Under lost sales nobody waits."""
    owing, empty = policy.decide(case(3, 3, 7, -4)), policy.decide(case(3, 3, 7, 0))
    assert owing.need_units == empty.need_units + 4


def test_every_policy_is_found_by_the_name_it_answers_with() -> None:
    made = [named(name, 0.9, 7.0, 0.97) for name in NAMES]
    assert [policy.decide(case(2.0, 2.0)).policy for policy in made] == list(NAMES)
    assert {type(policy) for policy in made} == set(get_args(AnyPolicy))
    with pytest.raises(msgspec.ValidationError, match="no_such_policy"):
        named("no_such_policy", 0.9, 7.0, 0.97)
