"""The shadow: virtual worlds by hand, two policies on the same stream, and what is remembered of them."""

import doctest
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from inventory.replenishment.lead_time import stated
from inventory.replenishment.policies import Costs
from inventory.replenishment.rounding import Lots
from inventory.shadow import book, ledger
from inventory.shadow.book import Shadow
from inventory.shadow.contest import Contestant, Terms, orders
from inventory.shadow.ledger import Money, summed
from inventory.shadow.world import NEVER, World
from schemas import observations as log_
from schemas.facts import Reorder, ShadowLedger
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

SAME = {"shadow_policy": "periodic_min_max", "shadow_service_level": 0.95, "shadow_order_cover_days": 7.0}
FIRST = date(2023, 11, 15)


def units(*numbers: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(numbers, dtype=np.int64)


def test_two_days_of_lead_time_by_hand() -> None:
    """5 on hand, 3 asked for a day, 4 ordered in the evening before: they are sold from the third day on."""
    world = World()
    world.grow(1, 2)
    world.stock(0, 5, [])
    world.order(100, units(4), units(2))
    assert (world.position.tolist(), world.ordered.tolist()) == ([9], [100])
    days = [world.pass_day(units(3)) for _ in range(4)]
    assert [(int(day.served[0]), int(day.lost[0]), float(day.average_stock[0])) for day in days] == [
        (3, 0, 3.5),  # 5 in the morning, 2 in the evening
        (2, 1, 1.0),
        (3, 0, 2.5),  # the 4 are there
        (1, 2, 0.5),
    ]
    assert world.position.tolist() == [0]


def test_without_lead_time_goods_are_there_the_next_morning() -> None:
    world = World()
    world.grow(2, 0)
    world.order(7, units(0, 4), units(0, 0))
    assert world.pass_day(units(1, 3)).served.tolist() == [0, 3]


def test_series_that_join_change_nothing_of_the_others() -> None:
    world = World()
    world.grow(1, 1)
    world.stock(0, 2, [(1, 5)])
    world.grow(2, 6)
    world.stock(1, 1, [(6, 3), (9, 2)])  # later than anything is delivered: with the last
    assert world.position.tolist() == [7, 6]
    assert world.coming[1, 6] == 5


def test_worlds_exchange_some_series_or_follow_each_other() -> None:
    one, two = World(), World()
    for world, there in ((one, 5), (two, 8)):
        world.grow(2, 2)
        for series in (0, 1):
            world.stock(series, there + series, [(1, there)])
    one.order(3, units(4, 4), units(2, 2))
    one.exchange(two, np.array([1]))
    assert (one.on_hand.tolist(), one.position.tolist(), one.ordered.tolist()) == ([5, 9], [14, 17], [3, NEVER])
    assert (two.on_hand.tolist(), two.position.tolist(), two.ordered.tolist()) == ([8, 6], [16, 15], [NEVER, 3])
    two.follow(one, np.array([0]))
    assert (two.on_hand.tolist(), two.position.tolist(), two.ordered.tolist()) == ([5, 6], [14, 15], [3, 3])
    two.pass_day(units(5, 0))
    assert one.on_hand.tolist() == [5, 9]


def test_fractions_of_demand_add_up_to_units() -> None:
    shadow = Shadow()
    shadow.grow(2, 0)
    days = [shadow.wholes(np.array([0.3, -1.0])), *(shadow.wholes(np.array([0.35, 0.75])) for _ in range(4))]
    assert [day.tolist() for day in days] == [[0, 0], [0, 0], [1, 0], [0, 1], [0, 1]]
    assert shadow.carried == pytest.approx([0.7, 0.0])


def test_the_ledger_by_hand() -> None:
    """Two series of one place, one of another."""
    world = World()
    world.grow(3, 0)
    for series, there in enumerate((5, 1, 2)):
        world.stock(series, there, [])
    played = world.pass_day(units(3, 4, 0))
    money = Money(np.full(3, 10.0), np.full(3, 4.0), np.full(3, 0.01), np.full(3, 2.0))
    sums = summed(played, units(0, 6, 0), money, np.array([0, 0, 1]), 2)
    assert (sums.series.tolist(), sums.demand.tolist(), sums.served.tolist()) == ([2, 1], [7, 0], [4, 0])
    assert (sums.lost.tolist(), sums.lost_margin.tolist(), sums.margin.tolist()) == ([3, 0], [30, 0], [40, 0])
    assert sums.average_stock.tolist() == [3.5 + 0.5, 2.0]
    assert sums.holding == pytest.approx([0.04, 0.02])
    assert (sums.orders.tolist(), sums.purchased.tolist(), sums.purchases.tolist()) == ([1, 0], [6, 0], [24, 0])
    assert sums.profit == pytest.approx([40 - 0.04 - 2, -0.02])
    assert doctest.testmod(ledger).failed == 0


@dataclass
class Situation:
    """Three series alike but for their stock: Poisson demand of 2 a day, two days to come, decided daily."""

    world: World
    terms: Terms


@pytest.fixture
def situation() -> Situation:
    world = World()
    world.grow(3, 2)
    for series, there in enumerate((10, 11, 4)):
        world.stock(series, there, [(2, 6)] if series == 2 else [])
    many = 3
    return Situation(
        world,
        Terms(
            np.full(many, 2.0), np.full(many, 2.0), [stated(2.0, 0.0)] * many, np.full(many, 2), np.ones(many),
            [Lots(0, 6)] * many, [Costs()] * many, [None] * many, np.ones(many, dtype=np.bool_),
        ),
    )  # fmt: skip


def test_a_policy_decides_on_its_own_position(situation: Situation) -> None:
    """Poisson of 6 over the three days: P(D <= 9) = 0.916, P(D <= 10) = 0.957, so s = 10 and S = 10 + 2."""
    rule = Contestant("periodic_min_max", 0.95, 0.0, 0.98)
    levels = np.full(3, 0.95)
    assert orders(rule, levels, situation.world, situation.terms, 1).tolist() == [6, 0, 6]
    nothing = situation.terms._replace(deciding=np.array([False, True, True]))
    assert orders(rule, levels, situation.world, nothing, 1).tolist() == [0, 0, 6]
    # Read at 0.9 it is s = 9: ten are enough.
    assert orders(rule, np.array([0.9, 0.9, 0.95]), situation.world, situation.terms, 1).tolist() == [0, 0, 6]


def test_a_policy_of_every_review_orders_once_in_a_review_period(situation: Situation) -> None:
    """Up to 10 now; with reviews every four days up to the quantile of Poisson(12), 18."""
    rule, levels = Contestant("quantile_base_stock", 0.95, 0.0, 0.98), np.full(3, 0.95)
    weekly = situation.terms._replace(review_days=np.full(3, 4.0))
    ordered = orders(rule, levels, situation.world, weekly, 10)
    assert ordered.tolist() == [12, 12, 12]  # 8, 7 and 8 are missing: two packs of six
    situation.world.order(10, ordered, weekly.lead_days)
    for _ in range(3):
        situation.world.pass_day(units(9, 9, 9))
    assert orders(rule, levels, situation.world, weekly, 13).tolist() == [0, 0, 0]
    assert min(orders(rule, levels, situation.world, weekly, 14)) > 0


def lived(days: int, rules: dict[str, float | str | bool] | None, off_at: int | None = None) -> Log:
    """A shop that sells 2 to 6 a day of one size and some of another, whose lead time is three days.

    Nothing is ever delivered to its book, which is quickly below zero: that is nothing to the virtual worlds.
    """
    log = Log()
    for sku, price in (("jeans-32", 60.0), ("jeans-34", 50.0)):
        log.tell(log_.ItemDefined(sku, "jeans", 0, category="denim", price=price, cost=20.0, supplier="acme", pack=2))
        log.tell(log.measured("opening", 5, START, sku=sku))
    log.tell(log_.SupplierDefined("acme", 0, lead_time_days=3.0, lead_time_sd_days=1.0, review_period_days=1.0))
    log.tell(log_.RulesChanged("v1", rules or {}, START))
    for day in range(days):
        if day == off_at:
            log.tell(log_.RulesChanged("v2", {}, START + day * DAY))
        noon = START + day * DAY + 12 * HOUR
        log.tell(log.sale(2 + 7 * day % 5, noon), log.sale(1 + day % 2, noon, sku="jeans-34"))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
    return log


def told(log: Log, role: str) -> list[ShadowLedger]:
    return [fact for fact in log.said(ShadowLedger) if fact.role == role]


def test_the_same_policy_earns_the_same() -> None:
    log = lived(40, {**SAME})
    mine, other = told(log, "in_force"), told(log, "shadow")
    # The first day sets the scene, and each day after it is told.
    assert [fact.day.toordinal() - FIRST.toordinal() for fact in mine] == list(range(1, 40))
    assert {fact.since.toordinal() - FIRST.toordinal() for fact in mine} == {1}
    for one, two in zip(mine, other, strict=True):
        names = set(ShadowLedger.__struct_fields__) - {"fact_id", "role"}
        assert {name: getattr(one, name) for name in names} == {name: getattr(two, name) for name in names}
    assert sum(fact.orders for fact in mine) > 3
    assert log.state.shadow.trials["EUR"].whole.more_profit == 0.0


def test_a_higher_level_holds_more_and_loses_less() -> None:
    log = lived(120, {**SAME, "shadow_service_level": 0.999})
    less, more = told(log, "in_force"), told(log, "shadow")
    assert sum(fact.average_stock_units for fact in more) > 1.2 * sum(fact.average_stock_units for fact in less)
    assert sum(fact.lost_units for fact in more) <= sum(fact.lost_units for fact in less)
    assert sum(fact.holding_cost for fact in more) > sum(fact.holding_cost for fact in less)
    low = lived(120, {**SAME, "shadow_service_level": 0.5, "shadow_order_cover_days": 1.0})
    assert sum(fact.lost_units for fact in told(low, "shadow")) > sum(fact.lost_units for fact in told(low, "in_force"))


def test_each_day_adds_up_and_the_next_begins_where_it_ended() -> None:
    log = lived(60, {**SAME, "shadow_policy": "newsvendor"})
    for fact in log.said(ShadowLedger):
        assert fact.served_units + fact.lost_units == fact.demand_units
        assert fact.profit == pytest.approx(fact.margin - fact.holding_cost - fact.ordering_cost, abs=2e-4)
        assert fact.purchases == 20.0 * fact.purchased_units
        assert fact.purchased_units % 2 == 0
    # What was there and what was bought is what was sold and what is left.
    for role, world in (("in_force", log.state.shadow.in_force), ("shadow", log.state.shadow.shadow)):
        facts = told(log, role)
        bought, sold = sum(fact.purchased_units for fact in facts), sum(fact.served_units for fact in facts)
        assert (10 - 2 - 1) + bought - sold == int(world.position.sum())


def test_a_shadow_says_nothing_to_anybody_else() -> None:
    """Orders are the same with one, without one, and whichever it is."""
    plain, other = lived(40, None), lived(40, {**SAME, "shadow_service_level": 0.5})
    assert plain.said(ShadowLedger) == []
    assert [(one.occurred_at, one.quantity) for one in plain.said(Reorder)] == [
        (one.occurred_at, one.quantity) for one in other.said(Reorder)
    ]
    assert book.canonical(plain.state.shadow) == b""


def test_it_goes_on_the_same_after_every_checkpoint() -> None:
    messages = lived(25, {**SAME, "shadow_service_level": 0.8}, off_at=20).messages
    assert fold_all(messages) == fold_all(messages, store_after=frozenset(range(len(messages))))


def test_it_is_stored_only_when_it_changed_and_forgotten_when_it_is_off() -> None:
    log = lived(10, {**SAME})
    shadow = log.state.shadow
    assert set(book.encoded(shadow)) == {"shadow", "shadow-0000"}
    assert book.encoded(shadow) == {}
    log.tell(log.sale(1, START + 10 * DAY + 12 * HOUR))
    assert book.encoded(shadow) == {}
    log.tell(log_.RulesChanged("v2", {}, START + 10 * DAY))
    log.tell(log_.Tick(START + 11 * DAY + HOUR))
    again = book.decoded(book.encoded(shadow))
    assert (again.comparison, len(again.in_force)) == ("", 0)
    log.tell(log_.Tick(START + 12 * DAY + HOUR))
    assert book.encoded(shadow) == {}


def test_another_shadow_begins_anew_from_the_real_stock() -> None:
    log = lived(10, {**SAME})
    short = [10 - log.at(sku=sku).ledger.on_hand for sku in ("jeans-32", "jeans-34")]
    morning = START + 10 * DAY + HOUR
    log.tell(log.moved("receipt", short[0], morning), log.moved("receipt", short[1] - 7, morning, sku="jeans-34"))
    log.tell(log_.RulesChanged("v2", {**SAME, "shadow_service_level": 0.5}, START + 10 * DAY))
    log.tell(log_.Tick(START + 11 * DAY + HOUR))
    shadow = log.state.shadow
    assert (shadow.in_force.on_hand == shadow.shadow.on_hand).all()
    assert shadow.in_force.on_hand.tolist() == [10, 3]
    log.tell(log_.Tick(START + 12 * DAY + HOUR))
    assert {fact.since for fact in log.said(ShadowLedger)[-2:]} == {date(2023, 11, 26)}


def test_a_policy_nobody_knows_is_none(log: Log) -> None:
    log.tell(log_.RulesChanged("v1", {"shadow_policy": "no_such"}, START))
    assert log.state.core.rules.shadow_policy == ""
