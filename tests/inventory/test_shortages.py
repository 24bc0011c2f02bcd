"""Stock that runs out before goods can be there is said before it is sold out, once, and where it costs something."""

import itertools

import pytest

from inventory.alerts.shortages import likeliest
from inventory.alerts.stockout_risk import STOCKOUT_RISK
from inventory.outlook import Demand
from schemas.facts import Alert, Reorder
from schemas.observations import (
    ItemDefined,
    LocationDefined,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
    Tick,
)
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

POISSON = Demand(4.0, 4.0, 30, 1, "")


def _known(log: Log, price: float | None = 50.0, cost: float | None = 20.0) -> None:
    log.tell(ItemDefined("jeans-32", "jeans", 0, price=price, cost=cost, supplier="mill"))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7, lead_time_sd_days=0, review_period_days=1))


def _sell(log: Log, days: range, units: int = 4) -> None:
    for day in days:
        log.tell(log.sale(units, START + day * DAY + 10 * HOUR))
        log.tell(Tick(START + (day + 1) * DAY + HOUR))


def _said(log: Log) -> list[Alert]:
    return [alert for alert in log.said(Alert) if alert.kind == STOCKOUT_RISK]


def _states(log: Log) -> list[str]:
    return [alert.state for alert in _said(log)]


def test_four_a_day_one_left_and_nothing_for_a_week_is_a_risk_before_it_is_a_stockout(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 45))
    _sell(log, range(11))
    (fired, *_), left = _said(log), log.at().ledger.on_hand
    assert left == 1
    assert fired.state == "firing"
    assert (fired.probability or 0.0) > 0.85
    # 28 units are asked for in a week: those that are not there earn 30 each, over 168 hours
    assert fired.money_at_risk_per_hour == pytest.approx((28 - 9) * 30 / 168, rel=0.35)
    assert "stockout" not in {alert.kind for alert in log.said(Alert)}


def test_it_is_said_once_and_again_only_when_it_costs_twice_as_much(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 45))
    _sell(log, range(11))
    told = [alert.money_at_risk_per_hour or 0.0 for alert in _said(log) if alert.state == "firing"]
    assert all(later > 2.0 * before for before, later in itertools.pairwise(told))
    assert len({alert.alert_id for alert in _said(log)}) == 1


def test_what_comes_in_time_is_no_risk_and_ends_one(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 40))
    _sell(log, range(4))
    order = log.said(Reorder)[-1]
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 4 * DAY, expected_at_ms=START + 6 * DAY))
    _sell(log, range(4, 5))
    assert _states(log) == []
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 5 * DAY, expected_at_ms=START + 30 * DAY))
    _sell(log, range(5, 6))
    assert _states(log)[0] == "firing"
    log.tell(log.moved("receipt", 90, START + 6 * DAY + 11 * HOUR, order_id=order.order_id))
    log.tell(Tick(START + 6 * DAY + 13 * HOUR))
    assert _states(log)[-1] == "resolved"


def test_a_stock_that_is_sold_out_has_the_alert_of_that_instead(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 45))
    _sell(log, range(11))
    log.tell(log.sale(1, START + 11 * DAY + 10 * HOUR))
    kinds = {alert.kind: alert.state for alert in log.said(Alert)}
    assert (kinds[STOCKOUT_RISK], kinds["stockout"]) == ("resolved", "firing")
    assert STOCKOUT_RISK not in log.at().alerts


def test_goods_that_come_and_go_do_not_make_it_flap(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 45))
    _sell(log, range(11))
    for minute in range(0, 600, 20):
        at_ms = START + 11 * DAY + 10 * HOUR + minute * 60_000
        log.tell(log.sale(log.at().ledger.on_hand, at_ms))
        log.tell(log.moved("receipt", 2, at_ms + 600_000))
    assert _states(log).count("resolved") == 1
    assert _states(log)[-1] == "resolved"


@pytest.mark.parametrize(
    ("price", "rules", "fires"),
    [
        (50.0, {}, True),
        (20.1, {}, False),  # 0.10 earned a unit: not worth saying
        (20.1, {"stockout_risk_cost": 0.5}, True),
        (50.0, {"stockout_risk_probability": 1.0}, False),
        (None, {}, True),  # nobody knows what it earns, but units are lost
    ],
)
def test_it_is_said_where_it_is_likely_and_costs_something(
    log: Log, price: float | None, rules: dict[str, float | str | bool], fires: bool
) -> None:
    log.tell(RulesChanged("r1", rules, 0))
    _known(log, price)
    log.tell(log.measured("opening", 45))
    _sell(log, range(11))
    assert (_states(log) != []) == fires


def test_the_first_sales_of_a_series_frighten_nobody(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 3))
    _sell(log, range(1), units=2)
    assert _said(log) == []


def test_where_nothing_is_ordered_any_more_nobody_is_warned(log: Log) -> None:
    _known(log)
    log.tell(LocationDefined("paris", "store", 0, replenished=False))
    log.tell(log.measured("opening", 45))
    _sell(log, range(11))
    assert _said(log) == []


def test_a_retired_item_ends_it(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 45))
    _sell(log, range(11))
    log.tell(ItemDefined("jeans-32", "jeans", START + 11 * DAY, price=50.0, cost=20.0, supplier="mill", retired=True))
    log.tell(log.sale(0, START + 11 * DAY + HOUR))
    assert _states(log)[-1] == "resolved"


def test_an_order_that_does_not_come_is_noticed_at_a_days_end_though_nothing_is_sold(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 46))
    _sell(log, range(2))
    order = log.said(Reorder)[-1]
    log.tell(OrderAcknowledged(order.order_id, "acknowledged", START + 2 * DAY, expected_at_ms=START + 10 * DAY))
    _sell(log, range(2, 9))
    assert _states(log) == []
    log.tell(*(Tick(START + day * DAY + HOUR) for day in range(10, 14)))
    assert _states(log) == ["firing"]


def test_it_does_not_matter_where_the_log_is_cut(log: Log) -> None:
    _known(log)
    log.tell(log.measured("opening", 45))
    _sell(log, range(14))
    assert fold_all(log.messages) == fold_all(log.messages, store_after=frozenset(range(0, len(log.messages), 3)))


@pytest.mark.parametrize(
    ("coming", "days"),
    [
        ([], 7.0),
        ([(1.0, 40)], 1.0),  # enough then, so the first day is the likeliest to run out
        ([(1.0, 1)], 7.0),  # one unit helps nobody for a week
        ([(9.0, 40)], 7.0),
    ],
)
def test_the_likeliest_time_to_run_out_is_told(coming: list[tuple[float, int]], days: float) -> None:
    assert likeliest(5, coming, 7.0, POISSON).days == days
