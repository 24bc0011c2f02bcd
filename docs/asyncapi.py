"""The AsyncAPI 3 document of the topics that other systems write or subscribe to: orders, answers, alerts."""

from typing import Any

from agents.outbox import EVENT_TYPES
from docs import words
from docs.tables import prose
from restockd import __version__
from schemas import topics
from schemas.facts import TOPIC_OF
from schemas.topics import Topic

SENT = (topics.REORDERS, topics.TRANSFERS, topics.ALERTS)
RECEIVED = (topics.ORDER_ACKS, topics.APPROVALS)
_FORMAT = "application/schema+json;version=draft-2020-12"
_TEXT = {"type": "string", "minLength": 1}
_ABOUT = """\
Orders, transfers and alerts that restockd says, and the answers it listens to. Delivery is at least once: `fact_id`
tells a fact that came twice, `idempotency_key` a revision of an order. All records of one key are in order."""


def document() -> dict[str, Any]:
    """The whole document; payloads are the JSON Schemas beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "restockd", "version": __version__, "description": prose(_ABOUT)},
        "defaultContentType": "application/json",
        "channels": {_name(topic): _channel(topic) for topic in (*SENT, *RECEIVED)},
        "operations": {
            **{f"say.{_name(topic)}": _operation("send", topic) for topic in SENT},
            **{f"hear.{_name(topic)}": _operation("receive", topic) for topic in RECEIVED},
        },
        "components": {"messages": {_name(topic): _message(topic) for topic in (*SENT, *RECEIVED)}},
    }


def headers(topic: Topic) -> dict[str, Any] | None:
    """The JSON Schema of a topic's headers: CloudEvents 1.0 in binary mode; None where none are needed."""
    if topic not in SENT:
        return None
    fact = next(known for known, its_topic in TOPIC_OF.items() if its_topic == topic)
    known: dict[str, Any] = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {**_TEXT, "description": "the fact's id"},
        "ce_source": {"type": "string", "const": "restockd"},
        "ce_type": {"type": "string", "const": EVENT_TYPES[fact]},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {**_TEXT, "description": "the record's key"},
        "content-type": {"type": "string", "const": "application/json"},
    }
    if topic != topics.ALERTS:
        known["idempotency-key"] = {**_TEXT, "description": "the order and its revision, to apply each once"}
    return {"type": "object", "properties": known, "required": list(known)}


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": words.TOPICS[topic.name].about,
        "messages": {_name(topic): {"$ref": f"#/components/messages/{_name(topic)}"}},
        "bindings": {"kafka": {"topic": topic.name, "topicConfiguration": _kept(topic), "bindingVersion": "0.5.0"}},
    }


def _kept(topic: Topic) -> dict[str, Any]:
    if topic.compacted:
        return {"cleanup.policy": ["compact"]}
    return {"cleanup.policy": ["delete"], "retention.ms": topic.retention_days * 86_400_000}


def _operation(action: str, topic: Topic) -> dict[str, Any]:
    said = words.TOPICS[topic.name]
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{_name(topic)}"},
        "summary": f"{said.about}; written by {said.writers}, read by {said.readers}",
        "messages": [{"$ref": f"#/channels/{_name(topic)}/messages/{_name(topic)}"}],
    }


def _message(topic: Topic) -> dict[str, Any]:
    key = {"type": "string", "description": words.TOPICS[topic.name].key}
    message: dict[str, Any] = {
        "name": _name(topic),
        "contentType": "application/json",
        "payload": {"schemaFormat": _FORMAT, "schema": {"$ref": f"./schemas/{topic.name}.json"}},
        "bindings": {"kafka": {"key": key, "bindingVersion": "0.5.0"}},
    }
    return message | ({"headers": told} if (told := headers(topic)) else {})


def _name(topic: Topic) -> str:
    """A topic's name as AsyncAPI allows it for a key."""
    return topic.name.replace(".", "_")
