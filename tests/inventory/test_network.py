"""Plans of orders through a network: hand arithmetic, the newsvendor, and laws."""

import pytest

from inventory.replenishment.distribution import poisson
from inventory.replenishment.network import (
    LEVELS,
    PROBABILITIES,
    Link,
    Market,
    Node,
    futures_of,
    plan_network,
)


def shop(on_hand: float, holding: float = 0.1) -> Node:
    return Node("shop", on_hand, holding)


def test_nothing_is_bought_that_can_no_longer_be_sold() -> None:
    """Three periods of 4; an order takes two, so only one for the third counts: 4, of which the stock of 10 has 2."""
    market = Market("shop", 5.0, 0.0, ((4.0, 4.0, 4.0),))
    plan = plan_network([shop(10)], [Link(None, "shop", 2, 1.0)], [market])
    assert (plan.now, plan.later) == ((2.0,), (((0.0,), (0.0,)),))
    assert plan.profit == pytest.approx(12 * 5 - 2 * 1 - 0.1 * (6 + 2 + 0))


def test_a_dear_quick_way_is_taken_only_for_what_the_cheap_one_cannot_serve() -> None:
    """Nothing on hand: period 1 by the quick link, periods 2 and 3 by the slow one, just in time."""
    links = [Link(None, "shop", 2, 1.0), Link(None, "shop", 1, 3.0)]
    plan = plan_network([shop(0)], links, [Market("shop", 5.0, 3.0, ((0.0, 4.0, 4.0, 4.0),))])
    assert plan.now == (4.0, 4.0)
    assert plan.later[0][0] == (4.0, 0.0)


def test_what_is_on_its_way_is_not_ordered_again() -> None:
    links = [Link(None, "shop", 1, 1.0, arriving=(3.0,))]
    plan = plan_network([shop(0)], links, [Market("shop", 5.0, 0.0, ((2.0, 4.0),))])
    assert plan.now == (3.0,)


def test_a_plant_is_limited_by_its_stock_its_yield_and_its_capacity() -> None:
    """9 of the raw goods make 4.5 units at half a unit each, of which 4 go a period; operating 0.2 a unit and yield."""
    plant = Node("plant", 9.0, 0.01, capacity=4.0, operating=0.1, output_per_unit=0.5)
    links = [Link("plant", "shop", 0)]
    market = Market("shop", 5.0, 0.0, ((9.0, 0.0),))
    plan = plan_network([plant, shop(0)], links, [market])
    assert plan.now == (4.0,)
    assert plan.later[0][0] == (pytest.approx(0.5),)
    assert plan.profit == pytest.approx(4.5 * (5 - 0.2) - 0.01 * 1.0)


@pytest.mark.parametrize(("backlog", "profit"), [(True, 5 * 5 - 0.3 * 5 - 5), (False, -0.3 * 5)])
def test_demand_waits_or_is_lost(backlog: bool, profit: float) -> None:
    market = Market("shop", 5.0, 0.3, ((5.0, 0.0),))
    plan = plan_network([shop(0)], [Link(None, "shop", 1, 1.0)], [market], backlog=backlog)
    assert plan.profit == pytest.approx(profit)


def test_what_waits_already_is_served() -> None:
    plan = plan_network([shop(5)], [], [Market("shop", 5.0, 0.3, ((1.0,),), waiting=3.0)])
    assert plan.profit == pytest.approx(4 * 5 - 0.1)


@pytest.mark.parametrize(("price", "level"), [(1.2, 1), (1.6, 2), (6.0, 5)])
def test_one_order_for_several_futures_is_the_newsvendor(price: float, level: int) -> None:
    """Cost 1, no leftover value: critical ratios 1/6, 3/8, 5/6; demands 1 ... 5, a fifth each, at 1, 2, 5."""
    market = Market("shop", price, 0.0, tuple((0.0, float(units)) for units in range(1, 6)))
    plan = plan_network([shop(0, 0.0)], [Link(None, "shop", 1, 1.0)], [market], [0.2] * 5)
    assert plan.now == (float(level),)


def test_blind_orders_are_the_same_in_all_futures_and_knowing_later_is_worth_more() -> None:
    market = Market("shop", 5.0, 0.0, ((0.0, 1.0, 1.0), (0.0, 6.0, 6.0)))
    link = Link(None, "shop", 1, 3.0)
    seeing, blind = (
        plan_network([shop(0)], [link], [market], [0.5, 0.5], backlog=False, blind_periods=periods)
        for periods in (1, 2)
    )
    assert seeing.later[0][0] != seeing.later[1][0]
    assert blind.later[0][0] == blind.later[1][0]
    assert seeing.profit > blind.profit


def test_futures_bracket_the_mean() -> None:
    assert sum(PROBABILITIES) == pytest.approx(1.0)
    futures = futures_of([poisson(20 * periods) for periods in range(1, 11)])
    totals = [sum(future) for future in futures]
    assert totals == [poisson(200).quantile(level) for level in LEVELS]
    assert totals == sorted(totals)
