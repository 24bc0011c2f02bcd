"""Kafka records to table columns. Pure: no connection, no clock.

A record that cannot become rows is set aside as ``Rejected`` with its offset; it
never takes others of its batch with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from pydantic import ValidationError

from sinks.clickhouse.columns import Column

_UNDECODABLE = (msgspec.MsgspecError, ValidationError, ValueError, TypeError, OverflowError)


class Record(NamedTuple):
    """One Kafka record as it was read. ``appended_at_ms`` is the broker's stamp."""

    offset: int
    appended_at_ms: int
    key: bytes | None
    value: bytes


class Batch(NamedTuple):
    """Records of one partition of one topic, in the order of their offsets."""

    topic: str
    partition: int
    records: Sequence[Record]


class Rejected(NamedTuple):
    """A record that cannot become rows, and why; it belongs into the dead letters."""

    topic: str
    partition: int
    record: Record
    reason: str
    message: str


class Block(NamedTuple):
    """Columns ready to be inserted, in the order of the table's ``columns``."""

    columns: list[Sequence[Any]]
    row_count: int


Origin = tuple[int, Record]
Decode = Callable[[Sequence[Origin]], Block]


@dataclass(frozen=True)
class Table:
    """A table fed from one topic."""

    name: str
    columns: tuple[Column, ...]
    decode: Decode

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def wire_types(self) -> list[str]:
        return [column.wire_type for column in self.columns]


def read(table: Table, batches: Sequence[Batch]) -> tuple[Block, list[Rejected]]:
    """The rows of a topic's batches, and the records that are none.

    Batches are decoded in one go; one that fails is halved until the bad records
    stand alone.
    """
    origins = [(batch.partition, record) for batch in batches for record in batch.records]
    blocks, rejected = _bisect(table, batches[0].topic, origins) if origins else ([], [])
    return _joined(blocks, len(table.columns)), rejected


def _bisect(table: Table, topic: str, origins: Sequence[Origin]) -> tuple[list[Block], list[Rejected]]:
    try:
        return [table.decode(origins)], []
    except _UNDECODABLE as error:
        if len(origins) == 1:
            return [], [_rejected(topic, origins[0], error)]
    middle = len(origins) // 2
    blocks, rejected = _bisect(table, topic, origins[:middle])
    more_blocks, more_rejected = _bisect(table, topic, origins[middle:])
    return blocks + more_blocks, rejected + more_rejected


def _rejected(topic: str, origin: Origin, error: Exception) -> Rejected:
    reason = "invalid_fact" if isinstance(error, msgspec.ValidationError | ValidationError) else "undecodable_fact"
    return Rejected(topic, origin[0], origin[1], reason, str(error))


def _joined(blocks: list[Block], column_count: int) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    columns: list[Sequence[Any]] = [
        [value for block in blocks for value in block.columns[index]] for index in range(column_count)
    ]
    return Block(columns, sum(block.row_count for block in blocks))
