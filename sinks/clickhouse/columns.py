"""How a Python value becomes a ClickHouse column: whole columns at a time.

Each function takes one column of Python values and returns what the HTTP client
writes natively; a value that does not fit raises ``ValueError``, ``OverflowError``
or ``TypeError``, never a wrapped or shifted number.
"""

import re
import types
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

Convert = Callable[[Sequence[Any]], Sequence[Any]]

MOMENT = "DateTime64(3, 'UTC')"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EARLIEST_MS = -2_208_988_800_000  # 1900-01-01, the first moment of DateTime64
_LATEST_MS = 10_413_792_000_000  # 2300-01-01
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2299, 12, 31)
_UUIDS = re.compile(r"(?:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12},)*")


class Column(NamedTuple):
    """A column's name, the type it is sent as, and how its values are prepared."""

    name: str
    wire_type: str
    convert: Convert


def column_of(name: str, annotation: Any) -> Column:
    """The column for a struct's field."""
    if name == "fact_id":
        return Column(name, "UUID", uuids)
    if name == "event_key":
        return Column(name, "UInt64", _within(0, 2**64 - 1))
    inner = _without_none(annotation)
    inner = get_args(inner)[0] if get_origin(inner) is Annotated else inner
    wire_type, convert = _BY_TYPE[inner if inner in _BY_TYPE else get_origin(inner) or inner]
    if types.NoneType in get_args(annotation):
        return Column(name, f"Nullable({wire_type})", _nullable(convert))
    return Column(name, wire_type, convert)


def uuids(values: Sequence[str]) -> Sequence[str]:
    """Canonical UUID texts."""
    if not _are_uuids(values):
        raise ValueError(f"fact_id is not a UUID: {next(value for value in values if not _are_uuids([value]))!r}")
    return values


def _are_uuids(values: Sequence[str]) -> bool:
    joined = ",".join([*values, ""])
    return len(joined) == 37 * len(values) and _UUIDS.fullmatch(joined) is not None


def moments(values: Sequence[datetime]) -> Sequence[int]:
    """Milliseconds since the epoch, rounded down; only aware times from 1900 to 2299."""
    milliseconds = [(value - _EPOCH) // _MILLISECOND for value in values]
    return _within(_EARLIEST_MS, _LATEST_MS - 1)(milliseconds)


def days(values: Sequence[date]) -> Sequence[date]:
    """Days from 1900 to 2299."""
    if values and (min(values) < _FIRST_DAY or max(values) > _LAST_DAY):
        raise OverflowError(f"{next(v for v in values if not _FIRST_DAY <= v <= _LAST_DAY)} is out of range")
    return values


def texts(values: Sequence[str]) -> Sequence[str]:
    """Text as it is."""
    return values


def _within(least: int, greatest: int) -> Convert:
    def check(values: Sequence[int]) -> Sequence[int]:
        if values and not (least <= min(values) and max(values) <= greatest):
            raise OverflowError(f"{next(v for v in values if not least <= v <= greatest)} is out of range")
        return values

    return check


integers = _within(-(2**63), 2**63 - 1)
_small = _within(-(2**31), 2**31 - 1)


def _zones(values: Sequence[dict[str, int]]) -> Sequence[dict[str, int]]:
    _small([units for zones in values for units in zones.values()])
    return values


def _as_is(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _lists(values: Sequence[Sequence[Any]]) -> Sequence[list[Any]]:
    return [list(value) for value in values]


def _nullable(convert: Convert) -> Convert:
    def nullable(values: Sequence[Any]) -> Sequence[Any]:
        if None not in values:
            return convert(values)
        present = iter(convert([value for value in values if value is not None]))
        return [None if value is None else next(present) for value in values]

    return nullable


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    inner = [part for part in get_args(annotation) if part is not types.NoneType]
    if len(inner) != 1:
        raise TypeError(f"no single column for {annotation}")
    return inner[0]


_BY_TYPE: dict[Any, tuple[str, Convert]] = {
    str: ("String", texts),
    Literal: ("String", texts),
    int: ("Int64", integers),
    float: ("Float64", _as_is),
    bool: ("Bool", _as_is),
    datetime: (MOMENT, moments),
    date: ("Date32", days),
    dict: ("Map(String, Int32)", _zones),
    dict[str, float]: ("Map(String, Float64)", _as_is),
    tuple: ("Array(String)", _lists),
    tuple[float, ...]: ("Array(Float64)", _lists),
}
