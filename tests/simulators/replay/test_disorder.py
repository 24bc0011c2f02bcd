"""Disorder changes the order of records and nothing else."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from simulators.records import Record
from simulators.replay import doubled, shuffled_within

times = st.lists(st.integers(0, 10_000), max_size=60).map(sorted)


def records_at(times_ms: list[int]) -> list[Record]:
    return [Record(topics.POS, "s", str(n).encode(), ms, "basket", n) for n, ms in enumerate(times_ms)]


@given(times, st.integers(0, 5_000), st.integers(0, 9))
def test_a_shuffle_keeps_the_multiset_and_its_bound(times_ms: list[int], ms: int, seed: int) -> None:
    before = records_at(times_ms)
    after = list(shuffled_within(before, ms, seed))
    assert Counter(after) == Counter(before)
    newest = 0
    for record in after:
        newest = max(newest, record.event_time_ms)
        assert newest - record.event_time_ms <= ms


@given(times, st.integers(0, 9))
def test_doubled_gives_every_record_twice_first_copies_in_order(times_ms: list[int], seed: int) -> None:
    before = records_at(times_ms)
    after = list(doubled(before, seed))
    assert Counter(after) == Counter(before * 2)
    assert list(dict.fromkeys(after)) == before


def test_no_time_no_shuffle_and_the_same_seed_the_same_shuffle() -> None:
    before = records_at(list(range(0, 50_000, 50)))
    assert list(shuffled_within(before, 0, seed=1)) == before
    shuffled = list(shuffled_within(before, 1_000, seed=1))
    assert shuffled != before
    assert shuffled == list(shuffled_within(before, 1_000, seed=1))
    assert shuffled != list(shuffled_within(before, 1_000, seed=2))
