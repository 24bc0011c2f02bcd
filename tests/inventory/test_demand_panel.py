"""The panel forecaster: what it never does, and that it finds what was put in."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from inventory.demand.panel.arrays import Array
from inventory.demand.panel.blend import Blend
from inventory.demand.panel.days import Day
from inventory.demand.panel.forecaster import Forecast, Forecaster
from inventory.demand.panel.hierarchy import level, lifted, panel
from inventory.demand.panel.histograms import places_of, quantiles_of
from inventory.demand.panel.last_year import YEAR_DAYS, LastYear
from inventory.demand.panel.profile import Profile
from inventory.demand.panel.regression import Regressions
from inventory.demand.panel.spread import Spread
from inventory.demand.panel.tables import Tables
from inventory.demand.panel.terms import demand_terms

CHANCES = (0.005, 0.25, 0.5, 0.75, 0.995)
HORIZON = 28
ITEMS, STORES = 6, 4
LABELS = [
    (f"{department}{item}", department, f"S{store}", "AB"[store // 2])
    for store in range(STORES)
    for department in ("shirts", "shoes")
    for item in range(ITEMS)
]
N = len(LABELS)
PANEL = panel(*([label[at] for label in LABELS] for at in range(4)))
LEVELS = [level([""] * N), PANEL.aggregate, PANEL.item, level(range(N))]


def calendar(days: int) -> list[Day]:
    """A fair on every tenth of a month, a signal in region B on its first three days, New Year closed."""
    dates = [date(2024, 1, 2) + timedelta(days=day) for day in range(days)]
    return [
        Day(
            on=on,
            events=("fair",) if on.day == 10 else (),
            signals=(0.0, float(on.day <= 3)),
            closed=(on.month, on.day) == (1, 1),
        )
        for on in dates
    ]


def sales(days: Sequence[Day], seed: int = 1) -> Array:
    """Poisson units (n, days): items of unlike size, busier weekends, twice as much at the fair."""
    random = np.random.default_rng(seed)
    size = np.tile(np.arange(1, ITEMS + 1) * 3.0, 2 * STORES)[:, None]
    weekend = np.array([1.5 if day.on.weekday() >= 5 else 1.0 for day in days])
    fair = np.array([2.0 if day.events else 1.0 for day in days])
    opened = np.array([not day.closed for day in days])
    return random.poisson(size * weekend * fair * opened).astype(np.float64)


def taught(days: Sequence[Day], units: Array, until: int) -> Forecaster:
    forecaster = Forecaster(PANEL, ["fair"], LEVELS)
    price = np.ones(N)
    for at in range(until):
        forecaster.learn(days[at], units[:, at], price)
        if at % 7 == 6:
            forecaster.rehearse(days[at + 1 : at + 1 + HORIZON])
    return forecaster


def ahead(forecaster: Forecaster, days: Sequence[Day], at: int) -> tuple[Forecast, list[Array]]:
    forecast = forecaster.forecast(days[at : at + HORIZON])
    return forecast, [forecaster.quantiles(level, forecast, CHANCES) for level in range(len(LEVELS))]


def _zero(units: Array) -> None:
    units[:] = 0.0


def _nothing(units: Array) -> None:
    """As it is."""


def _nothing_in_one_store(units: Array) -> None:
    units[PANEL.aggregate.of == 0] = 0.0


def _new(units: Array) -> None:
    units[:10, :190] = 0.0


def _dying(units: Array) -> None:
    units[:10, 100:] = 0.0


def _huge(units: Array) -> None:
    units[3] *= 1e6


def _one_spike(units: Array) -> None:
    units[3, 150] = 1e9


def _one_sale(units: Array) -> None:
    units[5] = 0.0
    units[5, 199] = 1.0


@pytest.mark.parametrize("until", [1, 10, 200])
@pytest.mark.parametrize("spoil", [_zero, _nothing_in_one_store, _new, _dying, _huge, _one_spike, _one_sale, _nothing])
def test_forecasts_are_numbers_never_negative_and_quantiles_in_order(
    spoil: Callable[[Array], None], until: int
) -> None:
    days = calendar(250)
    units = sales(days)
    spoil(units)
    forecast, quantiles = ahead(taught(days, units, until), days, until)
    for values in (forecast.totals, forecast.units, *quantiles):
        assert np.isfinite(values).all()
        assert (values >= 0.0).all()
    for by_chance in quantiles:
        assert (np.diff(by_chance, axis=-1) >= 0.0).all()


def test_series_add_up_to_their_totals() -> None:
    days = calendar(250)
    forecast, _ = ahead(taught(days, sales(days), 200), days, 200)
    assert PANEL.aggregate.sum(forecast.units) == pytest.approx(forecast.totals)


def test_later_days_change_no_earlier_forecast() -> None:
    days = calendar(250)
    units = sales(days)
    before = ahead(taught(days, units, 150), days, 150)
    units[:, 150:] = 7.0
    forecaster = Forecaster(PANEL, ["fair"], LEVELS)
    after: tuple[Forecast, list[Array]] | None = None
    for at in range(200):
        if at == 150:
            after = ahead(forecaster, days, at)
        forecaster.learn(days[at], units[:, at], np.ones(N))
        if at % 7 == 6:
            forecaster.rehearse(days[at + 1 : at + 1 + HORIZON])
    assert after is not None
    for one, other in zip([*before[0], *before[1]], [*after[0], *after[1]], strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_forecast_changes_nothing() -> None:
    days = calendar(250)
    forecaster = taught(days, sales(days), 100)
    first, second = (forecaster.forecast(days[100:128]) for _ in range(2))
    np.testing.assert_array_equal(first.units, second.units)


def test_weekends_fairs_and_sizes_are_learned() -> None:
    """The fair doubles sales, weekends sell half as much again, item 6 sells six times item 1."""
    days = calendar(500)
    forecast, _ = ahead(taught(days, sales(days), 460), days, 460)
    total = forecast.totals.sum(axis=0)
    plain_days = [at for at, day in enumerate(days[460:488]) if day.on.weekday() < 5 and not day.events]
    weekend = [at for at, day in enumerate(days[460:488]) if day.on.weekday() >= 5 and not day.events]
    fair = [at for at, day in enumerate(days[460:488]) if day.events]
    assert days[460 + fair[0]].on.weekday() < 5
    assert total[weekend].mean() / total[plain_days].mean() == pytest.approx(1.5, rel=0.05)
    assert total[fair].mean() / total[plain_days].mean() == pytest.approx(2.0, rel=0.15)
    by_item = forecast.units.mean(axis=1)
    assert by_item[5] / by_item[0] == pytest.approx(6.0, rel=0.15)


def test_half_of_what_comes_lies_between_the_quartiles() -> None:
    days = calendar(500)
    units = sales(days)
    _, quantiles = ahead(taught(days, units, 460), days, 460)
    for at_level, by_chance in zip(LEVELS[1:], quantiles[1:], strict=True):
        came = at_level.sum(units[:, 460:488])
        inside = (came >= by_chance[:, :, 1]) & (came <= by_chance[:, :, 3])
        assert 0.4 < inside.mean() < 0.75  # small counts lie on the quartiles themselves


def test_nothing_is_forecast_on_closed_days() -> None:
    days = calendar(400)
    at = next(at for at, day in enumerate(days) if day.closed) - 5
    forecast, quantiles = ahead(taught(days, sales(days), at), days, at)
    assert forecast.totals[:, 5].sum() == 0.0
    assert all(by_chance[:, 5].sum() == 0.0 for by_chance in quantiles)


def test_a_calendar_without_signals_will_do() -> None:
    days = [day._replace(signals=()) for day in calendar(60)]
    forecast, _ = ahead(taught(days, sales(days), 30), days, 30)
    assert np.isfinite(forecast.units).all()


def test_shared_covariance_gives_the_textbook_regression() -> None:
    """Without drift and clipping the filter is ridge regression: ``(X'X + P0^-1)^-1 X'y`` (prior mean zero).

    The first day sets the level and then counts, so it is compared with a level that starts there.
    """
    terms = demand_terms(["fair"], 1)
    terms.drift[:] = 0.0
    filtered = Regressions(terms, np.zeros(1, dtype=np.intp), np.zeros(1))
    days = [day._replace(signals=(0.0,)) for day in calendar(120)]
    x = np.array([terms.row(day)[0] for day in days])
    y = 5.0 + x[:, 1] * 0.3 + np.random.default_rng(1).normal(0.0, 0.1, 120)
    filtered._noise[:] = 1e9
    for row, value in zip(x, y, strict=True):
        filtered.learn(row[None], np.array([value]), np.array([True]))
    prior = np.zeros(len(terms.prior))
    prior[0] = y[0]
    inverse = np.diag(1.0 / terms.prior)
    expected = np.linalg.solve(x.T @ x + inverse, x.T @ y + inverse @ prior)
    assert filtered._coefficients[0, 0] == pytest.approx(expected, abs=1e-6)


def test_quantiles_of_a_histogram() -> None:
    """One count each at -1, 0, 0 and 1, spread over bins one wide: the median is 0, a quarter lies below -0.5."""
    counts, centres = np.array([1.0, 2.0, 1.0]), np.array([-1.0, 0.0, 1.0])
    assert quantiles_of(counts, centres, np.array([0.25, 0.5, 0.875])).tolist() == [-0.5, 0.0, 1.0]
    assert places_of(counts, np.array([0.25, 0.26, 0.75, 1.0])).tolist() == [0, 1, 1, 2]


def test_a_spread_learns_its_width() -> None:
    """Errors of 10 % either way: nearly all within, so the outer quantiles lie near 0.9 of that."""
    spread = Spread(1)
    for day in range(400):
        spread.learn(np.array([100.0]), np.array([100.0 * np.exp(0.1 * (-1) ** day)]))
    low, high = spread.quantiles(np.full((1, 1), 100.0), np.array([0.1, 0.9]))[0, 0]
    assert np.log([low / 100.0, high / 100.0]) == pytest.approx([-0.09, 0.09], abs=0.01)


def test_tables_learn_counts_and_ratios() -> None:
    """Forecast 1, sold 3 every day: all quantiles go to 3. Forecast 100, sold 150: to 150, within half a bin of 2 %."""
    tables, middle = Tables(), np.array([2, 2])
    for _ in range(2000):
        tables.learn(np.array([1.0, 100.0]), middle, np.array([3.0, 150.0]))
    quantiles = tables.quantiles(np.array([[1.0], [100.0]]), middle, np.array([0.1, 0.9]))
    assert quantiles[0, 0].tolist() == [3.0, 3.0]
    assert quantiles[1, 0] == pytest.approx([150.0, 150.0], abs=1.0)


def test_tables_never_visited_keep_their_first_shape() -> None:
    """Poisson of about 1: median 1, P(0) = 0.37; the other bin forgot 2,000 times."""
    tables, middle = Tables(), np.array([2])
    for _ in range(2000):
        tables.learn(np.array([100.0]), middle, np.array([100.0]))
    assert tables.quantiles(np.array([[1.0]]), middle, np.array([0.3, 0.5])).tolist() == [[[0.0, 1.0]]]


def test_the_blend_finds_which_share_tells() -> None:
    """Two departments: in one the first feature is the truth, in the other the mean of both."""
    random = np.random.default_rng(1)
    blend, department = Blend(2, np.array([0.5, 0.5])), np.repeat([0, 1], 50)
    for _ in range(10):
        x = random.uniform(0.0, 1.0, (100, 2))
        y = np.where(department == 0, x[:, 0], x.mean(axis=1))
        blend.learn(department, x, y, np.ones(100))
    told = blend.shares(np.array([0, 1]), np.array([[0.4, 0.8], [0.4, 0.8]]))
    assert told == pytest.approx([0.4, 0.6], abs=1e-3)


def test_a_blend_without_lessons_is_its_prior() -> None:
    assert Blend(1, np.array([0.25, 0.75])).shares(np.array([0]), np.array([[0.4, 0.8]])) == pytest.approx([0.7])


def test_last_years_moves_count_in_part() -> None:
    """One series stood a tenth higher (in logs) from this day last year on: 0.3 of that is expected again.

    The day before was ordinary, so the first of the smoothed days is two thirds of the way up.
    """
    last_year = LastYear(m=1, regions=1, terms=1)
    for age in range(YEAR_DAYS + 42, 0, -1):
        last_year.learn(np.ones((1, 1)), np.array([5.0 + 0.1 * (age <= YEAR_DAYS)]), np.array([True]))
    shift = last_year.forecast(np.zeros((1, 1)), np.zeros(1, dtype=np.intp), 3)
    assert shift[0] == pytest.approx([0.02, 0.03, 0.03])


def test_the_profile_finds_an_item_that_sells_on_saturdays() -> None:
    """Expected 100 a day; item 0 sells twice that on Saturdays. Of 100 Saturdays about 1/0.015 (1 - 0.22) = 52 count,
    so the pull of 60 units against 5,200 leaves 2 - 60/5,260 and a little more."""
    profile = Profile(PANEL)
    item = PANEL.item.of == 0
    for day in calendar(700):
        saturday = day.on.weekday() == 5
        profile.learn(day, np.where(item & saturday, 200.0, 100.0), np.full(N, 100.0))
    days = calendar(14)
    saturday, sunday = (next(day for day in days if day.on.weekday() == wanted) for wanted in (5, 6))
    ratios = profile.ratios()
    assert profile.on(saturday._replace(signals=()), ratios)[item] == pytest.approx(2.0, rel=0.02)
    assert profile.on(sunday._replace(signals=()), ratios)[item] == pytest.approx(1.0, rel=0.02)
    assert profile.on(saturday._replace(signals=()), ratios)[~item] == pytest.approx(1.0, rel=0.02)


def test_levels_that_cut_through_aggregates_are_told_apart() -> None:
    lower = level(["a", "a", "b"])
    assert lifted(lower, level(["x", "x", "x"])).size == 1
    with pytest.raises(ValueError, match="cuts through"):
        lifted(lower, level(["x", "y", "y"]))


def test_a_panel_that_grew_is_the_panel_that_was_large_from_the_start() -> None:
    """The last department sells nothing for 40 days; one forecaster has known it all along, the other has not."""
    days = calendar(120)
    units, few = sales(days), N - ITEMS
    units[few:, :40] = 0.0
    part = panel(*([label[at] for label in LABELS[:few]] for at in range(4)))
    whole, grew = Forecaster(PANEL, ["fair"], ()), Forecaster(part, ["fair"], ())
    for at in range(120):
        if at == 40:
            grew.grow(PANEL)
        now = few if at < 40 else N
        whole.learn(days[at], units[:, at], np.ones(N))
        grew.learn(days[at], units[:now, at], np.ones(now))
    ahead_days = calendar(150)[120:]
    for mine, other in zip(grew.forecast(ahead_days), whole.forecast(ahead_days), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_panel_that_knows_its_levels_does_not_grow() -> None:
    with pytest.raises(ValueError, match="does not grow"):
        Forecaster(PANEL, (), LEVELS).grow(PANEL)


def test_a_part_of_an_aggregate_goes_on_as_that_part() -> None:
    """Two stores in one aggregate, one selling three times as much; divided, each is forecast its own sales."""
    days = [Day(day.on) for day in calendar(147)]
    item = ["a", "b", "a", "b"]
    together = panel(item, ["all"] * 4, [""] * 4, [""] * 4)
    apart = panel(item, ["all"] * 4, ["", "", "large", "large"], [""] * 4)
    random = np.random.default_rng(2)
    units = random.poisson(np.array([20.0, 20.0, 60.0, 60.0])[:, None], (4, 140)).astype(np.float64)
    forecaster = Forecaster(together, (), ())
    for at in range(100):
        forecaster.learn(days[at], units[:, at], np.ones(4))
    before = forecaster.forecast(days[100:107]).units.sum(axis=1)
    forecaster.grow(apart)
    forecaster.divide(0, 1, 0.75)
    after = forecaster.forecast(days[100:107])
    np.testing.assert_allclose(after.units.sum(axis=1), before, rtol=0.05)
    np.testing.assert_allclose(after.totals.sum(axis=1), [280.0, 840.0], rtol=0.1)
    for at in range(100, 140):
        forecaster.learn(days[at], units[:, at], np.ones(4))
    later = forecaster.forecast(days[140:])
    np.testing.assert_allclose(later.totals.sum(axis=1), [280.0, 840.0], rtol=0.1)


def test_series_nobody_heard_of_keep_their_share() -> None:
    days = calendar(60)
    units, heard = sales(days), np.ones((N, 60), dtype=bool)
    forecaster, all_heard = Forecaster(PANEL, ["fair"], ()), Forecaster(PANEL, ["fair"], ())
    heard[:ITEMS, 50:] = False
    for at in range(60):
        forecaster.learn(days[at], np.where(heard[:, at], units[:, at], 0.0), np.ones(N), heard[:, at])
        all_heard.learn(days[at], units[:, at], np.ones(N))
    silent = forecaster.forecast(days[50:]).units[:ITEMS].sum()
    assert silent == pytest.approx(all_heard.forecast(days[50:]).units[:ITEMS].sum(), rel=0.1)


def test_steps_end_with_the_forecast_itself() -> None:
    forecaster = taught(calendar(80), sales(calendar(80)), 60)
    days = calendar(80)[60:]
    steps = forecaster.steps(days)
    assert [name for name, _ in steps] == [
        *("level", "weekday", "season", "day_of_month", "events", "signals", "last_year"),
    ]
    np.testing.assert_array_equal(steps[-1][1], forecaster.totals(days))
    assert np.ptp(steps[0][1], axis=1).max() == 0.0
