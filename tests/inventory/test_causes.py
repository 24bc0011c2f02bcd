"""What signals, prices and promotions do to demand, learned within the daily learner and used ahead."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from inventory.demand.learner import Learner, Terms
from inventory.demand.notices import Notice, Notices
from tests.inventory.logs import DAY, HOUR

FIRST = 19_723  # 1 January 2024
NAMES = [(f"sku-{item}", f"store-{place}", "shirts", f"style-{item // 2}") for place in range(4) for item in range(6)]
RATE = 8.0

Factor = Callable[[int], np.ndarray]


def terms(holidays: dict[int, str] | None = None, days: int = 1) -> Terms:
    n, known = len(NAMES), holidays or {}

    def flags(on: object, _place: str) -> dict[str, float]:
        name = known.get(on.toordinal() - 719_163 - FIRST)  # type: ignore[attr-defined]
        return {f"holiday: {name}": True} if name else {}

    return Terms(np.full(n, days, dtype=np.intp), np.full(n, 20.0), np.zeros(n, dtype=np.bool_), flags)


def teach(
    learner: Learner, days: range, factor: Factor, given: Terms, price: Callable[[int], float] = lambda _: 20.0
) -> None:
    series = [learner.register.series(*name) for name in NAMES]
    for day in days:
        units = np.random.default_rng((11, day)).poisson(RATE * factor(day))
        for number, sold in zip(series, units, strict=True):
            learner.sold(number, (FIRST + day) * DAY + 12 * HOUR, int(sold), price(day))
        learner.end_day(given)


def tomorrow(learner: Learner) -> np.ndarray:
    looks = [learner.outlook(series) for series in range(len(NAMES))]
    return np.array([look.mean for look in looks if look is not None])


def ones(_: int) -> np.ndarray:
    return np.ones(len(NAMES))


def test_a_forecast_of_rain_is_believed_by_what_rain_did() -> None:
    """Rain comes on a third of the days and halves sales; tomorrow's is told today."""
    wet = np.random.default_rng(1).random(141) < 1 / 3

    def factor(day: int) -> np.ndarray:
        return np.where(wet[day], 0.5, 1.0) * np.ones(len(NAMES))

    forecasts, told = {}, {}
    for rain in (0.0, 9.0):
        learner = Learner()
        for day in range(140):
            learner.notices.tell(Notice("rain_millimetres", 9.0 * wet[day], FIRST + day, FIRST + day))
            if day == 139:
                learner.notices.tell(Notice("rain_millimetres", rain, FIRST + 140, FIRST + 140))
            teach(learner, range(day, day + 1), factor, terms())
        forecasts[rain] = tomorrow(learner).sum()
        told[rain] = learner.explain(0)[1]["signals"]
    assert forecasts[9.0] / forecasts[0.0] == pytest.approx(0.5, rel=0.15)
    assert told[9.0] - told[0.0] == pytest.approx(math.log(0.5), abs=0.15)
    assert forecasts[0.0] == pytest.approx(len(NAMES) * RATE, rel=0.1)


def test_a_holiday_is_remembered_when_it_comes_again() -> None:
    """Every 30 days, three times as much; the tenth is tomorrow."""
    fairs = {30 * number: "Fair" for number in range(1, 11)}

    def factor(day: int) -> np.ndarray:
        return np.full(len(NAMES), 3.0 if day in fairs else 1.0)

    learner = Learner()
    teach(learner, range(300), factor, terms(fairs))
    assert tomorrow(learner).sum() == pytest.approx(3.0 * len(NAMES) * RATE, rel=0.2)


def test_a_promotion_is_expected_before_its_first_day_and_gone_after_its_last() -> None:
    """One style is put in the window for three days a month and sells 2.5 times as much; the next is told ahead."""
    chosen = np.array([style == "style-1" for *_, style in NAMES])

    def promoted(day: int) -> bool:
        return day % 30 >= 27

    def factor(day: int) -> np.ndarray:
        return np.where(chosen & promoted(day), 2.5, 1.0)

    learner = Learner()
    for day in range(205):
        if day % 30 == 20:
            learner.notices.tell(Notice("promotion", 0.0, FIRST + day + 7, FIRST + day + 9, style="style-1"))
        teach(learner, range(day, day + 1), factor, terms(days=1))
    before = tomorrow(learner)
    assert before[chosen].mean() == pytest.approx(RATE, rel=0.15)
    teach(learner, range(205, 208), factor, terms())
    during = tomorrow(learner)
    assert during[chosen].mean() == pytest.approx(2.5 * RATE, rel=0.2)
    assert during[~chosen].mean() == pytest.approx(RATE, rel=0.1)
    teach(learner, range(208, 210), factor, terms())
    assert tomorrow(learner)[chosen].mean() == pytest.approx(RATE, rel=0.15)


def test_an_uplift_somebody_plans_counts_before_any_was_seen() -> None:
    learner = Learner()
    teach(learner, range(60), ones, terms())
    plain = tomorrow(learner).sum()
    learner.notices.tell(Notice("promotion_uplift", 4.0, FIRST + 61, FIRST + 61))
    teach(learner, range(60, 61), ones, terms())
    assert 1.5 < tomorrow(learner).sum() / plain < 4.0


def test_a_price_cut_that_is_paid_moves_the_forecast_by_the_elasticity() -> None:
    """Prices go up and down every two weeks, elasticity -2: after a cut by a fifth 1.56 times as much is expected."""

    def price(day: int) -> float:
        return 20.0 if day // 14 % 2 == 0 else 16.0

    def factor(day: int) -> np.ndarray:
        return np.full(len(NAMES), (price(day) / 20.0) ** -2.0)

    learner = Learner()
    teach(learner, range(14 * 13), factor, terms(), price)
    assert tomorrow(learner).sum() == pytest.approx(len(NAMES) * RATE, rel=0.15)
    teach(learner, range(14 * 13, 14 * 13 + 1), factor, terms(), price)
    assert tomorrow(learner).sum() == pytest.approx(len(NAMES) * RATE * 0.8**-2.0, rel=0.2)


def test_explanations_with_causes_add_up() -> None:
    learner = Learner()
    learner.notices.tell(Notice("campaign", 1.0, FIRST + 30, FIRST + 33))
    learner.notices.tell(Notice("promotion", 0.2, FIRST + 30, FIRST + 33, style="style-0"))
    teach(learner, range(32), ones, terms(days=5))
    base, added = learner.explain(0)
    look = learner.outlook(0)
    assert look is not None
    assert base + sum(added.values()) == pytest.approx(math.log(look.mean), abs=1e-9)
    assert "prices" in added


def test_notices_that_are_over_are_forgotten_and_means_taken_of_several_a_day() -> None:
    notices = Notices()
    for celsius in (10.0, 20.0):
        notices.tell(Notice("temperature_celsius", celsius, 5, 5, location="paris"))
    notices.tell(Notice("campaign_spring", 0.7, 4, 9))
    assert notices.of_places().on(5, "paris") == {"campaign_spring": True, "temperature_celsius": 15.0}
    assert notices.of_places().on(5, "lyon") == {"campaign_spring": True}
    notices.forget_before(6)
    assert notices.of_places().on(5, "paris") == {"campaign_spring": True}


def test_a_price_cut_told_ahead_counts_by_the_elasticity_and_ends_with_the_promotion() -> None:
    """Paid prices taught an elasticity of -2; a promotion with 20 % off is told, and no till has rung it up yet."""

    def price(day: int) -> float:
        return 20.0 if day // 14 % 2 == 0 else 16.0

    def factor(day: int) -> np.ndarray:
        return np.full(len(NAMES), (price(day) / 20.0) ** -2.0)

    learner = Learner()
    teach(learner, range(14 * 12 + 12), factor, terms(), price)
    plain = tomorrow(learner).sum()
    start = 14 * 12 + 13
    learner.notices.tell(Notice("promotion", 0.2, FIRST + start, FIRST + start, sku="sku-2"))
    teach(learner, range(start - 1, start), factor, terms(), price)
    cut = np.array([sku == "sku-2" for sku, *_ in NAMES])
    ahead = tomorrow(learner)
    assert ahead[cut].mean() / ahead[~cut].mean() > 1.25
    assert ahead[~cut].mean() == pytest.approx(plain / len(NAMES), rel=0.15)


def test_a_promotion_told_again_replaces_and_one_that_ends_before_it_begins_is_withdrawn() -> None:
    notices = Notices()
    notices.tell(Notice("promotion", 0.3, 10, 19, style="jeans"))
    notices.tell(Notice("promotion", 0.3, 10, 12, style="jeans"))
    assert [one.last_day for one in notices.of_goods()] == [12]
    notices.tell(Notice("promotion", 0.0, 10, 9, style="jeans"))
    assert notices.of_goods() == []


def test_the_end_of_a_short_promotion_does_not_end_the_long_one() -> None:
    def price(day: int) -> float:
        return 20.0 if day // 14 % 2 == 0 else 16.0

    def factor(day: int) -> np.ndarray:
        return np.full(len(NAMES), (price(day) / 20.0) ** -2.0)

    learner = Learner()
    start = 14 * 12 + 5
    teach(learner, range(start), factor, terms(), price)
    learner.notices.tell(Notice("promotion", 0.3, FIRST + start, FIRST + start + 9, sku="sku-1"))
    learner.notices.tell(Notice("promotion", 0.3, FIRST + start, FIRST + start + 1, sku="sku-1", location="store-0"))
    teach(learner, range(start, start + 4), factor, terms(), price)
    both = np.array([sku == "sku-1" and place == "store-0" for sku, place, *_ in NAMES])
    one = np.array([sku == "sku-1" and place != "store-0" for sku, place, *_ in NAMES])
    ahead = tomorrow(learner)
    assert ahead[both].mean() == pytest.approx(ahead[one].mean(), rel=0.25)


def test_a_price_told_ahead_is_used_ahead() -> None:
    learner = Learner()
    teach(learner, range(60), ones, terms())
    plain = tomorrow(learner)
    learner.notices.tell(Notice("price", 10.0, FIRST + 61, FIRST + 61, sku="sku-3"))
    teach(learner, range(60, 61), ones, terms())
    cheap = np.array([sku == "sku-3" for sku, *_ in NAMES])
    ahead = tomorrow(learner)
    assert ahead[cheap].mean() > 1.5 * plain[cheap].mean()
    assert ahead[~cheap].mean() == pytest.approx(plain[~cheap].mean(), rel=0.1)


_DAYS = FIRST + 31, FIRST + 33
_PRICE, _CUT = (Notice(name, value, *_DAYS, sku="sku-3") for name, value in (("price", 10.0), ("promotion", 0.2)))


def _priced(told: list[Notice], day: int = 31) -> float:
    """What is expected for a day of an item in a store; 20.0 was paid until the day before."""
    learner = Learner()
    teach(learner, range(30), ones, terms())
    for notice in told:
        learner.notices.tell(notice)
    teach(learner, range(30, day), ones, terms())
    return float(tomorrow(learner)[[sku == "sku-3" for sku, *_ in NAMES]].mean())


@pytest.mark.parametrize("share", [0.0, 0.2])
@pytest.mark.parametrize("price_first", [True, False])
def test_a_price_and_a_promotion_of_the_same_days_both_count(share: float, price_first: bool) -> None:
    """Half the price by the prior elasticity of -1.5, times an uplift of 1.3; 20 % off would not make it dearer."""
    cut = _CUT._replace(value=share)
    both = _priced([_PRICE, cut] if price_first else [cut, _PRICE])
    assert both / _priced([]) == pytest.approx(2.0**1.5 * math.exp(0.26), rel=0.03)


def test_a_price_above_what_the_promotion_leaves_does_not_undo_it() -> None:
    dearer = _PRICE._replace(value=18.0)
    assert _priced([_CUT, dearer]) == _priced([dearer, _CUT]) == _priced([_CUT])


def test_with_the_promotion_ends_its_price_and_one_that_goes_on_stays() -> None:
    """Told to the 33rd both: on the 34th the usual price is back; told to the 34th the price is still there."""
    longer = _PRICE._replace(last_day=FIRST + 34)
    plain = _priced([], day=34)
    assert _priced([_CUT, _PRICE], day=34) < 1.2 * plain
    assert _priced([longer, _CUT], day=34) == _priced([_CUT, longer], day=34) > 1.5 * plain


@pytest.mark.parametrize("later_first", [True, False])
def test_of_prices_from_a_day_on_the_latest_holds_in_whatever_order_they_were_told(later_first: bool) -> None:
    """15 from one day on, 10 from the next; nothing is sold, so no till says what is paid."""
    told = [Notice("price", 15.0, FIRST + 31, FIRST + 31), Notice("price", 10.0, FIRST + 32, FIRST + 32)]
    learner = Learner()
    teach(learner, range(30), ones, terms())
    for notice in reversed(told) if later_first else told:
        learner.notices.tell(notice)
    for _ in range(3):
        learner.end_day(terms())
    assert set(learner.prices()) == {10.0}
