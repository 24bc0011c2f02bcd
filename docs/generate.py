"""``python -m docs.generate`` writes what can be told from the code: schemas, topics, settings.

It writes ``docs/schemas/*.json``, ``docs/asyncapi.json``, ``docs/messages.md``, ``docs/settings.md`` and the table of
topics in ``README.md``. ``tests/docs`` fails when a committed file is not what this would write.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel

from docs import asyncapi, words
from docs.tables import Schema, default_text, fields, prose, table, type_text
from restockd.configuration import GROUPS, variable
from schemas import topics
from schemas.catalogue import MODELS
from schemas.facts import TOPIC_OF, StockMovement
from schemas.readings.camera_batch import Detections
from schemas.readings.epcis_event import EpcisEvent
from schemas.readings.erp import Movement
from schemas.readings.orders import Acknowledgement, Approval
from schemas.readings.pos import Basket
from schemas.readings.registry import dialects
from schemas.readings.rfid_batch import RfidBatch
from schemas.readings.signals import SignalReading
from schemas.topics import Topic

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- topics: begin (python -m docs.generate) -->", "<!-- topics: end -->"
GENERATED = "<!-- Written by `python -m docs.generate`; change the code or docs/words.py instead. -->"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

READINGS: dict[str, type[BaseModel]] = {
    "readings.pos": Basket,
    "readings.rfid": RfidBatch,
    "readings.epcis": EpcisEvent,
    "readings.cameras": Detections,
    "readings.erp": Movement,
    "readings.signals": SignalReading,
    "orders.acks": Acknowledgement,
    "approvals": Approval,
}
PUBLIC = (*topics.READINGS, *topics.REFERENCE, *topics.FACTS)
OTHER_FORMATS = {"readings.rfid": "rfid_", "readings.cameras": "camera_"}
DATA_DIRECTORY = "`restockd` in the user's data directory"


def schema_of(topic: Topic) -> dict[str, Any]:
    """The JSON Schema of a topic's messages in restockd's own words."""
    model = (READINGS | MODELS).get(topic.name)
    schema = model.model_json_schema() if model else _fact_schema(topic)
    return {"$schema": DIALECT, **_plain(schema)}


def files() -> dict[Path, str]:
    """Every generated file and what should stand in it, but README.md."""
    schemas = {_schema_path(topic): json.dumps(schema_of(topic), indent=2) + "\n" for topic in PUBLIC}
    return schemas | {
        ROOT / "docs/asyncapi.json": json.dumps(asyncapi.document(), indent=2) + "\n",
        ROOT / "docs/messages.md": messages(),
        ROOT / "docs/settings.md": settings(),
    }


def messages() -> str:
    """docs/messages.md."""
    parts = [GENERATED, "# Messages", _HOW_MESSAGES_TRAVEL, topics_table()]
    for title, group in _GROUPS:
        parts.append(f"## {title}")
        parts += [part for topic in group for part in _topic(topic)]
    return "\n\n".join(parts) + "\n"


def settings() -> str:
    """docs/settings.md."""
    parts = [GENERATED, "# Settings", _HOW_SETTINGS_ARE_READ]
    for group, model in GROUPS.items():
        rows = [_setting(f"{group}.{name}", value) for name, value in model.model_json_schema()["properties"].items()]
        parts += [f"## {group}", prose(model.__doc__ or ""), table(("setting", "what for", "allowed", "default"), rows)]
    return "\n\n".join(parts) + "\n"


def topics_table() -> str:
    """Every topic in one table."""
    rows = []
    for topic in topics.ALL:
        said = words.TOPICS[topic.name]
        kept = "newest per key" if topic.compacted else f"{topic.retention_days} days"
        rows.append((f"`{topic.name}`", said.about, _key(said.key), said.writers, said.readers, kept))
    return table(("topic", "what", "key", "written by", "read by", "kept"), rows)


def with_topics(readme: str) -> str:
    """README's text with its table of topics as it should be."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{topics_table()}\n{END}{after}"


def main() -> None:
    """Write everything; schemas of topics that are gone are removed."""
    wanted = files()
    for path in (ROOT / "docs/schemas").glob("*.json"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_topics(readme.read_text(encoding="utf-8")), encoding="utf-8")


def _fact_schema(topic: Topic) -> dict[str, Any]:
    fact = next(known for known, its_topic in TOPIC_OF.items() if its_topic == topic)
    schema = msgspec.json.schema(list[StockMovement] if fact is StockMovement else fact)
    for name in ("occurred_at", "recorded_at", "input_appended_at", "starts_at", "ends_at", "last_evidence_at"):
        _say_time(schema, name)
    _say_time(schema, "requested_delivery_at")
    return schema


def _say_time(schema: dict[str, Any], name: str) -> None:
    """msgspec says of a time only that it is text."""
    for definition in schema["$defs"].values():
        known = definition.get("properties", {}).get(name)
        for option in known.get("anyOf", [known]) if known else ():
            if option.get("type") == "string":
                option["format"] = "date-time"


def _plain(schema: Any) -> Any:
    """Without titles that repeat names, descriptions as Markdown."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _plain(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    if isinstance(kept.get("description"), str):
        kept["description"] = prose(kept["description"])
    return kept


def _topic(topic: Topic) -> Iterator[str]:
    said, schema = words.TOPICS[topic.name], schema_of(topic)
    definitions = dict(schema.get("$defs", {}))
    whole, many = _whole(schema, definitions)
    yield f"### {topic.name}"
    yield f"Key: {_key(said.key)}. Written by {said.writers}, read by {said.readers}. " + (
        f"Schema: [schemas/{topic.name}.json](schemas/{topic.name}.json)." + _dialects(topic)
    )
    yield ("A list of these: " if many else "") + str(whole.get("description", ""))
    yield fields(whole)
    for name, definition in definitions.items():
        yield f"**{name}**" + (f": {definition['description']}" if "description" in definition else "")
        yield fields(definition) if "properties" in definition else type_text(definition)


def _whole(schema: Schema, definitions: dict[str, Any]) -> tuple[Schema, bool]:
    """The schema of one message's object, taken out of the definitions, and whether a message is a list of it."""
    many = schema.get("type") == "array"
    reference = schema["items"]["$ref"] if many else schema.get("$ref", "")
    return (definitions.pop(reference.rpartition("/")[2]) if reference else schema), many


def _dialects(topic: Topic) -> str:
    prefix = OTHER_FORMATS.get(topic.name)
    if prefix is None:
        return ""
    names = ", ".join(f"`schemas/readings/{dialect.name}.py`" for dialect in dialects(prefix))
    return f" Messages as devices write them are taken too: {names}."


def _setting(name: str, schema: Schema) -> tuple[str, str, str, str]:
    default = DATA_DIRECTORY if name == "worker.data_dir" else default_text(schema)
    allowed = str(schema.get("description") or type_text(schema))
    return f"`{name}`<br>`{variable(name)}`", words.SETTINGS[name], allowed, default


def _key(template: str) -> str:
    return f"`{template}`" if "{" in template or template == "rules" else template


def _schema_path(topic: Topic) -> Path:
    return ROOT / "docs/schemas" / f"{topic.name}.json"


_GROUPS = (("Readings", topics.READINGS), ("Reference data", topics.REFERENCE), ("Facts", topics.FACTS))

_HOW_MESSAGES_TRAVEL = """\
Every message is JSON in UTF-8. What restockd says of itself:

- **Readings** are what devices, tills and the ERP send. Unknown fields are left out. What cannot be understood goes to
  `dead.letters` with its bytes; of a basket, report or document each part stands for itself.
- **Reference data** live on compacted topics: one record per key, the newest wins, an empty value retires the key.
  They are strict: an unknown field is an error.
- **Facts** are what restockd says. `fact_id` comes from what caused the fact, so a fact that is delivered twice is
  recognised by it. `occurred_at` is event time. Orders, transfers, alerts, tasks and dead letters carry CloudEvents
  1.0 headers (`ce_id`, `ce_type`, `ce_time`, `ce_subject`, ...); orders and transfers also `idempotency-key`.
  [asyncapi.json](asyncapi.json) describes orders, transfers, alerts and the answers to them as AsyncAPI 3.

Any producer may write readings: records of one key stay in order if the partitioner is Java's (`murmur2_random` in
librdkafka, whose own default is another). All topics use `LogAppendTime`; event time is in the payload only.
`observations` and `checkpoints` are restockd's own and may change with any release."""

_HOW_SETTINGS_ARE_READ = """\
From the environment, then `.env`, then `restockd.toml` (another file: `restockd --config FILE` or
`RESTOCKD_CONFIG_FILE`), then the default; the first that has a value wins. `broker.address` is
`RESTOCKD_BROKER__ADDRESS` in the environment and `address` under `[broker]` in the file. Secrets may be given as a file
(`password_file`). A wrong or unknown setting stops the command at start and names itself; `restockd config show` lists
every setting, its value (secrets masked) and where it came from."""


if __name__ == "__main__":
    main()
