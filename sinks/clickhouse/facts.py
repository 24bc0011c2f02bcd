"""Table rows back to the facts they were made of."""

from typing import Any, TypeVar

import msgspec

from schemas.facts import Fact, Reorder, ReorderInputs, Transfer, TransferInputs
from sinks.clickhouse.client import Row
from sinks.clickhouse.tables import INPUT

AnyFact = TypeVar("AnyFact", bound=Fact)


def fact_of(kind: type[AnyFact], row: Row) -> AnyFact:
    """The fact a row stands for, equal to the one that was written."""
    told = {field.name: row[field.name] for field in msgspec.structs.fields(kind) if field.name in row}
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
    fields["fact_id"] = str(row["fact_id"])
    if kind is Reorder:
        fields["inputs"] = _inputs(row)
    if kind is Transfer:
        fields["inputs"] = _transfer_inputs(row)
    return kind(**fields)


def _inputs(row: Row) -> ReorderInputs | None:
    """What a reorder was computed from, if the revision carries it.

    Before forecasts were read at a level of their own they were read at the service level.
    """
    names = [field.name for field in msgspec.structs.fields(ReorderInputs)]
    told = {name: row[INPUT + name] for name in names if row[INPUT + name] is not None}
    return ReorderInputs(**({"quantile_level": told["cycle_service_level"]} | told)) if "policy" in told else None


def _transfer_inputs(row: Row) -> TransferInputs | None:
    """What a transfer was computed from, if the revision carries it.

    Before there were shares, all that was forecast was counted.
    """
    told = {field.name: row[INPUT + field.name] for field in msgspec.structs.fields(TransferInputs)}
    if told["realised_share"] is None:
        del told["realised_share"]
    return TransferInputs(**told) if told["trigger"] is not None else None
