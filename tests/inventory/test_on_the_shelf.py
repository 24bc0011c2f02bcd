"""What a store has is observed from the day it has it: days on which none of it sells count from the first."""

from copy import deepcopy

import numpy as np
import pytest

from inventory.demand.learner import Judgement, Terms
from inventory.outlook import Demand, demand_of, likely_demand_of
from schemas.facts import Reorder, Transfer
from schemas.observations import ItemDefined, LaneDefined, LocationDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log

DAYS = 6


def forecast(log: Log, sku: str, location: str = "paris") -> Demand:
    known = log.state.skus[sku]
    return demand_of(log.state, known, location, known.locations[location])


def lived(log: Log, kind: str = "store", there: int = 20) -> Log:
    """Paris sells two shirts a day, and the first jeans on the last day; Lyon has jeans and sells none."""
    log.tell(LocationDefined("lyon", kind, 0))  # type: ignore[arg-type]  # one of the two
    log.tell(log.measured("opening", 90, sku="shirt", style="shirt"), log.measured("opening", there))
    log.tell(log.measured("opening", 5, location="lyon"))
    log.tell(log.measured("opening", 90, location="lyon", sku="shirt", style="shirt"))
    for day in range(DAYS):
        at_ms = START + day * DAY + 10 * HOUR
        log.tell(log.sale(2, at_ms, sku="shirt", style="shirt"))
        if kind == "store":
            log.tell(log.sale(2, at_ms, "lyon", sku="shirt", style="shirt"))
        if day == DAYS - 1 and there:
            log.tell(log.sale(1, at_ms))
        log.tell(Tick(START + (day + 1) * DAY + 4 * HOUR))
    return log


def test_a_first_sale_after_days_on_the_shelf_is_one_in_so_many_days(log: Log) -> None:
    jeans = forecast(lived(log), "jeans-32")
    assert jeans.days_observed == DAYS
    assert 0.0 < jeans.mean_per_day < 0.5, "not one a day"
    assert forecast(log, "shirt").mean_per_day == pytest.approx(2.0, abs=0.5)


def test_what_never_sold_beside_what_sells_is_no_demand_to_order_for_and_some_to_keep(log: Log) -> None:
    lived(log)
    assert forecast(log, "jeans-32", "lyon").mean_per_day == 0.0
    jeans = likely_demand_of(
        log.state, log.state.skus["jeans-32"], "lyon", log.state.skus["jeans-32"].locations["lyon"]
    )
    assert jeans.days_observed == DAYS
    assert 0.0 < jeans.mean_per_day < forecast(log, "shirt", "lyon").mean_per_day / 4


def test_nothing_is_ordered_or_moved_of_what_never_sold(log: Log) -> None:
    """One of each of twenty sizes lies in a store whose other goods sell five a day, beside a full warehouse."""
    log.tell(LocationDefined("hub", "warehouse", 0), LaneDefined("hub", "paris", 0))
    sizes = [f"size-{at}" for at in range(20)]
    for sku in sizes:
        log.tell(ItemDefined(sku, "jeans", 0, price=50.0, cost=20.0))
        log.tell(log.measured("opening", 1, sku=sku), log.measured("opening", 500, location="hub", sku=sku))
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0), log.measured("opening", 500))
    for day in range(12):
        log.tell(log.sale(5, START + day * DAY + 10 * HOUR), Tick(START + (day + 1) * DAY + 4 * HOUR))
    told = [fact for fact in (*log.said(Reorder), *log.said(Transfer)) if fact.sku in sizes]
    assert told == []
    assert all(forecast(log, sku).mean_per_day == 0.0 for sku in sizes)


def test_a_warehouse_observes_no_customers(log: Log) -> None:
    lived(log, "warehouse")
    assert log.state.learner.register.find("jeans-32", "lyon") < 0
    assert forecast(log, "jeans-32", "lyon").mean_per_day == 0.0


def test_a_warehouse_that_ran_out_observes_none_either(log: Log) -> None:
    log.tell(LocationDefined("hub", "warehouse", 0))
    log.tell(log.measured("opening", 5, location="hub"))
    log.tell(log.moved("transfer_out", -5, START + 9 * HOUR, "hub", counterpart="paris"))
    assert log.state.learner.register.find("jeans-32", "hub") < 0
    log.tell(log.sale(1, START + 10 * HOUR, "hub"))
    assert log.state.learner.register.find("jeans-32", "hub") >= 0, "unless somebody buys there"


def hours_on_shelf(log: Log, day: int, location: str = "paris") -> list[int]:
    """Of a day that is open, once those before it are over."""
    learner = deepcopy(log.state.learner)
    for each in range(learner.day, START // DAY + day + 1):
        _, in_stock = learner.book.take(each, len(learner.register))
    return [int(hour) for hour in np.flatnonzero(in_stock[learner.register.find("jeans-32", location)])]


def test_before_they_arrived_goods_were_not_on_the_shelf(log: Log) -> None:
    log.tell(log.moved("receipt", 5, START + 18 * HOUR))
    assert hours_on_shelf(log, 0) == list(range(18, 24))
    log.tell(log.moved("receipt", 5, START + 20 * HOUR))
    assert hours_on_shelf(log, 0) == list(range(18, 24)), "more of them do not change that"


def test_nor_on_an_earlier_day_that_is_still_open(log: Log) -> None:
    """The clocks are where the day ends last: in Honolulu it is still the evening before."""
    log.tell(LocationDefined("waikiki", "store", 0, timezone="Pacific/Honolulu"))
    log.tell(log.sale(1, START + 8 * HOUR, "waikiki", sku="shirt", style="shirt"))
    log.tell(log.moved("receipt", 5, START + 9 * HOUR))
    assert hours_on_shelf(log, -1) == []
    assert hours_on_shelf(log, 0) == list(range(9, 24))


def test_what_never_came_was_on_no_shelf(log: Log) -> None:
    log.tell(log.measured("opening", 0, START + 15 * HOUR))
    assert hours_on_shelf(log, 0) == []


@pytest.mark.parametrize("hour", [0, 9, 17])
def test_one_sold_in_an_hour_is_more_than_one_sold_in_a_day(hour: int) -> None:
    """Shirts sell through the day; jeans arrive at some hour, and one is sold at six."""
    log = Log()
    log.tell(log.measured("opening", 900, sku="shirt", style="shirt"))
    for day in range(9):
        for at in range(9, 19):
            log.tell(log.sale(1, START + day * DAY + at * HOUR, sku="shirt", style="shirt"))
        if day == 8:
            log.tell(log.moved("receipt", 20, START + day * DAY + hour * HOUR))
            log.tell(log.sale(1, START + day * DAY + 18 * HOUR))
        log.tell(Tick(START + (day + 1) * DAY + 4 * HOUR))
    seen = log.state.learner._exposure.exposed[log.state.learner.register.find("jeans-32", "paris")]
    assert seen == pytest.approx(0.2 if hour == 17 else 1.0, abs=0.06)


@pytest.mark.parametrize("of_item", [True, False])
def test_what_is_retired_is_not_observed_until_it_is_back(log: Log, of_item: bool) -> None:
    """An item, or a whole location, and whatever still lies there."""

    def tell(*, retired: bool) -> None:
        log.tell(
            ItemDefined("jeans-32", "jeans", 0, retired=retired and of_item),
            LocationDefined("paris", "store", 0, retired=retired and not of_item),
        )

    tell(retired=True)
    log.tell(log.measured("opening", 20))
    log.tell(log.moved("adjustment", -20, START + HOUR), log.moved("adjustment", 5, START + 2 * HOUR))
    assert log.state.learner.register.find("jeans-32", "paris") < 0
    tell(retired=False)
    log.tell(log.moved("receipt", 5, START + 12 * HOUR))
    assert hours_on_shelf(log, 0) == list(range(12, 24))


def test_a_store_that_is_given_up_teaches_no_demand(log: Log) -> None:
    """It is heard of no more: whatever lies there, days without a sale are not observed, and nobody asks for any."""
    lived(log)
    learner, asked = log.state.learner, list[float]()
    end_day, series = learner.end_day, learner.register.find("shirt", "lyon")

    def judging(terms: Terms) -> Judgement:
        judgement = end_day(terms)
        asked.append(judgement.demand_of(series))
        return judgement

    learner.end_day = judging  # type: ignore[method-assign]
    before = forecast(log, "shirt", "lyon")
    log.tell(LocationDefined("lyon", "store", 0, retired=True))
    for day in range(DAYS, DAYS + 5):
        log.tell(log.sale(2, START + day * DAY + 10 * HOUR, sku="shirt", style="shirt"))
        log.tell(Tick(START + (day + 1) * DAY + 4 * HOUR))
    over = forecast(log, "shirt", "lyon")
    assert (over.days_observed, over.mean_per_day) == (before.days_observed, 0.0)
    assert asked == [0.0] * 5
    assert forecast(log, "shirt").days_observed == DAYS + 5


def test_an_empty_shelf_says_nothing(log: Log) -> None:
    lived(log, there=0)
    log.tell(log.moved("receipt", 5, START + DAYS * DAY + 8 * HOUR))
    log.tell(log.sale(1, START + DAYS * DAY + 9 * HOUR))
    log.tell(Tick(START + (DAYS + 1) * DAY + 4 * HOUR))
    assert forecast(log, "jeans-32").days_observed == 1
