"""Forecasts in the fold: when they are made, what is said of them, and what orders make of them."""

import math
from itertools import pairwise

import numpy as np
import pytest

from inventory import state
from inventory.outlook import levels_at
from schemas import observations as log_
from schemas.facts import DemandForecast, Reorder
from tests.inventory.logs import DAY, HOUR, START, Log


def define(log: Log, **item: object) -> None:
    known = {"name": "Jeans", "category": "denim", "price": 60.0, "cost": 20.0, "supplier": "acme", **item}
    log.tell(log_.ItemDefined("jeans-32", "jeans", 0, **known))  # type: ignore[arg-type]
    log.tell(log_.SupplierDefined("acme", 0, lead_time_days=6.0, lead_time_sd_days=0.0, review_period_days=2.0))


def trade(log: Log, days: range, units: int = 4) -> None:
    for day in days:
        log.tell(log.sale(units, START + day * DAY + 12 * HOUR))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))


def test_a_forecast_is_said_once_a_day_of_the_interval_from_order_to_shelf(log: Log) -> None:
    define(log)
    trade(log, range(40))
    log.tell(log.sale(4, START + 40 * DAY + 12 * HOUR), log.sale(1, START + 40 * DAY + 13 * HOUR))
    said = log.said(DemandForecast)
    assert len(said) == 41
    newest = said[-1]
    assert (newest.model, newest.interval_days, newest.days_observed) == ("panel_and_level", 8, 40)
    assert newest.mean_units == pytest.approx(8 * 4, rel=0.1)
    assert newest.mean_per_day == pytest.approx(newest.mean_units / 8)


def test_quantiles_rise_and_are_whole_units(log: Log) -> None:
    define(log)
    trade(log, range(30))
    quantiles = list(log.said(DemandForecast)[-1].quantiles.items())
    assert [float(chance) for chance, _ in quantiles] == sorted(float(chance) for chance, _ in quantiles)
    assert (quantiles[0][0], quantiles[-1][0]) == ("0.005", "0.995")
    assert all(low <= high for (_, low), (_, high) in pairwise(quantiles))
    assert all(units >= 0.0 and units == int(units) for _, units in quantiles)


def test_what_is_said_adds_up(log: Log) -> None:
    define(log)
    trade(log, range(60))
    for forecast in log.said(DemandForecast):
        whole = forecast.base + sum(forecast.contributions.values())
        assert whole == pytest.approx(math.log(forecast.mean_units), abs=1e-6)


def test_a_day_is_over_when_it_is_over_where_it_ends_last(log: Log) -> None:
    """In New York the 15th of November ends at five in the morning UTC."""
    define(log)
    log.tell(log_.LocationDefined("new-york", "store", 0, timezone="America/New_York"))
    log.tell(log.sale(3, START + 12 * HOUR, location="new-york"))
    log.tell(log_.Tick(START + DAY + 4 * HOUR))
    assert log.state.learner.day == START // DAY
    log.tell(log_.Tick(START + DAY + 5 * HOUR))
    assert log.state.learner.day == START // DAY + 1


def test_sales_count_on_the_day_of_the_location(log: Log) -> None:
    define(log)
    log.tell(log_.LocationDefined("new-york", "store", 0, timezone="America/New_York"))
    log.tell(log.sale(3, START + DAY + 2 * HOUR, location="new-york"))
    assert log.state.learner.book.days() == [START // DAY]


def test_stock_outs_are_told_to_the_learner(log: Log) -> None:
    """Sold out at noon of every other day: demand is still what a whole day sells."""
    define(log)
    log.tell(log.measured("opening", 6, START))
    for day in range(1, 60):
        start = START + day * DAY
        stocked = 12 if day % 2 else 6
        log.tell(log.measured("count", stocked, start + 8 * HOUR))
        for hour in range(8, 20):
            if hour - 8 < stocked:
                log.tell(log.sale(1, start + hour * HOUR + HOUR // 2))
        log.tell(log_.Tick(start + DAY))
    log.tell(log.sale(1, START + 60 * DAY + 9 * HOUR))
    assert log.said(DemandForecast)[-1].mean_per_day == pytest.approx(12.0, rel=0.12)


def test_a_book_below_zero_is_no_stock_out(log: Log) -> None:
    define(log)
    log.tell(log.measured("opening", 1, START))
    trade(log, range(20))
    assert log.at().within_reach
    assert log.said(DemandForecast)[-1].mean_per_day == pytest.approx(4.0, rel=0.1)


def test_orders_are_computed_from_the_forecast(log: Log) -> None:
    define(log)
    log.tell(log.measured("opening", 30, START))
    trade(log, range(10))
    forecast, order = log.said(DemandForecast)[-1], log.said(Reorder)[-1]
    assert order.inputs is not None
    assert order.inputs.mean_per_day == pytest.approx(forecast.mean_per_day, rel=0.3)
    assert order.inputs.reorder_point >= forecast.quantiles["0.95"] - 3


def test_years_without_a_word_are_passed_over(log: Log) -> None:
    define(log)
    log.tell(log.sale(1, START - 3000 * DAY))
    log.tell(log_.Tick(START))
    assert log.state.learner.day == START // DAY
    trade(log, range(3))
    assert log.said(DemandForecast)


def test_the_learner_is_stored_with_the_rest(log: Log) -> None:
    define(log)
    trade(log, range(12))
    chunks = state.encode_changed(log.state)
    assert {"demand-told", "demand-names", "demand-learned", "demand-learned-0000"} <= set(chunks)
    again = state.decode(0, chunks)
    assert state.digest(again) == state.digest(log.state)


def test_a_promotion_that_comes_near_is_ordered_for_although_nothing_happened(log: Log) -> None:
    """Sold steadily and well stocked; a promotion that is told for next week lifts the forecast above the stock."""
    define(log)
    log.tell(log.measured("opening", 400, START))
    trade(log, range(30))
    assert not log.said(Reorder)
    log.tell(log.measured("count", 45, START + 30 * DAY + HOUR))
    before = len(log.said(Reorder))
    start = START + 33 * DAY
    log.tell(
        log_.Signal("promotion_uplift", 8.0, START + 30 * DAY + HOUR, starts_at_ms=start, until_ms=start + 6 * DAY)
    )
    log.tell(log_.Tick(START + 31 * DAY + HOUR))
    orders = log.said(Reorder)
    assert len(orders) == before + 1
    assert orders[-1].inputs is not None
    assert orders[-1].inputs.mean_per_day > 2 * 4


def test_a_quiet_day_orders_nothing(log: Log) -> None:
    define(log)
    log.tell(log.measured("opening", 400, START))
    trade(log, range(30))
    said = len(log.facts)
    log.tell(log_.Tick(START + 31 * DAY + HOUR))
    assert {type(fact).__name__ for fact in log.facts[said:]} <= {"DemandQuality"}


def till(partition: int, offset: int, *observations: log_.Observation, more: bool = False) -> log_.ObservationBatch:
    """As the intake sends it: the topic with the beginning of its id."""
    source = log_.Source("readings.pos#00b8ff35", partition, offset - 1, offset, offset, more)
    return log_.ObservationBatch(log_.VERSION, source, (log_.Entry(offset, START, observations),))


def waiting(partition: int, last: int) -> log_.ObservationBatch:
    """What the intake says when it begins to read tills again that were heard up to ``last``."""
    source = log_.Source("readings.pos#00b8ff35", partition, last, last + 1, last, True)
    return log_.ObservationBatch(log_.VERSION, source, ())


def test_a_day_waits_for_tills_that_are_read_late(log: Log) -> None:
    """Two partitions of tills; one is read two days ahead of the other, which then catches up."""
    define(log)
    log.append(till(0, 0, log.sale(1, START + 9 * HOUR), log_.Tick(START + 9 * HOUR)))
    log.append(till(1, 0, log.sale(1, START + 9 * HOUR, "lyon"), log_.Tick(START + 9 * HOUR)))
    log.append(till(0, 1, log.sale(1, START + 2 * DAY + 9 * HOUR), log_.Tick(START + 2 * DAY + 9 * HOUR)))
    assert log.state.learner.day == START // DAY
    log.append(till(1, 1, log.sale(1, START + DAY + 9 * HOUR, "lyon"), log_.Tick(START + DAY + 9 * HOUR)))
    assert log.state.learner.day == START // DAY + 1


def test_tills_that_closed_in_the_evening_are_not_waited_for_till_they_open(log: Log) -> None:
    define(log)
    log.append(till(0, 0, log.sale(1, START + 19 * HOUR), log_.Tick(START + 19 * HOUR)))
    log.tell(log_.Tick(START + DAY + 2 * HOUR))
    assert log.state.learner.day == START // DAY
    log.tell(log_.Tick(START + DAY + 3 * HOUR))
    assert log.state.learner.day == START // DAY + 1
    log.tell(log_.Tick(START + 2 * DAY + 12 * HOUR))
    assert log.state.learner.day == START // DAY + 1
    log.tell(log_.Tick(START + 4 * DAY))
    assert log.state.learner.day == START // DAY + 4


def test_a_day_that_comes_in_one_message_is_learned_whole(log: Log) -> None:
    """Others were read a day ahead; noon is not the end of what the tills have to say."""
    define(log)
    log.append(till(0, 0, log.sale(1, START - HOUR), log_.Tick(START - HOUR)))
    log.tell(log_.Tick(START + DAY + 8 * HOUR))
    assert log.state.learner.day == START // DAY
    day = [(log.sale(1, START + hour * HOUR), log_.Tick(START + hour * HOUR)) for hour in (9, 12, 19)]
    log.append(till(0, 1, *(seen for hour in day for seen in hour)))
    assert log.state.learner.day == START // DAY + 1
    assert log.state.learner.book.days() == []


def test_tills_of_which_more_waits_to_be_read_are_not_done_with_their_day(log: Log) -> None:
    define(log)
    log.append(till(0, 0, log.sale(1, START + 13 * HOUR), log_.Tick(START + 13 * HOUR), more=True))
    log.tell(log_.Tick(START + DAY + 8 * HOUR))
    assert log.state.learner.day == START // DAY
    log.append(till(0, 1, log.sale(1, START + 19 * HOUR)))
    assert log.state.learner.day == START // DAY + 1
    assert log.state.learner.book.days() == []


def test_after_an_outage_tills_are_waited_for_however_far_the_others_are(log: Log) -> None:
    """Heard up to one o'clock; what they sold until they lost the line is read after everything else."""
    define(log)
    log.append(till(0, 0, log.sale(1, START + 13 * HOUR), log_.Tick(START + 13 * HOUR)))
    assert log.append(waiting(0, 0)) == []
    log.tell(log_.Tick(START + 9 * DAY))
    assert log.state.learner.day == START // DAY
    log.append(till(0, 1, log.sale(1, START + 19 * HOUR), log_.Tick(START + 9 * DAY)))
    assert log.state.learner.day == START // DAY + 9


def test_tills_never_heard_before_are_waited_for_when_they_have_something_to_say(log: Log) -> None:
    define(log)
    log.append(waiting(1, -1))
    log.append(till(0, 0, log.sale(1, START + 19 * HOUR), log_.Tick(START + 19 * HOUR)))
    log.tell(log_.Tick(START + 2 * DAY))
    assert log.state.learner.day == START // DAY
    log.append(till(1, 0, log.sale(1, START + 18 * HOUR, "lyon"), log_.Tick(START + 18 * HOUR)))
    assert log.state.learner.day == START // DAY + 1


def test_what_was_read_before_says_of_nothing_that_it_waits(log: Log) -> None:
    """A message that a worker sent again after another went on."""
    define(log)
    first = till(0, 0, log.sale(1, START + 13 * HOUR), log_.Tick(START + 13 * HOUR), more=True)
    log.append(first)
    log.append(till(0, 1, log.sale(1, START + 19 * HOUR)))
    log.append(first)
    log.tell(log_.Tick(START + DAY + 8 * HOUR))
    assert log.state.learner.day == START // DAY + 1


def test_items_a_store_never_had_get_no_demand_and_no_orders(log: Log) -> None:
    """A snapshot tells of SKUs with none on hand that the store has never carried."""
    define(log)
    for sku in ("jeans-34", "jeans-36"):
        log.tell(log_.ItemDefined(sku, "jeans", 0, category="denim", price=60.0, cost=20.0, supplier="acme"))
        log.tell(log.measured("opening", 0, START, sku=sku))
    log.tell(log.measured("opening", 400, START))
    trade(log, range(30))
    assert not log.said(Reorder)
    look = log.state.learner.outlook(log.state.learner.register.find("jeans-32", "paris"))
    assert look is not None
    assert look.mean == pytest.approx(8 * 4, rel=0.1)


def test_a_place_that_sold_out_is_not_closed(log: Log) -> None:
    """Nothing to sell for four weeks; demand is what it was before, and on the day goods are there again."""
    define(log)
    log.tell(log.measured("opening", 120, START))
    trade(log, range(30))
    for day in range(30, 58):
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
    assert log.at().ledger.on_hand == 0
    forecast = log.state.learner.outlook(0)
    assert forecast is not None
    assert forecast.mean == pytest.approx(8 * 4, rel=0.25)


def test_what_is_no_longer_sold_is_no_longer_forecast(log: Log) -> None:
    define(log)
    trade(log, range(20))
    define(log, retired=True)
    log.tell(log_.Tick(START + 21 * DAY + HOUR))
    look = log.state.learner.outlook(0)
    assert look is not None
    assert look.mean == 0.0


def test_a_forecast_that_moved_is_said_although_nobody_sold_anything(log: Log) -> None:
    define(log)
    log.tell(log.measured("opening", 4000, START))
    trade(log, range(20))
    start = START + 22 * DAY
    log.tell(
        log_.Signal("promotion_uplift", 6.0, START + 20 * DAY + HOUR, starts_at_ms=start, until_ms=start + 9 * DAY)
    )
    before = log.said(DemandForecast)[-1]
    log.tell(log_.Tick(START + 21 * DAY + HOUR))
    after = log.said(DemandForecast)[-1]
    assert after.fact_id != before.fact_id
    assert after.mean_units > 1.5 * before.mean_units


def test_prices_beyond_reason_stop_nothing(log: Log) -> None:
    define(log, price=1e308)
    trade(log, range(3))
    log.tell(log.sale(2, START + 3 * DAY + HOUR, unit_price=1e308), log_.Tick(START + 5 * DAY))
    assert math.isfinite(log.said(DemandForecast)[-1].mean_units)


@pytest.mark.parametrize("conformal", [True, False])
def test_without_conformal_forecasts_are_read_at_the_level_asked_for(log: Log, *, conformal: bool) -> None:
    """Demand that is one half of the time and nine the other misses another share than any forecast states."""
    define(log)
    log.tell(log_.RulesChanged("v1", {"conformal": conformal, "cycle_service_level": 0.9}, 0))
    log.tell(log.measured("opening", 300, START))
    for day in range(90):
        trade(log, range(day, day + 1), 9 if day * 5 % 7 % 2 else 1)
    levels = {fact.inputs.quantile_level for fact in log.said(Reorder) if fact.inputs}
    assert levels
    assert (levels == {0.9}) is not conformal
    assert (set(levels_at(log.state, np.full(1, 0.9)).tolist()) == {0.9}) is not conformal


def test_a_series_that_is_out_since_its_first_day_does_not_sell_more_every_day(log: Log) -> None:
    """Two were there and sold at once; the learner guesses what it would have sold since, and must not learn that."""
    log.tell(log.measured("opening", 2), log.measured("opening", 2_000, location="lyon"))
    means = []
    for day in range(28):
        at_ms = START + day * DAY + 12 * HOUR
        log.tell(log.sale(9, at_ms, "lyon"), *([] if day else [log.sale(2, at_ms)]))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
        outlook = log.state.learner.outlook(log.state.learner.register.find("jeans-32", "paris"))
        means.append(0.0 if outlook is None else outlook.mean / outlook.days)
    assert 0.0 < means[-1] <= 1.2 * max(means[:3])
