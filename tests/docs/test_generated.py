"""What the documentation says of messages and settings is what the code says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from agents.outbox import Outbox
from docs import generate, words
from restockd.configuration import known
from schemas import topics
from schemas.catalogue import MODELS
from schemas.facts import TOPIC_OF, Fact, StockMovement
from schemas.topics import Topic
from streams.settings import BrokerSettings
from tests.sinks.examples import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests/schemas/fixtures/samples"
PUBLIC_NAMES = [topic.name for topic in generate.PUBLIC]
FACTS = [fact for fact in EXAMPLES if not isinstance(fact, StockMovement)]


def _schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / f"docs/schemas/{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("path", "text"), generate.files().items(), ids=lambda value: getattr(value, "name", ""))
def test_the_committed_file_is_the_generated_one(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run: python -m docs.generate"


def test_the_table_of_topics_in_the_readme_is_the_generated_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert generate.BEGIN in readme
    assert generate.with_topics(readme) == readme, "run: python -m docs.generate"


def test_no_schema_is_left_of_a_topic_that_is_gone() -> None:
    assert sorted(path.stem for path in (ROOT / "docs/schemas").glob("*.json")) == sorted(PUBLIC_NAMES)


def test_every_topic_and_every_setting_has_its_words_and_nothing_else_has() -> None:
    assert list(words.TOPICS) == [topic.name for topic in topics.ALL]
    assert list(words.SETTINGS) == known()


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(_schema(name))


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_facts_fit_their_schemas(fact: Fact) -> None:
    told: Any = json.loads(msgspec.json.encode(fact))
    message = [told] if isinstance(fact, StockMovement) else told
    jsonschema.validate(message, _schema(TOPIC_OF[type(fact)].name))


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_a_fact_without_a_required_field_does_not(fact: Fact) -> None:
    told: Any = json.loads(msgspec.json.encode(fact))
    del told["fact_id"]
    message = [told] if isinstance(fact, StockMovement) else told
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(message, _schema(TOPIC_OF[type(fact)].name))


NEUTRAL = [
    "readings.pos/basket",
    "readings.rfid/neutral",
    "readings.cameras/neutral",
    "readings.epcis/bare_event",
    "readings.erp/receipt",
    "readings.erp/transfer",
    "readings.signals/price",
    "orders.acks/acknowledged",
    "approvals/modify",
    *[f"{path.parent.name}/{path.stem}" for path in sorted(SAMPLES.glob("reference.*/*.json"))],
]


@pytest.mark.parametrize("name", NEUTRAL)
def test_samples_in_our_own_words_fit_their_schemas(name: str) -> None:
    jsonschema.validate(
        json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8")), _schema(name.split("/", maxsplit=1)[0])
    )


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_keys_of_facts_are_as_said(fact: Fact) -> None:
    partitions = {topic.name: 4 for topic in topics.FACTS}
    (record,) = Outbox(BrokerSettings("nowhere:1"), partitions).records([fact], 0)
    template = words.TOPICS[TOPIC_OF[type(fact)].name].key
    assert record.key == template.format(**msgspec.structs.asdict(fact)).encode()


@pytest.mark.parametrize("topic", topics.REFERENCE, ids=lambda topic: topic.name)
def test_keys_of_reference_data_are_as_said(topic: Topic) -> None:
    for path in (SAMPLES / topic.name).glob("*.json"):
        record = MODELS[topic.name].model_validate_json(path.read_bytes())
        assert record.key == words.TOPICS[topic.name].key.format(**record.model_dump())  # type: ignore[attr-defined]
