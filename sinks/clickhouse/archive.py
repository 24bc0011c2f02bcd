"""The archive: batches of Kafka records into ClickHouse, harmlessly repeatable.

Guarantee: after ``write`` returns, every record of the batch stands in its table
or among the rejected. If it raises, nothing is promised, and writing the same
records again (in the same or in other batches, whole or in part) leaves every
view as if they had been written once.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from schemas.errors import MustStop
from sinks.clickhouse.client import Database
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.rows import Batch, Block, Record, Rejected, read
from sinks.clickhouse.settings import ClickHouseSettings
from sinks.clickhouse.tables import TABLES

TOPICS = frozenset(TABLES)


class Written(NamedTuple):
    """How many rows landed, and the records that could not: the caller dead-letters them."""

    rows: int
    rejected: tuple[Rejected, ...]


class Archive:
    """Writes facts and reference data; used from one thread at a time.

    Raises ``Unavailable`` while ClickHouse is down: keep the offsets and write the
    same records later.
    """

    def __init__(self, settings: ClickHouseSettings) -> None:
        self.settings = settings
        self.database = Database(settings)

    def open(self) -> list[str]:
        """Create the database if it is missing and bring its tables up to date; what was applied."""
        self.database.create()
        return migrate(self.database)

    def write(self, topic: str, partition: int, records: Sequence[Record]) -> Written:
        """Write one partition's records."""
        return self.write_many([Batch(topic, partition, records)])

    def write_many(self, batches: Sequence[Batch]) -> Written:
        """Write several partitions' records, one insert per table.

        Tables are written one after the other: an error in the second leaves the
        first written, which the retry does not mind.
        """
        by_topic: dict[str, list[Batch]] = defaultdict(list)
        for batch in batches:
            if batch.records:
                by_topic[_known(batch.topic)].append(_stamped(batch))
        row_count, rejected = 0, list[Rejected]()
        for topic, mine in by_topic.items():
            block, refused = read(TABLES[topic], mine)
            self._insert(topic, block, _token(mine, refused))
            row_count += block.row_count
            rejected += refused
        return Written(row_count, tuple(rejected))

    def close(self) -> None:
        self.database.close()

    def _insert(self, topic: str, block: Block, token: str) -> None:
        table = TABLES[topic]
        if block.row_count:
            self.database.insert(table.name, table.column_names, table.wire_types, block.columns, token)


def _known(topic: str) -> str:
    if topic not in TABLES:
        raise MustStop(f"the archive has no table for topic {topic!r}; it keeps {', '.join(sorted(TABLES))}")
    return topic


def _stamped(batch: Batch) -> Batch:
    """The batch with our clock where the broker left no stamp, since rows expire by it."""
    if all(record.appended_at_ms > 0 for record in batch.records):
        return batch
    now_ms = time.time_ns() // 1_000_000
    records = [r if r.appended_at_ms > 0 else r._replace(appended_at_ms=now_ms) for r in batch.records]
    return batch._replace(records=records)


def _token(batches: Sequence[Batch], rejected: Sequence[Rejected]) -> str:
    """Names the rows by their ranges *and* their bytes.

    Offsets alone would make ClickHouse drop different rows silently: a topic that
    was recreated counts from 0 again. What was rejected is left out, so that a
    release which understands it writes it.
    """
    refused = {(bad.partition, bad.record.offset) for bad in rejected}
    digest = blake2b(digest_size=16)
    ranges = []
    for batch in batches:
        ranges.append(f"{batch.partition}:{batch.records[0].offset}-{batch.records[-1].offset}")
        for record in batch.records:
            if (batch.partition, record.offset) not in refused:
                digest.update(b"%d,%d,%d;" % (batch.partition, record.offset, len(record.value)))
                digest.update(record.value)
                digest.update(record.key or b"")
    return f"{batches[0].topic}:{','.join(ranges)}:{digest.hexdigest()}"
