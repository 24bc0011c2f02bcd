"""Learning demand day by day in the fold: what it finds, what it never does, and that it can be put away."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from inventory.demand.learner import Learner, Terms, canonical, decoded, encoded
from inventory.demand.panel.arrays import Array
from inventory.demand.register import Register
from tests.inventory.logs import DAY, HOUR

FIRST = 19_723  # 1 January 2024, a Monday
ITEMS, PLACES = 8, 3
NAMES = [(f"sku-{item}", f"store-{place}", f"category-{item % 2}") for place in range(PLACES) for item in range(ITEMS)]
INTERVAL = 9

Units = Callable[[int], Array]


def flat(rate: float) -> Units:
    return lambda day: np.random.default_rng((7, day)).poisson(rate, len(NAMES)).astype(np.float64)


def terms(n: int) -> Terms:
    return Terms(np.full(n, INTERVAL), np.full(n, np.nan), np.zeros(n, dtype=np.bool_), lambda _day, _place: {})


def teach(learner: Learner, units: Units, days: range) -> None:
    """Days counted from the first; the units of each series are sold at noon."""
    series = [learner.register.series(*name) for name in NAMES]
    for day in days:
        for number, sold in zip(series, units(day), strict=True):
            if sold:
                learner.sold(number, (FIRST + day) * DAY + 12 * HOUR, int(sold))
        if learner.day < 0:
            continue
        while learner.day <= FIRST + day:
            n = len(learner.register)
            learner.end_day(terms(n))


def taught(units: Units, days: int) -> Learner:
    learner = Learner()
    teach(learner, units, range(days))
    return learner


def means(learner: Learner) -> Array:
    looks = [learner.outlook(series) for series in range(len(learner.register))]
    return np.array([look.mean for look in looks if look is not None])


@pytest.mark.parametrize("rate", [0.1, 1.0, 20.0])
def test_the_forecast_is_as_much_as_is_sold(rate: float) -> None:
    """24 alike series and a memory of about 28 days: their sum is known to three times 1 / sqrt(24 * 28 * rate)."""
    learner = taught(flat(rate), 70)
    assert means(learner).sum() == pytest.approx(
        len(NAMES) * rate * INTERVAL, rel=max(3.0 / (24 * 28 * rate) ** 0.5, 0.05)
    )


def test_sums_scatter_as_the_variance_says() -> None:
    """Poisson demand, learned for half a year: squared errors are what the variance says (144 of them: to 3 * 12 %)."""
    units = flat(3.0)
    ratios = []
    for until in range(120, 180, INTERVAL):
        learner = taught(units, until)
        actual = sum(units(day) for day in range(until, until + INTERVAL))
        looks = [learner.outlook(series) for series in range(len(NAMES))]
        ratios += [(y - look.mean) ** 2 / look.variance for y, look in zip(actual, looks, strict=True) if look]
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.36)


def test_a_step_of_three_is_believed_within_two_weeks() -> None:
    learner = taught(lambda day: flat(5.0 if day < 60 else 15.0)(day), 74)
    assert means(learner).sum() == pytest.approx(len(NAMES) * 15.0 * INTERVAL, rel=0.2)


def test_saturdays_that_sell_three_times_as_much_are_expected() -> None:
    """On the interval's nine days from a Friday on there are two Saturdays, from a Sunday on one."""

    def units(day: int) -> Array:
        return flat(12.0 if (day % 7) == 5 else 4.0)(day)

    two, one = taught(units, 7 * 20 + 4), taught(units, 7 * 20 + 6)
    assert means(two).sum() / means(one).sum() == pytest.approx((7 * 4 + 2 * 12) / (8 * 4 + 12), rel=0.08)


def test_a_place_that_is_closed_on_sundays_is_not_expected_to_sell_then() -> None:
    closed = np.array([place == "store-0" for _, place, _ in NAMES])

    def units(day: int) -> Array:
        sold = flat(8.0)(day)
        return np.where(closed & (day % 7 == 6), 0.0, sold)

    learner = taught(units, 7 * 16)
    per_series = np.array([learner.outlook(series).mean for series in range(len(NAMES))])  # type: ignore[union-attr]
    # nine days from a Monday on hold one Sunday
    assert per_series[closed].mean() == pytest.approx(8 * 8.0, rel=0.1)
    assert per_series[~closed].mean() == pytest.approx(9 * 8.0, rel=0.1)


def test_a_place_that_is_closed_on_sundays_learns_how_its_intervals_scatter() -> None:
    """Poisson demand: after 16 weeks the variance is far nearer to the mean than the first guess, as elsewhere."""
    closed = np.array([place == "store-0" for _, place, _ in NAMES])
    found = []
    for seed in range(3):

        def units(day: int, seed: int = seed) -> Array:
            sold = np.random.default_rng((seed, day)).poisson(8.0, len(NAMES)).astype(np.float64)
            return np.where(closed & (day % 7 == 6), 0.0, sold)

        learner = taught(units, 7 * 16)
        ratios = learner.variances() / learner.means()
        first = 1.0 + 0.3 * learner.means()
        assert (ratios < 0.25 * first).all()
        found.append([ratios[closed].mean(), ratios[~closed].mean()])
    of_closed, of_open = np.mean(found, axis=0)
    assert of_closed == pytest.approx(of_open, rel=0.6)


def test_a_week_nobody_heard_of_teaches_nothing() -> None:
    silent = np.array([place == "store-1" for _, place, _ in NAMES])

    def units(day: int) -> Array:
        return np.where(silent & (60 <= day < 67), 0.0, flat(6.0)(day))

    learner = taught(units, 67)
    per_series = np.array([learner.outlook(series).mean for series in range(len(NAMES))])  # type: ignore[union-attr]
    assert per_series[silent].mean() == pytest.approx(INTERVAL * 6.0, rel=0.1)


def test_hours_without_stock_are_no_lack_of_demand() -> None:
    """Half of the series are sold out from noon on, every other day; demand is even over the day."""
    out = np.arange(len(NAMES)) % 2 == 0
    learner, hours = Learner(), range(8, 20)
    series = [learner.register.series(*name) for name in NAMES]
    for day in range(90):
        start = (FIRST + day) * DAY
        units = np.random.default_rng((3, day)).poisson(0.5, (len(NAMES), len(hours)))
        for number in series:
            cut = out[number] and day % 2 == 1
            for at, hour in enumerate(hours):
                if units[number, at] and not (cut and hour >= 12):
                    learner.sold(number, start + hour * HOUR, int(units[number, at]))
            if cut:
                learner.turned(number, start + 12 * HOUR, in_stock=False)
                learner.turned(number, start + 24 * HOUR, in_stock=True)
        while 0 <= learner.day <= FIRST + day:
            learner.end_day(terms(len(series)))
    forecast = means(learner)
    assert forecast[out].mean() == pytest.approx(6.0 * INTERVAL, rel=0.05)
    assert forecast[~out].mean() == pytest.approx(6.0 * INTERVAL, rel=0.05)


def test_a_new_series_begins_like_its_neighbours_and_becomes_itself() -> None:
    def units(day: int) -> Array:
        sold = flat(4.0)(day)
        sold[0] = np.random.default_rng((5, day)).poisson(12.0) if day >= 100 else 0.0
        return sold

    after = {days: taught(units, 100 + days).outlook(0) for days in (1, 60)}
    first, later = after[1], after[60]
    assert first is not None
    assert later is not None
    assert 0.5 * 4 * INTERVAL < first.mean < 2.0 * 4 * INTERVAL
    assert later.mean == pytest.approx(12.0 * INTERVAL, rel=0.25)


def _nothing(day: int) -> Array:
    return np.zeros(len(NAMES)) if day else np.ones(len(NAMES))


def _huge(day: int) -> Array:
    return flat(1.0)(day) * np.where(np.arange(len(NAMES)) == 3, 1e7, 1.0)


def _dying(day: int) -> Array:
    return flat(3.0)(day) * (day < 30)


def _one_spike(day: int) -> Array:
    return flat(0.5)(day) + 1e6 * (day == 40) * (np.arange(len(NAMES)) == 5)


@pytest.mark.parametrize("units", [_nothing, _huge, _dying, _one_spike])
@pytest.mark.parametrize("days", [1, 8, 100])
def test_forecasts_are_numbers_and_never_negative(units: Units, days: int) -> None:
    learner = taught(units, days)
    for series in range(len(NAMES)):
        look = learner.likely(series)
        assert look is not None
        assert learner.outlook(series) in (look, None)
        assert 0.0 <= look.mean < 1e12
        assert look.mean <= look.variance < 1e26


@pytest.mark.parametrize("days", [2, 30, 200])
def test_contributions_add_up_to_the_log_of_the_forecast(days: int) -> None:
    learner = taught(flat(2.0), days)
    for series in range(len(NAMES)):
        look = learner.outlook(series)
        assert look is not None
        base, added = learner.explain(series)
        assert base + sum(added.values()) == pytest.approx(math.log(look.mean), abs=1e-9)
        assert set(added) <= {
            "weekday",
            "season",
            "day_of_month",
            "last_year",
            "calibration",
            "own_pattern",
            "choice",
            "level_step",
            "closed_days",
        }


def test_taken_up_again_it_goes_on_as_if_it_had_never_been_away() -> None:
    """Stored after every few days, more series coming in between, some aggregates divided."""
    units = flat(9.0)
    learner, again = Learner(), Learner()
    chunks: dict[str, bytes] = {}
    for start in range(0, 84, 6):
        for one in (learner, again):
            one.register.series(f"late-{start}", "store-1", "category-1")
            teach(one, units, range(start, start + 6))
            one.sold(0, (FIRST + start + 6) * DAY, 2)
        chunks |= encoded(again, told=True, learned=True)
        again = decoded(chunks)
    assert learner.register.aggregates() > 2
    assert canonical(again) == canonical(learner)


def test_only_a_day_that_ended_writes_what_is_learned() -> None:
    learner = taught(flat(2.0), 3)
    assert any(name.startswith("demand-learned") for name in encoded(learner, told=True, learned=True))
    assert set(encoded(learner, told=True, learned=False)) == {"demand-told"}
    assert not encoded(learner, told=False, learned=False)
    learner.register.series("new", "store-0", "category-0")
    assert set(encoded(learner, told=False, learned=False)) == {"demand-names", "demand-names-0000"}


def test_stragglers_count_for_the_day_that_is_open_and_what_is_later_not_at_all() -> None:
    learner = taught(flat(2.0), 10)
    learner.sold(0, (FIRST + 9) * DAY, 5)
    assert learner.book.days() == [FIRST + 10]
    learner.book.take(FIRST + 10, len(NAMES))
    learner.sold(0, (FIRST + 8) * DAY, 5)
    assert learner.book.days() == []


def test_sales_of_a_day_on_which_a_location_was_silent_are_no_spike() -> None:
    """Offline on the last day, it tells of its sales when it is back."""
    silent = np.array([place == "store-1" for _, place, _ in NAMES])
    learner = taught(lambda day: np.where(silent & (day == 39), 0.0, flat(6.0)(day)), 40)
    for number in np.flatnonzero(silent):
        learner.sold(int(number), (FIRST + 39) * DAY + 12 * HOUR, 6)
    assert learner.book.days() == []


def test_what_stays_of_a_series_is_small() -> None:
    """About a kilobyte more for each further series, whatever its history."""

    def size(items: int) -> int:
        learner = Learner()
        names = [(f"sku-{item}", f"store-{place}", "all") for item in range(items) for place in range(PLACES)]
        series = [learner.register.series(*name) for name in names]
        for day in range(40):
            for number in series:
                learner.sold(number, (FIRST + day) * DAY, 1)
            learner.end_day(terms(len(series)))
        return len(canonical(learner))

    assert (size(200) - size(100)) / (100 * PLACES) < 1050


def test_a_place_that_sells_enough_of_a_category_is_an_aggregate_of_its_own() -> None:
    register = Register()
    for sku, place in (("a", "large"), ("b", "large"), ("a", "small"), ("c", "small")):
        register.series(sku, place, "shirts")
    assert register.aggregates() == 1
    divisions = register.divide(np.array([20.0, 16.0, 2.0, 2.0]))
    assert divisions == [(0, 1, 0.9)]
    assert register.aggregate == [1, 1, 0, 0]
    assert register.aggregates() == 2
    assert register.divide(np.array([20.0, 16.0, 2.0, 2.0])) == []
    assert register.series("d", "large", "shirts") == 4
    assert register.aggregate[4] == 1


def test_one_large_sale_is_no_new_level() -> None:
    def units(day: int) -> Array:
        sold = flat(3.0)(day)
        sold[4] += 500.0 * (day == 60)
        return sold

    for days in (62, 70, 85):
        forecast = means(taught(units, days))
        assert forecast[4] < 2.5 * 3.0 * INTERVAL
        assert forecast[4] > 0.4 * 3.0 * INTERVAL
        assert np.delete(forecast, 4).mean() == pytest.approx(3.0 * INTERVAL, rel=0.15)


def test_a_few_units_a_day_are_forecast_at_their_level() -> None:
    """One SKU at one place that sells one in three days: calendar and season say nothing about it."""
    learner, errors = Learner(), []
    number = learner.register.series("sku", "store", "category")
    for day in range(200):
        sold = int(np.random.default_rng((9, day)).poisson(0.3))
        if sold:
            learner.sold(number, (FIRST + day) * DAY + 12 * HOUR, sold)
        while 0 <= learner.day <= FIRST + day:
            learner.end_day(terms(1))
        look = learner.outlook(number)
        if day > 60 and look is not None:
            errors.append(look.mean / (0.3 * INTERVAL))
    assert np.mean(errors) == pytest.approx(1.0, abs=0.35)


def test_a_place_reopens_with_its_first_sale() -> None:
    closed = np.array([place == "store-2" for _, place, _ in NAMES])
    learner = taught(lambda day: np.where(closed & (50 <= day < 85), 0.0, flat(6.0)(day)), 88)
    assert means(learner)[closed].mean() == pytest.approx(6.0 * INTERVAL, rel=0.2)
