"""What a store has is observed from the day it has it: days on which none of it sells count from the first."""

import pytest

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


def test_an_empty_shelf_says_nothing(log: Log) -> None:
    lived(log, there=0)
    log.tell(log.moved("receipt", 5, START + DAYS * DAY + 8 * HOUR))
    log.tell(log.sale(1, START + DAYS * DAY + 9 * HOUR))
    log.tell(Tick(START + (DAYS + 1) * DAY + 4 * HOUR))
    assert forecast(log, "jeans-32").days_observed == 1
