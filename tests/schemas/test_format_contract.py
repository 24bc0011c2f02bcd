"""The laws every reading format keeps; a new format is tested because it is found."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.observations import Entry, ObservationBatch, Source, decode, encode
from schemas.readings import Meaning, ReadingFormat, all_formats

FORMATS = all_formats()
SAMPLES_OF = Path(__file__).parent / "fixtures" / "samples"
SAMPLES = [
    pytest.param(topic.name, json.loads(path.read_text()), id=f"{topic.name}/{path.stem}")
    for topic in (*topics.READINGS, *topics.REFERENCE)
    for path in sorted((SAMPLES_OF / topic.name).glob("*.json"))
]
WORDS = (
    "", "x", "return", "2026-11-20T10:00:00", "2000-01-01T00:00:00Z", "2026-11-20T10:00:00Z", "overflow", "urn:epc:id:",
    "E28011606000020477A5D1B6", "S2", "JEANS-32", "\x1f", "\x00", "DELETE", "void_shipping", "retail_selling",
)  # fmt: skip

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=5),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)
records = st.one_of(
    st.binary(max_size=60),
    values.map(lambda value: json.dumps(value).encode()),
    st.lists(values, max_size=3).map(lambda items: "".join(map(json.dumps, items)).encode()),
)
POISON = (
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"{",
    b"[{}]",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 1000,
    b'"\\ud800"',
    b"9" * 5000,
    b'{"quantity":' + b"9" * 400 + b"}",
    b"NaN",
    b'{"UtcTime":NaN}',
    b'{"eventType":"x"}{"eventType":',
    b'{"idHex":1}' + b" " * 200 + b'{"idHex":2}',
)

every_format = pytest.mark.parametrize("known", FORMATS.values(), ids=list(FORMATS))
every_sample = pytest.mark.parametrize(("topic", "sample"), SAMPLES)
MEANINGLESS = {topics.DEVICES.name, topics.TAGS.name}
many = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)


def described(result: Any) -> Any:
    """A result in a form that can be compared: rejections have no equality of their own."""
    if isinstance(result, RejectedReading):
        return ("rejected", result.reason, result.message, result.field, str(result.value), str(result.units))
    if isinstance(result, Meaning):
        return (result.observations, [described(rejected) for rejected in result.rejections], result.latest_ms)
    return repr(result)


def understood(known: ReadingFormat[Any], values: list[bytes], catalogue: Catalogue) -> list[Any]:
    """What becomes of each record: its meaning or its rejection."""
    readings = known.decode(values)
    assert len(readings) == len(values)
    return [
        reading if isinstance(reading, RejectedReading) else known.interpret(reading, catalogue) for reading in readings
    ]


def rejections(results: list[Any]) -> list[RejectedReading]:
    return [
        rejected
        for result in results
        for rejected in ([result] if isinstance(result, RejectedReading) else result.rejections)
    ]


def check_laws(known: ReadingFormat[Any], values: list[bytes], catalogue: Catalogue) -> None:
    together = understood(known, values, catalogue)
    alone = [understood(known, [value], catalogue)[0] for value in values]
    assert [described(result) for result in together] == [described(result) for result in alone]
    for rejected in rejections(together):
        assert rejected.reason.isidentifier()
        assert rejected.message
        assert rejected.value is None or isinstance(rejected.value, str | int | float)
        assert len(str(rejected.value)) <= 1000
        assert rejected.field or rejected.reason in {"invalid_json", "invalid_value"}
    for meaning in together:
        if isinstance(meaning, Meaning):
            check_observations(meaning)


def check_observations(meaning: Meaning) -> None:
    """They survive the log, and one that is about a style is on that style's way."""
    observations = tuple(routed.observation for routed in meaning.observations)
    batch = ObservationBatch(1, Source("t", 0, -1, 0, 0), (Entry(0, 0, observations),))
    assert decode(encode(batch)) == batch
    for routed in meaning.observations:
        style = getattr(routed.observation, "style", None)
        assert style is None or (routed.style or "") == style


def test_every_topic_that_is_read_has_a_format_and_a_sample() -> None:
    assert set(FORMATS) == {topic.name for topic in (*topics.READINGS, *topics.REFERENCE)}
    assert {topic.name for topic in (known.topic for known in FORMATS.values())} == {
        path.name for path in SAMPLES_OF.iterdir()
    }
    assert all(known.topic.name == name and known.name.isidentifier() for name, known in FORMATS.items())


@every_format
def test_poison_is_rejected_with_a_reason(known: ReadingFormat[Any], catalogue: Catalogue) -> None:
    check_laws(known, list(POISON), catalogue)


@every_format
@many
@given(st.lists(records, max_size=3))
def test_any_bytes_are_understood_or_rejected_alike_alone_and_in_a_batch(
    known: ReadingFormat[Any], catalogue: Catalogue, values: list[bytes]
) -> None:
    check_laws(known, values, catalogue)


@every_sample
def test_a_sample_is_understood_whole(topic: str, sample: Any, catalogue: Catalogue) -> None:
    (meaning,) = understood(FORMATS[topic], [json.dumps(sample).encode()], catalogue)
    assert isinstance(meaning, Meaning)
    assert meaning.rejections == []
    assert meaning.observations or topic in MEANINGLESS or sample.get("name") == "clock"


@every_sample
@many
@given(data=st.data())
def test_a_sample_with_anything_changed_is_understood_or_rejected(
    topic: str, sample: Any, catalogue: Catalogue, data: st.DataObject
) -> None:
    changed = copy.deepcopy(sample)
    for _ in range(data.draw(st.integers(1, 3))):
        change_something(changed, data)
    check_laws(FORMATS[topic], [json.dumps(changed).encode(), json.dumps(sample).encode()], catalogue)


def change_something(record: Any, data: st.DataObject) -> None:
    """Replace, leave out or repeat one part, at any depth."""
    part = record
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if not isinstance(part[key], dict | list) or data.draw(st.booleans()):
            break
        part = part[key]
    if data.draw(st.booleans()):
        del part[key]
    else:
        part[key] = data.draw(values)


@every_format
def test_no_records_are_no_results(known: ReadingFormat[Any]) -> None:
    assert known.decode([]) == []
