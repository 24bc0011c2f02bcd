"""Before the first day is over: one early sale is no day's demand, and a best-seller is not held back."""

import pytest

from inventory.outlook import Demand, demand_of
from schemas import observations as log_
from schemas.facts import DemandForecast
from tests.inventory.logs import DAY, HOUR, START, Log

MINUTE = 60_000
STYLES = 40


def opened(log: Log) -> None:
    """A store that has 20 of each of 40 items at eight o'clock."""
    for number in range(STYLES):
        sku = f"item-{number}"
        log.tell(log_.ItemDefined(sku, "jeans", 0, category="denim", price=60.0, cost=20.0, supplier="acme"))
        log.tell(log.measured("opening", 20, START + 8 * HOUR, sku=sku))
    log.tell(log_.SupplierDefined("acme", 0, lead_time_days=6.0, lead_time_sd_days=0.0, review_period_days=1.0))


def sell(log: Log, number: int, units: int, at_ms: int) -> None:
    log.tell(log.sale(units, at_ms, sku=f"item-{number}"))


def demand(log: Log, number: int) -> Demand:
    sku = log.state.skus[f"item-{number}"]
    return demand_of(log.state, sku, "paris", sku.locations["paris"])


def test_an_early_sale_is_weighed_against_what_all_sell(log: Log) -> None:
    """Eight of 40 items sold one between nine and eleven: two in twelve hours each, were it a rate.

    The others: (7 + 1) units in 39 items * 3 / 12 days + 2 = 0.681 a day. With a shape of 1: (1 + 1) / (1 / 0.681 +
    0.25) = 1.16 a day, where the rate would be 4.
    """
    opened(log)
    for number in range(8):
        sell(log, number, 1, START + 9 * HOUR + number * 20 * MINUTE)
    assert demand(log, 0).mean_per_day == pytest.approx(2 / (11.75 / 8 + 0.25))
    assert demand(log, 39).mean_per_day == 0.0


def test_one_sale_among_many_that_do_not_sell_says_little(log: Log) -> None:
    """By the evening 40 items sold two: (1 + 1) / (39 + 2) a day is usual, and one sale makes 2 / (20.5 + 1) of it."""
    opened(log)
    sell(log, 0, 1, START + 9 * HOUR)
    sell(log, 1, 1, START + 20 * HOUR)
    assert demand(log, 0).mean_per_day == pytest.approx(2 / 21.5)
    assert demand(log, 0).variance_per_day > demand(log, 0).mean_per_day


def test_a_best_seller_is_seen_at_once(log: Log) -> None:
    """30 by noon: at least as many a day."""
    opened(log)
    for hour in (9, 10, 11):
        for number in range(STYLES // 2):
            sell(log, number, 1, START + hour * HOUR)
        sell(log, 39, 10, START + hour * HOUR)
    usual = demand(log, 0).mean_per_day
    assert demand(log, 39).mean_per_day > 5 * usual
    assert demand(log, 39).mean_per_day > 10.0


def test_the_first_learned_day_takes_over(log: Log) -> None:
    opened(log)
    sell(log, 0, 1, START + 9 * HOUR)
    log.tell(log_.Tick(START + DAY + HOUR))
    log.tell(log_.Tick(START + DAY + 4 * HOUR))
    sell(log, 0, 1, START + DAY + 9 * HOUR)
    models = {forecast.sku: forecast.model for forecast in log.said(DemandForecast)}
    assert models["item-0"] == "panel_and_level"
    assert demand(log, 0).days_observed == 1


def test_a_voided_sale_leaves_nothing(log: Log) -> None:
    opened(log)
    sell(log, 0, 1, START + 9 * HOUR)
    log.tell(log.sale(1, START + 9 * HOUR + MINUTE, sku="item-0", line_type="void"))
    assert demand(log, 0).mean_per_day == 0.0


def test_where_there_are_few_nothing_is_usual(log: Log) -> None:
    log.tell(log.measured("opening", 20, START + 8 * HOUR, sku="item-0"))
    sell(log, 0, 3, START + 9 * HOUR)
    assert demand(log, 0).mean_per_day == 3.0
