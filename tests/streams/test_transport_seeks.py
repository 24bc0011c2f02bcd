"""What is fetched around a seek: no record that came before it is taken for one that comes next."""

from types import SimpleNamespace
from typing import Any

from faust.types import TP

from streams.batches import FetchedBatch, continue_at
from streams.transport import BatchConsumerThread

LOG = TP("log", 2)


def _fetched(consumer: Any, *offsets: int) -> FetchedBatch:
    records = tuple(SimpleNamespace(offset=at, timestamp=0, timestamp_type=0) for at in offsets)
    batch: FetchedBatch = BatchConsumerThread._as_event(consumer, LOG, records, False).value  # type: ignore[arg-type]
    return batch


def test_records_fetched_before_a_seek_that_is_noted_already_are_passed_over() -> None:
    """The seek to 126 is noted; what comes is what had been asked for from 94 on, and goes on beyond it."""
    consumer = SimpleNamespace(_fetched_to={LOG: 126})
    batch = _fetched(consumer, *range(94, 131))
    new = continue_at(126, batch, gapless=True)
    assert new is not None
    assert [record.offset for record in new.records] == list(range(126, 131))
    again = continue_at(131, _fetched(consumer, *range(126, 140)), gapless=True)
    assert again is not None
    assert [record.offset for record in again.records] == list(range(131, 140))
