"""Holidays as named signals, whatever the locale."""

from datetime import date, timedelta

import pytest

from inventory.demand.public_holidays import holiday_signals


@pytest.mark.parametrize(
    ("day", "country", "subdivision", "named"),
    [
        (date(2025, 12, 25), "DE", "BY", {"holiday: Christmas Day", "before holiday: Second Day of Christmas"}),
        (date(2025, 12, 31), "DE", None, {"before holiday: New Year's Day"}),
        (date(2025, 1, 6), "DE", "BY", {"holiday: Epiphany"}),
        (date(2025, 1, 6), "DE", "Bayern", {"holiday: Epiphany"}),
        (date(2025, 1, 6), "DE", "HH", set()),
        (date(2025, 7, 14), "FR", "IDF", {"holiday: National Day"}),
        (date(2025, 7, 4), "US", "no such place", {"holiday: Independence Day"}),
        (date(2027, 7, 5), "US", None, set()),  # offices close on the Monday after the Fourth
        (date(2025, 12, 25), "no such country", None, set()),
    ],
)
def test_a_place_has_its_holidays(day: date, country: str, subdivision: str | None, named: set[str]) -> None:
    flags = holiday_signals(day, country, subdivision)
    assert set(flags) == named
    assert all(value is True for value in flags.values())


def test_names_do_not_follow_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for language in ("LANGUAGE", "LC_ALL", "LANG"):
        monkeypatch.setenv(language, "de_DE")
    assert holiday_signals(date(2019, 10, 3), "DE") == {"holiday: German Unity Day": True}
    assert holiday_signals(date(2019, 7, 14), "FR") == {"holiday: National Day": True}


def test_a_feast_by_the_moon_has_one_name_before_and_after_it_was_seen() -> None:
    names = {
        name
        for year in range(2022, 2029)
        for day in range(365)
        for name in holiday_signals(date(year, 1, 1) + timedelta(days=day), "AE")
    }
    assert any("Eid al-Fitr" in name for name in names)
    assert not any("estimated" in name for name in names)
