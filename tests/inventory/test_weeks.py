"""A season that all series share: what is learned of a week, how it is spread over days, and how it is kept."""

from datetime import date

import numpy as np
import pytest

from inventory.demand.memory import decode, encode, recall
from inventory.demand.weeks import Weeks, week_of

EPOCH = date(1970, 1, 1).toordinal()
MONDAY = date(2023, 1, 2).toordinal() - EPOCH
SHELF = np.ones(2, dtype=np.bool_)


def two() -> Weeks:
    weeks = Weeks()
    weeks.grow(np.zeros(2, dtype=np.intp), np.array([0, 1]), 2)
    return weeks


def play(weeks: Weeks, days: int, units: np.ndarray, first: int = MONDAY) -> None:
    """Units a day of both, twice as many in December."""
    for day in range(first, first + days):
        december = date.fromordinal(day + EPOCH).month == 12
        weeks.learn(day, units * (1 + december), SHELF)


def test_weeks_of_a_year_of_53() -> None:
    monday = date(2020, 12, 14).toordinal() - EPOCH
    assert [week_of(monday + 7 * ahead) for ahead in range(4)] == [50, 51, 51, 0]


def test_nothing_is_known_of_a_season_until_a_week_is_over() -> None:
    weeks = two()
    before = weeks.path([MONDAY])
    play(weeks, 6, np.array([7.0, 70.0]))
    assert weeks.path([MONDAY]) == pytest.approx(before)
    weeks.learn(MONDAY + 6, np.array([7.0, 70.0]), SHELF)
    assert (weeks.path([MONDAY + 7])[:, 0] > before[:, 0]).all()


def test_the_second_december_is_expected_before_it_comes() -> None:
    weeks = two()
    play(weeks, 7 * 95, np.array([7.0, 70.0]))
    november, december = (date(2024, month, 11).toordinal() - EPOCH for month in (11, 12))
    path = weeks.path([november, december])
    assert path[:, 1] / path[:, 0] == pytest.approx([2.0, 2.0], rel=0.35)
    assert path[:, 0] == pytest.approx([7.0, 70.0], rel=0.25)


def test_a_week_with_days_off_the_shelf_counts_as_the_days_on_it() -> None:
    """Three days of seven, six units each: as a week of 42. Two days say nothing."""
    whole, part, hardly = two(), two(), two()
    for weeks, days in ((whole, 7), (part, 3), (hardly, 2)):
        for day in range(7):
            weeks.learn(MONDAY + day, np.full(2, 6.0), SHELF & (day < days))
    ahead = list(range(MONDAY + 7, MONDAY + 14))
    assert part.path(ahead) == pytest.approx(whole.path(ahead))
    assert hardly.path(ahead) == pytest.approx(two().path(ahead))


def test_days_are_as_the_location_sells() -> None:
    """One sells on Saturdays only, the other every day alike."""
    weeks = two()
    for day in range(7 * 60):
        saturday = (MONDAY + day - MONDAY) % 7 == 5
        weeks.learn(MONDAY + day, np.array([70.0 * saturday, 10.0]), SHELF)
    path = weeks.path(list(range(MONDAY + 420, MONDAY + 427)))
    assert path[0, 5] > 0.8 * path[0].sum()
    assert path[1] == pytest.approx(np.full(7, path[1].mean()), rel=0.01)


def test_what_was_learned_survives_being_saved_in_the_middle_of_a_week() -> None:
    weeks, again = two(), two()
    play(weeks, 24, np.array([3.0, 5.0]))
    recall(again, decode(encode(weeks)))
    for one in (weeks, again):
        play(one, 11, np.array([9.0, 1.0]), MONDAY + 24)
    ahead = [MONDAY + 35 + day for day in range(30)]
    assert again.path(ahead).tolist() == weeks.path(ahead).tolist()


def test_more_series_and_places_begin_like_the_others() -> None:
    weeks = two()
    play(weeks, 70, np.array([4.0, 4.0]))
    known = weeks.path([MONDAY + 70])
    weeks.grow(np.zeros(3, dtype=np.intp), np.array([0, 1, 2]), 3)
    path = weeks.path([MONDAY + 70])
    assert path[:2] == pytest.approx(known)
    assert path[2, 0] == pytest.approx(4.0, rel=0.2)
