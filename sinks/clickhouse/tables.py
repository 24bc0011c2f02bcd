"""The tables and how the records of their topics become rows.

A fact's columns are its struct's fields, then where the record stood in Kafka.
"""

from collections.abc import Sequence
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from schemas.errors import RejectedReading
from schemas.facts import TOPIC_OF, Fact, Reorder, ReorderInputs, StockMovement, Transfer, TransferInputs
from schemas.readings.reference import under_its_key
from schemas.reference import Item, Location
from schemas.topics import ITEMS, LOCATIONS
from sinks.clickhouse.columns import MOMENT, Column, column_of, integers
from sinks.clickhouse.rows import Block, Origin, Record, Table

INPUT = "input_"

_ORIGIN = (
    Column("kafka_partition", "Int32", integers),
    Column("kafka_offset", "Int64", integers),
    Column("appended_at", MOMENT, integers),
)


def _origin_columns(origins: Sequence[Origin]) -> list[Sequence[Any]]:
    return [
        [partition for partition, _ in origins],
        [record.offset for _, record in origins],
        [record.appended_at_ms for _, record in origins],
    ]


def _converted(columns: Sequence[Column], rows: Sequence[object]) -> list[Sequence[Any]]:
    """One column per field of the rows, by the columns' names."""
    return [column.convert(list(map(attrgetter(column.name), rows))) for column in columns]


def _fact_table(name: str, fact: type[msgspec.Struct]) -> Table:
    columns = tuple(column_of(field.name, field.type) for field in msgspec.structs.fields(fact))
    decode_one = msgspec.json.Decoder(fact).decode

    def decode(origins: Sequence[Origin]) -> Block:
        facts = [decode_one(record.value) for _, record in origins]
        return Block(_converted(columns, facts) + _origin_columns(origins), len(facts))

    return Table(name, columns + _ORIGIN, decode)


def _movements_table() -> Table:
    """Each message holds an array of movements: all of them land, or the message is rejected."""
    columns = tuple(column_of(field.name, field.type) for field in msgspec.structs.fields(StockMovement))
    decode_many = msgspec.json.Decoder(list[StockMovement]).decode

    def decode(origins: Sequence[Origin]) -> Block:
        messages = [decode_many(record.value) for _, record in origins]
        rows = [movement for message in messages for movement in message]
        owners = [origin for origin, message in zip(origins, messages, strict=True) for _ in range(len(message))]
        return Block(_converted(columns, rows) + _origin_columns(owners), len(rows))

    return Table(TOPIC_OF[StockMovement].table, columns + _ORIGIN, decode)


def _orders_table(fact: type[Reorder | Transfer], basis: type[ReorderInputs | TransferInputs]) -> Table:
    """``inputs`` lies flat in ``input_*`` columns, NULL where a revision has none."""
    own = tuple(column_of(field.name, field.type) for field in msgspec.structs.fields(fact) if field.name != "inputs")
    inputs = tuple(_input_column(field) for field in msgspec.structs.fields(basis))
    flat = tuple(column._replace(name=INPUT + column.name) for column in inputs)
    none = SimpleNamespace(**dict.fromkeys(basis.__struct_fields__))
    decode_one = msgspec.json.Decoder(fact).decode

    def decode(origins: Sequence[Origin]) -> Block:
        orders = [decode_one(record.value) for _, record in origins]
        given = [order.inputs or none for order in orders]
        return Block(_converted(own, orders) + _converted(inputs, given) + _origin_columns(origins), len(orders))

    return Table(TOPIC_OF[fact].table, own + flat + _ORIGIN, decode)


def _input_column(field: msgspec.structs.FieldInfo) -> Column:
    """Nullable, but for maps: ClickHouse knows no missing map, so theirs is empty."""
    column = column_of(field.name, field.type)
    if not column.wire_type.startswith("Map("):
        return column_of(field.name, field.type | None)
    return column._replace(convert=lambda values: column.convert([value or {} for value in values]))


def _version(record: Record) -> int:
    """Orders the records of one key: by the broker's stamp, then by offset."""
    return (max(record.appended_at_ms, 0) << 20) | (record.offset & 0xFFFFF)


def _reference_table(name: str, model: type[Item] | type[Location]) -> Table:
    """The newest record of each key; an empty value retires the key."""
    columns = tuple(column_of(name, field.annotation) for name, field in model.model_fields.items())
    own = (Column("version", "UInt64", integers), Column("retired", "UInt8", integers))

    def row(record: Record) -> Item | Location:
        if not record.value:
            return _blank(model, record.key)
        read = under_its_key(model.model_validate_json(record.value), record.key)
        if isinstance(read, RejectedReading):
            raise ValueError(read.message)  # noqa: TRY004 - a record that is no row, as one that does not validate is
        return cast("Item | Location", read)

    def decode(origins: Sequence[Origin]) -> Block:
        rows = [row(record) for _, record in origins]
        versions = [_version(record) for _, record in origins]
        retired = [int(not record.value) for _, record in origins]
        return Block(_converted(columns, rows) + _origin_columns(origins) + [versions, retired], len(origins))

    return Table(name, columns + _ORIGIN + own, decode)


def _blank(model: type[Item] | type[Location], key: bytes | None) -> Item | Location:
    """What stands for a retired key: only the key counts."""
    name = (key or b"").decode()
    return Item(sku=name, style=name) if model is Item else Location(location=name)


def _table(fact: type[Fact]) -> Table:
    if fact is StockMovement:
        return _movements_table()
    if fact is Reorder:
        return _orders_table(Reorder, ReorderInputs)
    if fact is Transfer:
        return _orders_table(Transfer, TransferInputs)
    return _fact_table(TOPIC_OF[fact].table, fact)


TABLES: dict[str, Table] = {
    **{topic.name: _table(fact) for fact, topic in TOPIC_OF.items()},
    ITEMS.name: _reference_table("items", Item),
    LOCATIONS.name: _reference_table("locations", Location),
}
