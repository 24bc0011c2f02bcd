"""The AsyncAPI document is one, by AsyncAPI's own schema, and real records fit it.

``fixtures/asyncapi-3.0.0.json`` is the schema of AsyncAPI 3.0.0 from the package @asyncapi/specs 6.11.1 (Apache-2.0).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agents.outbox import Outbox
from docs import asyncapi
from schemas import topics
from schemas.facts import TOPIC_OF, Fact
from schemas.topics import Topic
from streams.settings import BrokerSettings
from tests.sinks.examples import EXAMPLES

DOCS = Path(asyncapi.__file__).parent
DOCUMENT: dict[str, Any] = json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))
OUTBOX = Outbox(BrokerSettings("nowhere:1"), {topic.name: 4 for topic in topics.FACTS})
SAID = [fact for fact in EXAMPLES if TOPIC_OF[type(fact)] in asyncapi.SENT]
SAMPLES = DOCS.parent / "tests/schemas/fixtures/samples"


def _official() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures/asyncapi-3.0.0.json").read_text("utf-8"))
    return found


def _refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from _refs(value)
    elif isinstance(part, list):
        for value in part:
            yield from _refs(value)


def _message(topic: Topic) -> dict[str, Any]:
    (channel,) = [one for one in DOCUMENT["channels"].values() if one["address"] == topic.name]
    (reference,) = [one["$ref"] for one in channel["messages"].values()]
    found: dict[str, Any] = DOCUMENT["components"]["messages"][reference.rpartition("/")[2]]
    return found


def _payload(topic: Topic) -> dict[str, Any]:
    path = DOCS / _message(topic)["payload"]["schema"]["$ref"]
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_it_is_an_asyncapi_document() -> None:
    validator = jsonschema.Draft7Validator(_official())
    assert [error.message for error in validator.iter_errors(DOCUMENT)] == []
    broken = json.loads(json.dumps(DOCUMENT))
    broken["operations"]["say.alerts"]["action"] = "shout"
    assert not validator.is_valid(broken)


def test_every_reference_leads_somewhere() -> None:
    for reference in _refs(DOCUMENT):
        if reference.startswith("#/"):
            part: Any = DOCUMENT
            for step in reference[2:].split("/"):
                part = part[step]
        else:
            assert (DOCS / reference).exists(), reference


def test_every_topic_of_the_loop_is_there() -> None:
    actions = {one["channel"]["$ref"]: one["action"] for one in DOCUMENT["operations"].values()}
    assert {re.sub("^#/channels/", "", name): action for name, action in actions.items()} == {
        "orders_reorders": "send",
        "orders_transfers": "send",
        "alerts": "send",
        "orders_acks": "receive",
        "approvals": "receive",
    }


@pytest.mark.parametrize("fact", SAID, ids=lambda fact: type(fact).__name__)
def test_real_records_fit_payload_and_headers(fact: Fact) -> None:
    topic = TOPIC_OF[type(fact)]
    (record,) = OUTBOX.records([fact], 0)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.validate(json.loads(record.value or b""), _payload(topic), format_checker=checker)
    told = dict(record.headers or [])
    schema = _message(topic)["headers"]
    jsonschema.validate(told, schema, format_checker=checker)
    assert set(told) == set(schema["properties"])
    for name in told:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({key: value for key, value in told.items() if key != name}, schema)


@pytest.mark.parametrize(("topic", "sample"), [(topics.ORDER_ACKS, "acknowledged"), (topics.APPROVALS, "modify")])
def test_answers_fit_their_payload(topic: Topic, sample: str) -> None:
    told = json.loads((SAMPLES / topic.name / f"{sample}.json").read_text(encoding="utf-8"))
    jsonschema.validate(told, _payload(topic))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told | {"status": "perhaps", "verdict": "perhaps"}, _payload(topic))
