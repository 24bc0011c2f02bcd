"""Cutting and continuing batches, without a broker."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BrokenLog
from streams.batches import FetchedBatch, Jump, continue_at, pieces


@dataclass
class _Record:
    offset: int
    value: bytes | None = b""
    timestamp: int = 0
    key: bytes | None = None


def _batch(start: int, end: int, *offsets: int) -> FetchedBatch:
    return FetchedBatch("log", 3, start, end, tuple(map(_Record, offsets)))


def test_what_was_handled_is_left_out() -> None:
    batch = continue_at(7, _batch(5, 9, 5, 6, 7, 8), gapless=True)
    assert batch is not None
    assert (batch.start, batch.end, [record.offset for record in batch.records]) == (7, 9, [7, 8])
    assert continue_at(9, _batch(5, 9, 5, 6, 7, 8), gapless=True) is None


def test_a_batch_that_starts_too_late_is_a_jump() -> None:
    with pytest.raises(Jump, match=r"log\[3\] should continue at offset 4, the batch starts at 5") as caught:
        continue_at(4, _batch(5, 6, 5), gapless=False)
    assert (caught.value.topic, caught.value.partition, caught.value.expected) == ("log", 3, 4)


def test_a_hole_inside_a_gapless_log_stops() -> None:
    with pytest.raises(BrokenLog, match=r"log\[3\]: offset 5 comes next but the broker's next record is 7"):
        continue_at(5, _batch(5, 9, 7, 8), gapless=True)
    with pytest.raises(BrokenLog):
        continue_at(5, _batch(5, 9), gapless=True)
    compacted = continue_at(5, _batch(5, 9, 7, 8), gapless=False)
    assert compacted is not None
    assert [record.offset for record in compacted.records] == [7, 8]


def test_a_hole_in_the_middle_of_a_batch_of_a_gapless_log_stops() -> None:
    with pytest.raises(BrokenLog, match="offset 6 comes next but the broker's next record is 8"):
        continue_at(5, _batch(5, 9, 5, 8), gapless=True)


@given(st.lists(st.integers(0, 50)), st.integers(1, 60))
def test_pieces_are_bounded_and_whole(sizes: list[int], max_bytes: int) -> None:
    records = [_Record(offset, b"x" * size) for offset, size in enumerate(sizes)]
    cut = list(pieces(records, max_bytes))
    assert [record for piece in cut for record in piece] == records
    for piece in cut:
        assert len(piece) == 1 or sum(len(record.value or b"") for record in piece) <= max_bytes


def test_pieces_are_not_smaller_than_need_be() -> None:
    records = [_Record(offset, b"x" * 10) for offset in range(6)]
    assert [len(piece) for piece in pieces(records, 30)] == [3, 3]
