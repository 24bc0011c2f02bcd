"""Units that are unlikely to sell: the sums, the choice of a markdown, and what the fold says of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import state
from inventory.replenishment.distribution import counts
from inventory.surplus.markdowns import LADDER, Stocks, best_steps, clearing_steps, outcomes
from inventory.surplus.unsold import expected_unsold, most_unsold, probability_all_sold
from schemas import observations as log_
from schemas.facts import Alert, StockSurplus
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

units = st.integers(0, 300)
means = st.one_of(st.just(0.0), st.floats(1e-6, 200.0))
ratios = st.floats(1.0, 8.0)


def unsold(stock: float, mean: float, ratio: float) -> float:
    return float(expected_unsold(np.array(stock), np.array(mean), np.array(mean * ratio)))


def test_unsold_units_by_hand() -> None:
    """Poisson demand of 1 and two units: none wanted leaves 2, one wanted 1, so 2 / e + 1 / e."""
    assert unsold(2, 1.0, 1.0) == pytest.approx(3.0 / math.e)
    assert unsold(7, 0.0, 1.0) == pytest.approx(7.0)
    assert unsold(0, 5.0, 2.0) == 0.0
    # Size 1 is the geometric distribution: mean 1, variance 2, P(x) = 2 ** -(x + 1); two units leave 2 / 2 + 1 / 4.
    assert unsold(2, 1.0, 2.0) == pytest.approx(1.25)
    assert float(probability_all_sold(np.array(2.0), np.array(1.0), np.array(2.0))) == pytest.approx(0.25)


@given(units, means, ratios)
def test_sums_over_all_demands_say_the_same(stock: int, mean: float, ratio: float) -> None:
    demand = counts(mean, mean * ratio)
    assert unsold(stock, mean, ratio) == pytest.approx(demand.leftover(stock), abs=1e-6)
    all_sold = float(probability_all_sold(np.array(float(stock)), np.array(mean), np.array(mean * ratio)))
    assert all_sold == pytest.approx(demand.at_least(stock), abs=1e-6)


@given(units, means, ratios)
def test_more_stock_leaves_more_and_never_beyond_the_bound(stock: int, mean: float, ratio: float) -> None:
    left, more = unsold(stock, mean, ratio), unsold(stock + 1, mean, ratio)
    assert 0.0 <= left <= stock
    assert left - 1e-9 <= more <= left + 1.0 + 1e-9
    bound = float(most_unsold(np.array(float(stock)), np.array(mean), np.array(mean * ratio)))
    assert left <= bound + 1e-6


@given(units, means, ratios, st.floats(-6.0, -0.1))
def test_a_deeper_markdown_never_leaves_more(stock: int, mean: float, ratio: float, elasticity: float) -> None:
    columns = (float(stock), mean, mean * ratio, 10.0, 0.0, elasticity)
    found = outcomes(Stocks(np.array([0]), *(np.array([one]) for one in columns)))
    assert (np.diff(found.unsold[0]) <= 1e-6).all()
    assert (np.diff(found.all_sold[0]) >= -1e-6).all()
    assert (found.revenue >= 0.0).all()


def revenues(stocks: list[tuple[float, ...]]) -> np.ndarray:
    rows = [np.array(column) for column in zip(*stocks, strict=True)]
    return outcomes(Stocks(np.zeros(len(stocks), dtype=np.intp), *rows)).revenue


def test_the_best_markdown_of_certain_demand_by_hand() -> None:
    """A mean of 1,000 with 2,500 units and elasticity -2 is as good as certain: half price would want 4,000.

    Revenue at m: 10 (1 - m) min(2500, 1000 / (1 - m) ** 2) grows until all sells, at 1 - m = sqrt(0.4) = 0.63.
    Steps on either side: 30 % sells 2,041 for 14,286; 40 % all for 15,000.
    """
    revenue = revenues([(2500.0, 1000.0, 1000.0, 10.0, 0.0, -2.0)])
    assert revenue[0, 3] == pytest.approx(10 * 0.7 * 1000 / 0.49, rel=1e-6)
    assert revenue[0, 4] == pytest.approx(15_000, rel=2e-3)
    assert LADDER[int(best_steps(revenue, np.array([0]), np.array([0]))[0])] == 0.4


def test_inelastic_demand_is_not_marked_down_and_salvage_holds_back() -> None:
    none = np.array([0])
    inelastic = revenues([(100.0, 20.0, 20.0, 10.0, 0.0, -0.5)])
    assert best_steps(inelastic, none, none).tolist() == [0]
    elastic, worth_keeping = (revenues([(100.0, 20.0, 20.0, 10.0, left, -1.5)]) for left in (0.0, 9.0))
    assert best_steps(elastic, none, none)[0] > 0
    assert best_steps(worth_keeping, none, none).tolist() == [0]


def test_an_item_has_one_price_over_its_locations() -> None:
    """Marking down one place's 40 units too many would cost what the other place's 2,000 are going to earn anyway."""
    short, long = (2000.0, 4000.0, 4000.0, 10.0, 0.0, -2.0), (80.0, 40.0, 40.0, 10.0, 0.0, -2.0)
    none = np.array([0])
    assert best_steps(revenues([long]), none, none)[0] > 0
    assert best_steps(revenues([short, long]), np.array([0, 0]), none).tolist() == [0]


def test_a_markdown_that_was_told_stays_while_another_gains_little() -> None:
    revenue = np.array([[100.0, 110.0, 110.5]])
    assert best_steps(revenue, np.array([0]), np.array([1])).tolist() == [1]
    assert best_steps(revenue, np.array([0]), np.array([0])).tolist() == [2]
    assert best_steps(np.array([[np.nan, np.nan]]), np.array([0]), np.array([1])).tolist() == [0]


def test_the_clearing_markdown_is_the_first_that_is_likely_enough() -> None:
    """50 units at a mean of 50: an elasticity of -2 wants 62 at 10 % off, 78 at 20 % off."""
    found = outcomes(Stocks(np.array([0]), *(np.array([one]) for one in (50.0, 50.0, 50.0, 10.0, 0.0, -2.0))))
    assert found.all_sold[0, 1] == pytest.approx(counts(50 / 0.81, 50 / 0.81).at_least(50))
    assert 0.9 <= found.all_sold[0, 1] < 0.99
    assert clearing_steps(found.all_sold, 0.9).tolist() == [1]
    assert clearing_steps(found.all_sold, 0.99).tolist() == [2]


def season(log: Log, *, ends_in: int | None = 60, stock: int = 300, **item: object) -> None:
    known = {"name": "Jeans", "category": "denim", "price": 60.0, "cost": 20.0, "shelf_minimum_units": 2, **item}
    ends = None if ends_in is None else START + ends_in * DAY
    log.tell(log_.ItemDefined("jeans-32", "jeans", 0, season_end_ms=ends, **known))  # type: ignore[arg-type]
    log.tell(log_.LocationDefined("paris", "store", 0, replenished=False))
    log.tell(log.measured("opening", stock, START))


def trade(log: Log, days: range, units: int = 2) -> None:
    for day in days:
        log.tell(log.sale(units, START + day * DAY + 12 * HOUR, unit_price=60.0))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))


def test_a_surplus_is_said_after_a_week_with_the_markdown(log: Log) -> None:
    """286 units, 2 a day, 53 days: about 180 are left over.

    With the prior's elasticity of -1.5 all sell at (106 / 286) ** (2 / 3) = 0.516 of the price, so half off earns most;
    it wants 300 give or take 17, which is not sure enough to clear, while 60 % off wants 419.
    """
    season(log)
    trade(log, range(6))
    assert not log.said(StockSurplus)
    trade(log, range(6, 8))
    first = log.said(StockSurplus)[0]
    assert (first.state, first.kind, str(first.season_end)) == ("open", "season_end", "2024-01-14")
    assert first.units == first.on_hand == 300 - 7 * 2
    assert first.expected_unsold_units == pytest.approx(first.units - first.mean_per_day * first.horizon_days, rel=0.05)
    assert first.mean_per_day == pytest.approx(2.0, rel=0.2)
    assert first.probability_all_sold < 0.01
    assert first.elasticity == pytest.approx(-1.5, abs=0.1)
    assert first.price == 60.0
    assert first.tied_up == pytest.approx(first.expected_unsold_units * 20.0, abs=0.2)
    assert first.expected_revenue == pytest.approx(60.0 * (first.units - first.expected_unsold_units), abs=1.0)
    assert first.marked_down_revenue is not None
    assert (first.markdown, first.clearing_markdown) == (0.5, 0.6)
    assert first.marked_down_revenue > first.expected_revenue
    assert first.marked_down_unsold_units < first.expected_unsold_units
    (alert,) = log.said(Alert)
    assert (alert.kind, alert.severity, alert.state) == ("surplus", "warning", "firing")
    assert alert.money_at_risk_per_hour == pytest.approx(first.tied_up / first.horizon_days / 24, rel=0.01)
    assert "not expected to sell by 2024-01-14" in alert.summary


def test_it_is_said_again_only_when_it_changes_and_cleared_when_the_units_are_gone(log: Log) -> None:
    season(log)
    trade(log, range(20))
    assert len(log.said(StockSurplus)) <= 3
    log.tell(log.moved("adjustment", -220, START + 20 * DAY + 2 * HOUR))
    trade(log, range(20, 22))
    last = log.said(StockSurplus)[-1]
    assert (last.state, log.at().surplus) == ("cleared", None)
    assert [alert.state for alert in log.said(Alert) if alert.kind == "surplus"][-1] == "resolved"
    said = len(log.said(StockSurplus))
    trade(log, range(22, 25))
    assert len(log.said(StockSurplus)) == said


def test_what_sells_in_time_is_no_surplus(log: Log) -> None:
    season(log, stock=115)
    trade(log, range(30))
    assert not log.said(StockSurplus)


def test_what_a_season_left_stays_said_until_it_is_retired(log: Log) -> None:
    season(log, ends_in=20, stock=60)
    trade(log, range(22))
    last = log.said(StockSurplus)[-1]
    assert (last.state, last.markdown, last.horizon_days) == ("open", 0.0, 0.0)
    assert last.expected_unsold_units == last.units
    log.tell(log_.ItemDefined("jeans-32", "jeans", START + 22 * DAY, price=60.0, retired=True))
    log.tell(log_.Tick(START + 23 * DAY + HOUR))
    assert log.said(StockSurplus)[-1].state == "cleared"
    assert "surplus" not in log.at().alerts


def test_slow_stock_is_said_after_eight_weeks_without_a_markdown(log: Log) -> None:
    """A unit a week and 200 on hand: about 150 will be there in a year."""
    season(log, ends_in=None, stock=200)
    for day in range(70):
        if day % 7 == 0:
            log.tell(log.sale(1, START + day * DAY + 12 * HOUR))
        log.tell(log.sale(3, START + day * DAY + 13 * HOUR, sku="shirt-m", style="shirt"))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
    first = log.said(StockSurplus)[0]
    assert (first.kind, first.season_end, first.markdown, first.clearing_markdown) == ("slow", None, 0.0, None)
    assert (first.occurred_at.timestamp() * 1000 - START) / DAY >= 56
    assert 100 < first.expected_unsold_units < 200
    (alert,) = (one for one in log.said(Alert) if one.kind == "surplus")
    assert alert.severity == "info"
    held = first.expected_unsold_units * 20.0 * 0.25 / 365 / 24
    assert alert.money_at_risk_per_hour == pytest.approx(held, rel=0.01)


def test_silence_about_what_is_not_known_is_no_more_than_the_shelf_needs_or_lies_in_a_warehouse() -> None:
    unknown, shelf, warehouse = Log(), Log(), Log()
    season(unknown, stock=300)
    unknown.at().ledger.opening_known = False
    season(shelf, stock=40, shelf_minimum_units=40)
    season(warehouse)
    warehouse.tell(log_.LocationDefined("paris", "warehouse", START))
    for log in (unknown, shelf, warehouse):
        trade(log, range(12), units=1)
        assert not log.said(StockSurplus)


def test_a_price_cut_that_was_made_is_not_asked_for_again_on_top(log: Log) -> None:
    """Once the till charges less, what is suggested is off the new price, and sales at it count."""
    season(log)
    trade(log, range(20))
    before = log.said(StockSurplus)[-1]
    price = round(60.0 * (1.0 - before.markdown), 2)
    for day in range(20, 34):
        log.tell(log.sale(8, START + day * DAY + 12 * HOUR, unit_price=price))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
    after = log.said(StockSurplus)[-1]
    assert after.markdown < before.markdown
    assert after.state == "cleared" or after.price == price


def test_the_same_after_a_checkpoint_on_every_day() -> None:
    log = Log()
    season(log)
    trade(log, range(16))
    whole = fold_all(log.messages)
    assert fold_all(log.messages, store_after=frozenset(range(len(log.messages)))) == whole
    assert whole[0] == state.digest(log.state)


def test_what_never_sold_is_seen_too(log: Log) -> None:
    """40 units of a size that nobody buys: after 7 days without a sale 53 more want about 53 / 14 units."""
    season(log)
    log.tell(log_.ItemDefined("jeans-60", "jeans", 0, price=60.0, cost=20.0, season_end_ms=START + 60 * DAY))
    log.tell(log.measured("opening", 40, START, sku="jeans-60"))
    trade(log, range(7))
    assert [fact.sku for fact in log.said(StockSurplus)] == ["jeans-32"]
    trade(log, range(7, 9))
    first = next(fact for fact in log.said(StockSurplus) if fact.sku == "jeans-60")
    shown = 7
    assert first.mean_per_day == pytest.approx(1 / (2 * shown), abs=1e-3)
    demand = counts(first.horizon_days / 14, first.horizon_days / 14 + 2 * (first.horizon_days / 14) ** 2)
    assert first.expected_unsold_units == pytest.approx(demand.leftover(40), abs=0.01)
    log.tell(log.moved("adjustment", -40, START + 9 * DAY + 2 * HOUR, sku="jeans-60"))
    trade(log, range(9, 11))
    assert [fact.state for fact in log.said(StockSurplus) if fact.sku == "jeans-60"] == ["open", "cleared"]


def _first_said_day(log: Log) -> float:
    return (log.said(StockSurplus)[0].occurred_at.timestamp() * 1000 - START) // DAY


def test_of_a_short_season_no_week_is_let_pass(log: Log) -> None:
    """300 units, 1 a day, 6 days: watched for a quarter of them, so that there is time to do something."""
    season(log, ends_in=6, stock=300)
    trade(log, range(1), units=1)
    assert not log.said(StockSurplus)
    trade(log, range(1, 6), units=1)
    assert _first_said_day(log) == 2
    first = log.said(StockSurplus)[0]
    assert first.expected_unsold_units == pytest.approx(298 - 4, abs=0.5)
    assert first.markdown == 0.7


def test_what_comes_in_the_last_days_of_a_season_and_stays_is_said_before_its_end(log: Log) -> None:
    season(log, ends_in=30, stock=40)
    trade(log, range(20))
    assert not log.said(StockSurplus)
    log.tell(log_.ItemDefined("jeans-60", "jeans", 0, price=60.0, cost=20.0, season_end_ms=START + 30 * DAY))
    log.tell(log.measured("opening", 40, START + 20 * DAY + 2 * HOUR, sku="jeans-60"))
    trade(log, range(20, 30))
    late = next(fact for fact in log.said(StockSurplus) if fact.sku == "jeans-60")
    assert late.horizon_days > 5.0, "a week would have left three days"


def test_a_day_that_ends_where_nothing_is_known_says_nothing(log: Log) -> None:
    log.tell(log_.Tick(START))
    assert log.tell(log_.Tick(START + DAY)) == []


def test_where_nothing_was_ever_sold_there_is_no_forecast_and_yet_a_surplus(log: Log) -> None:
    season(log, ends_in=40, stock=30)
    for day in range(12):
        log.tell(log.moved("zone_move", 1, START + day * DAY + 10 * HOUR))
        log.tell(log_.Tick(START + (day + 1) * DAY + HOUR))
    first = log.said(StockSurplus)[0]
    assert (first.state, first.units, _first_said_day(log)) == ("open", 30, 8)
    # shown for 7 days: the posterior mean is 1 / 14 a day
    assert first.mean_per_day == pytest.approx(1 / 14, abs=1e-3)
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(len(log.messages))))
