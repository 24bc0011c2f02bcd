"""Shops that close on public holidays, or when somebody said so: what is forecast of such days, and what they teach."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from inventory.demand.learner import Learner, Terms
from inventory.demand.notices import Notice
from inventory.demand.panel.arrays import Array, Mask
from tests.inventory.logs import DAY, HOUR

FIRST = 19_723  # 1 January 2024, a Monday
ITEMS, PLACES, RATE, INTERVAL = 6, 4, 8.0, 9
PLACE = np.repeat(np.arange(PLACES), ITEMS)

Closed = Callable[[int], Mask]
"""Places that are closed on a day."""


def nowhere(_day: int) -> Mask:
    return np.zeros(PLACES, dtype=np.bool_)


def taught(days: int, closed: Closed, feasts: dict[int, str], rate: float | Array = RATE, *told: Notice) -> Learner:
    """Days counted from the first; each series sells at noon where its place is open. Feasts by day."""
    learner = Learner()
    for notice in told:
        learner.notices.tell(notice)
    series = [
        learner.register.series(f"sku-{item}", f"store-{place}", "jeans")
        for place in range(PLACES)
        for item in range(ITEMS)
    ]

    def holidays(on: date, _place: str) -> dict[str, float]:
        name = feasts.get(on.toordinal() - date(1970, 1, 1).toordinal() - FIRST)
        return {f"holiday: {name}": True} if name else {}

    n = len(series)
    terms = Terms(np.full(n, INTERVAL), np.full(n, np.nan), np.zeros(n, dtype=np.bool_), holidays)
    for day in range(days):
        units = np.random.default_rng((5, day)).poisson(rate, n) * ~closed(day)[PLACE]
        for number, sold in zip(series, units, strict=True):
            if sold:
                learner.sold(number, (FIRST + day) * DAY + 12 * HOUR, int(sold))
        while 0 <= learner.day <= FIRST + day:
            learner.end_day(terms)
    return learner


def per_series(learner: Learner) -> Array:
    """Mean units of the interval, (places,)."""
    return np.bincount(PLACE, learner.means()) / ITEMS


def test_shops_that_closed_on_a_feast_are_expected_to_close_on_it_again() -> None:
    feasts = {40: "Unity", 103: "Unity"}
    learner = taught(100, lambda day: np.full(PLACES, day == 40), feasts)
    assert per_series(learner) == pytest.approx((INTERVAL - 1) * RATE, rel=0.1)


def test_a_feast_on_which_shops_trade_is_a_day_like_others() -> None:
    learner = taught(100, nowhere, {40: "Unity", 103: "Unity"})
    assert per_series(learner) == pytest.approx(INTERVAL * RATE, rel=0.1)


def test_one_that_trades_when_all_others_close_is_believed_by_its_own_years() -> None:
    alone = np.arange(PLACES) == 1
    feasts = {20: "Unity", 50: "Unity", 80: "Unity", 103: "Unity"}
    learner = taught(100, lambda day: ~alone & (day in feasts), feasts)
    assert per_series(learner)[alone] == pytest.approx(INTERVAL * RATE, rel=0.1)
    assert per_series(learner)[~alone] == pytest.approx((INTERVAL - 1) * RATE, rel=0.1)


def test_what_the_others_did_is_believed_of_one_too_small_to_tell() -> None:
    """Shops of which so little is expected that a day without sales is no wonder: 6 x 0.6 units a day."""
    small = np.arange(PLACES) == 2
    feasts = {40: "Unity", 103: "Unity"}
    rate = np.where(small, 0.6, RATE)[PLACE]
    closing = taught(100, lambda day: np.full(PLACES, day == 40), feasts, rate)
    open_ = taught(100, lambda day: np.full(PLACES, day == 40), {40: "Unity"}, rate)
    expected = (INTERVAL - 1) / INTERVAL
    assert per_series(closing)[small] / per_series(open_)[small] == pytest.approx(expected, rel=0.05)


def test_a_feast_does_not_close_the_weekdays_it_falls_on() -> None:
    """Three Mondays in a row, as in spring."""
    feasts = {70: "Easter", 77: "May Day", 84: "Whitsun"}
    learner = taught(90, lambda day: np.full(PLACES, day in feasts), feasts)
    assert per_series(learner) == pytest.approx(INTERVAL * RATE, rel=0.1)


def test_a_week_that_somebody_said_is_closed_sells_nothing_and_teaches_nothing() -> None:
    told = Notice("closed", 1.0, FIRST + 60, FIRST + 66, "store-3")
    away = np.arange(PLACES) == 3
    before = taught(60, nowhere, {}, RATE, told)
    assert per_series(before)[away] == pytest.approx(2 * RATE, rel=0.1)
    assert per_series(before)[~away] == pytest.approx(INTERVAL * RATE, rel=0.1)
    after = taught(67, lambda day: away & (60 <= day <= 66), {}, RATE, told)
    assert per_series(after) == pytest.approx(INTERVAL * RATE, rel=0.1)
    assert not any("closed" in name for name in after.explain(0)[1] if name != "closed_days")


def test_what_was_told_of_a_place_goes_before_what_was_told_of_all_and_the_last_holds() -> None:
    days = FIRST + 60, FIRST + 66
    told = [Notice("closed", 1.0, *days), Notice("closed", 0.0, *days, "store-1")]
    taken_back = [*told, Notice("closed", 1.0, *days, "store-2"), Notice("closed", 0.0, *days, "store-2")]
    alone = np.arange(PLACES) == 1
    some = per_series(taught(60, nowhere, {}, RATE, *told))
    assert some[alone] == pytest.approx(INTERVAL * RATE, rel=0.1)
    assert some[~alone] == pytest.approx(2 * RATE, rel=0.1)
    assert per_series(taught(60, nowhere, {}, RATE, *taken_back))[2] == pytest.approx(INTERVAL * RATE, rel=0.1)
