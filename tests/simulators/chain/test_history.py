"""Weeks before readers and cameras came: tills, papers and counts alone, and fewer clocks."""

from collections import Counter

from simulators.chain import Chain
from tests.simulators.chain.test_chain import DAY_MS, START_MS, small

DEVICES = ("overhead_reads", "handheld_reads", "exit_reads", "camera")
SITES = 4


def kinds_by_day(days: int, after_days: int) -> list[Counter[str]]:
    chain = Chain(small(devices_after_days=after_days))
    chain.start(START_MS)
    return [Counter(record.kind for record in chain.advance(START_MS + (day + 1) * DAY_MS - 1)) for day in range(days)]


def test_devices_speak_from_their_day_on() -> None:
    days = kinds_by_day(4, after_days=2)
    assert [[day[kind] > 0 for kind in DEVICES] for day in days] == [[False] * 4] * 2 + [[True] * 4] * 2
    assert all(day["basket"] and day["count"] and day["clock"] for day in days)


def test_clocks_are_told_hourly_before_and_every_five_minutes_after() -> None:
    before, after = kinds_by_day(2, after_days=1)
    assert (before["clock"], after["clock"]) == (24 * SITES, 288 * SITES)


def test_without_a_history_they_are_there_at_once() -> None:
    (first,) = kinds_by_day(1, after_days=0)
    assert all(first[kind] for kind in DEVICES)
