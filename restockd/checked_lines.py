"""What intake would find wrong with a line, found before it is sent: by file, line, field, value and what was meant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from pydantic import BaseModel

from agents import known_names
from restockd.line_files import Line
from schemas import topics
from schemas.errors import RejectedReading
from schemas.facts import utc
from schemas.readings.decoding import parsed
from schemas.readings.format import Meaning, ReadingFormat
from schemas.readings.registry import all_formats
from schemas.references import References, UnknownReference
from schemas.wording import meant

PART_MS = 43_200_000
_KEYS = ("store", "location", "reader", "camera", "device", "order_id")
_LOOKED_UP = frozenset({"unknown_item", "unknown_location", "unknown_device"})


class Ready(NamedTuple):
    """A line that may be sent: under its key, and of which time, in milliseconds; reference data has none."""

    line: Line
    key: str
    at_ms: int | None


class Fault(NamedTuple):
    """A line that is not sent, and one thing that is wrong with it."""

    line: Line
    field: str
    value: Any
    problem: str

    def __str__(self) -> str:
        return f"{self.line.file}:{self.line.number}: {self.problem}"


@dataclass
class Checked:
    """What became of the lines. ``unlooked`` counts names that could not be looked up: nothing was there to look in."""

    ready: list[Ready] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unknown: list[UnknownReference] = field(default_factory=list)
    unlooked: int = 0


def check(lines: Iterable[Line], references: References, latest_ms: int) -> Checked:
    """Check lines, topic by topic, against reference data that is there already and what they bring themselves.

    Nothing may be of a time after ``latest_ms``.
    """
    known_before = frozenset(references.unknown())
    checked = Checked()
    formats = all_formats()
    for name, of_topic in groupby(lines, key=lambda line: line.topic.name):
        for line in of_topic:
            _take(line, formats[name], references, latest_ms, checked)
    checked.unknown = [unknown for unknown in references.unknown() if unknown not in known_before]
    return checked


def _take(
    line: Line, reading_format: ReadingFormat[Any], references: References, latest_ms: int, checked: Checked
) -> None:
    reading: Any = reading_format.decode([line.value])[0]
    meaning = _meaning(reading, reading_format, references)
    wrong = [rejected for rejected in meaning.rejections if not _cannot_be_looked_up(rejected, references)]
    checked.unlooked += len(meaning.rejections) - len(wrong)
    if meaning.latest_ms is not None and meaning.latest_ms > latest_ms:
        wrong.append(_in_future(meaning.latest_ms))
    if wrong:
        checked.faults += [_fault(line, rejected, references) for rejected in wrong]
        return
    if line.topic in topics.REFERENCE:
        references.add(reading)
        checked.ready.append(Ready(line, reading.key, None))
    else:
        checked.ready.append(Ready(line, _key(line), meaning.latest_ms))


def _meaning(reading: Any, reading_format: ReadingFormat[Any], references: References) -> Meaning:
    if isinstance(reading, RejectedReading):
        return Meaning(rejections=[reading])
    meaning = reading_format.interpret(reading, references)
    return known_names.checked(meaning) if isinstance(reading, BaseModel) else meaning


def _cannot_be_looked_up(rejected: RejectedReading, references: References) -> bool:
    """Where nothing of a kind is known at all, a name of it is neither right nor wrong."""
    return rejected.reason in _LOOKED_UP and not _names(rejected, references)


def _names(rejected: RejectedReading, references: References) -> Sequence[str]:
    """What a name might have been."""
    match rejected.reason:
        case "unknown_item":
            return references.item_names
        case "unknown_location":
            return references.location_names
        case "unknown_device":
            return references.device_names
        case "unknown_timezone":
            return sorted(available_timezones())
    return ()


def _fault(line: Line, rejected: RejectedReading, references: References) -> Fault:
    """The problem in intake's words, with the field and value if they do not say them, and what was meant."""
    problem = rejected.message
    if rejected.value is not None and str(rejected.value) not in problem:
        problem = problem.replace(f"{rejected.field}: ", f"{rejected.field}: {rejected.value!r}: ", 1)
    if isinstance(rejected.value, str):
        problem += meant(rejected.value, _names(rejected, references))
    return Fault(line, rejected.field, rejected.value, problem)


def _in_future(at_ms: int) -> RejectedReading:
    when = utc(at_ms).isoformat()
    return RejectedReading("in_future", f"occurred_at: {when} is in the future", field="occurred_at", value=when)


def _key(line: Line) -> str:
    """Whose line it is: what one device or place says stays in its order."""
    told = parsed(line.value)
    named = (told.get(name) for name in _KEYS) if isinstance(told, dict) else iter(())
    return next((str(name) for name in named if name), line.topic.name)


def in_order(ready: Iterable[Ready]) -> Iterator[list[Ready]]:
    """Reference data, then the readings by their time, in parts of half a day each.

    Topics are read side by side: within a part a receipt may be heard before a sale, over its end it may not.
    Readings without a time come last.
    """
    sent = list(ready)
    first = [one for one in sent if one.line.topic in topics.REFERENCE]
    if first:
        yield first
    timed = sorted((one for one in sent if one.at_ms is not None), key=lambda one: one.at_ms or 0)
    for _, part in groupby(timed, key=lambda one: (one.at_ms or 0) // PART_MS):
        yield list(part)
    rest = [one for one in sent if one.at_ms is None and one.line.topic not in topics.REFERENCE]
    if rest:
        yield rest
