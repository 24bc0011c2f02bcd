"""Reading the needed columns of a Parquet or CSV file, with errors a person can act on."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from schemas.errors import InvalidSettings

Kind = Literal["text", "number", "quantity", "time"]
Column: TypeAlias = "pa.ChunkedArray[Any]"

_PARQUET_MAGIC = b"PAR1"
_TIME_FORMATS = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")
_LARGEST_EXACT_FLOAT = 2**53


class UnreadableFile(InvalidSettings):
    """A file cannot be replayed; the message names the file, the column and what was found."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


def read_columns(path: Path, wanted: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None) -> pa.Table:
    """The wanted columns in the file's row order, typed; a missing optional column is all null.

    Promises: text is ``string``, a number ``float64``, a quantity ``int64`` (``float64`` if any is
    not whole), a time ``int64`` milliseconds since the epoch, naive times taken as UTC. Quantities
    that are not finite become null. Whether a file is Parquet or CSV is seen from its first bytes.
    """
    optional = optional or {}
    is_parquet = _is_parquet(path)
    found = _parquet_header(path) if is_parquet else _csv_header(path)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise UnreadableFile(path, f"no column {', '.join(missing)}; found {', '.join(found) or 'no columns'}")
    kinds = {**wanted, **{name: kind for name, kind in optional.items() if name in found}}
    table = _read_parquet(path, list(kinds)) if is_parquet else _read_csv(path, list(kinds))
    columns = {name: _typed(path, name, table[name], kind) for name, kind in kinds.items()}
    for name in optional.keys() - kinds.keys():
        columns[name] = pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
    return pa.table(columns)


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as problem:
        raise UnreadableFile(path, f"cannot be opened: {problem.strerror}") from problem
    if not head:
        raise UnreadableFile(path, "is empty")
    return head == _PARQUET_MAGIC


def _parquet_header(path: Path) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as problem:
        raise UnreadableFile(path, f"is not a whole Parquet file: {problem}") from problem


def _csv_header(path: Path) -> list[str]:
    with path.open(encoding=_csv_encoding(path), newline="") as file:
        try:
            return next(csv.reader(file), [])
        except csv.Error as problem:
            raise UnreadableFile(path, f"is neither Parquet nor CSV: {problem}") from problem


def _csv_encoding(path: Path) -> str:
    """UTF-8 where the file is UTF-8, else Latin-1, which the UCI exports use."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _read_parquet(path: Path, names: list[str]) -> pa.Table:
    try:
        return pq.read_table(path, columns=names)
    except (pa.ArrowException, OSError) as problem:
        raise UnreadableFile(path, f"is not a whole Parquet file: {problem}") from problem


def _read_csv(path: Path, names: list[str]) -> pa.Table:
    encoding = _csv_encoding(path)
    try:
        return pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(encoding="utf-8" if encoding == "utf-8-sig" else encoding),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                include_columns=names,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowException as problem:
        raise UnreadableFile(path, f"is not readable as CSV: {problem}") from problem


def _typed(path: Path, name: str, column: Column, kind: Kind) -> Column:
    if isinstance(column.type, pa.DictionaryType):
        column = column.cast(column.type.value_type)
    if kind == "text":
        return column.cast(pa.string())
    if kind == "time":
        return milliseconds(path, name, column)
    numbers = _cast(path, name, column, pa.float64())
    return numbers if kind == "number" else _whole_if_possible(column, numbers)


def _cast(path: Path, name: str, column: Column, to: pa.DataType) -> Column:
    try:
        return column.cast(to, safe=False)
    except pa.ArrowException as problem:
        if not _is_text(column):
            raise UnreadableFile(path, f"column {name} should be {to}, found {column.type}: {problem}") from problem
        where = _first_bad(column, lambda part: part.cast(to, safe=False))
        raise UnreadableFile(path, f"column {name}, {where}: is no number") from problem


def _whole_if_possible(raw: Column, numbers: Column) -> Column:
    try:
        return raw.cast(pa.int64())
    except pa.ArrowException:
        finite = pc.if_else(pc.is_finite(numbers), numbers, None)
    largest = pc.max(pc.abs(finite)).as_py() or 0
    whole = pc.all(pc.equal(pc.floor(finite), finite)).as_py()
    exact = whole is not False and largest < _LARGEST_EXACT_FLOAT
    quantities: Column = finite.cast(pa.int64()) if exact else finite
    return quantities


def milliseconds(path: Path, name: str, column: Column) -> Column:
    """Times, or text holding times, as milliseconds since the epoch; ``name`` is for the error."""
    if _is_text(column):
        column = _parsed_times(path, name, column)
    if not pa.types.is_timestamp(column.type) and not pa.types.is_date(column.type):
        raise UnreadableFile(path, f"column {name} should hold times, found {column.type}")
    return column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())


def _parsed_times(path: Path, name: str, column: Column) -> Column:
    for form in _TIME_FORMATS:
        parsed: Column = pc.strptime(column, format=form, unit="ms", error_is_null=True)  # type: ignore[assignment]
        if parsed.null_count == column.null_count:
            return parsed
    try:
        return column.cast(pa.timestamp("us"))
    except pa.ArrowException as problem:
        where = _first_bad(column, _as_a_time(column))
        raise UnreadableFile(path, f"column {name}, {where}: is no time, such as 2026-11-20 17:45:00") from problem


def _as_a_time(column: Column) -> Callable[[Column], object]:
    """Converts a part of a column in the form in which its first time is told."""
    first = column.drop_null().slice(0, 1)
    for form in _TIME_FORMATS:
        if pc.strptime(first, format=form, unit="ms", error_is_null=True).null_count == 0:
            return lambda part: pc.strptime(part, format=form, unit="ms")
    return lambda part: part.cast(pa.timestamp("us"))


def _is_text(column: Column) -> bool:
    return pa.types.is_string(column.type) or pa.types.is_large_string(column.type)


def _first_bad(column: Column, convert: Callable[[Column], object]) -> str:
    """Row and value of the first cell that cannot be converted; the row below the header is row 1."""
    first, behind = 0, len(column)
    while behind - first > 1:
        middle = (first + behind) // 2
        try:
            convert(column.slice(first, middle - first))
            first = middle
        except pa.ArrowException:
            behind = middle
    return f"row {first + 1} below the header: {column[first].as_py()!r}"
