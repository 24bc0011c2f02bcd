"""Answers to our orders."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.observations import ApprovalGiven, OrderAcknowledged
from schemas.readings import Meaning

Understand = Callable[[str, Any], Meaning]

AT_MS = 1_795_168_800_000  # 2026-11-20T10:00:00Z
AT = "2026-11-20T10:00:00Z"


def only(meaning: Meaning) -> tuple[str | None, Any]:
    assert meaning.rejections == []
    ((style, observation),) = meaning.observations
    return style, observation


def test_an_acknowledgement_says_everything(understand: Understand) -> None:
    record = {
        "order_id": "O-1",
        "status": "acknowledged",
        "erp_reference": "PO-7",
        "quantity": 12,
        "expected_at": AT,
        "occurred_at": AT,
        "sku": "SHIRT-M",
        "message": "thanks",
    }
    answer = OrderAcknowledged("O-1", "acknowledged", AT_MS, "PO-7", 12, AT_MS, "thanks")
    assert only(understand("orders.acks", record)) == ("SHIRT", answer)


def test_an_approval_says_everything(understand: Understand) -> None:
    record = {"order_id": "O-1", "verdict": "modify", "by": "ana", "quantity": 6, "reason": "less", "occurred_at": AT}
    answer = ApprovalGiven("O-1", "modify", AT_MS, "ana", 6, "less")
    assert only(understand("approvals", record)) == (None, answer)


@pytest.mark.parametrize("sku", ["", "NOBODY"])
def test_an_answer_that_names_no_known_item_goes_everywhere(understand: Understand, sku: str) -> None:
    for topic, said in (("orders.acks", {"status": "shipped"}), ("approvals", {"verdict": "accept"})):
        style, answer = only(understand(topic, {"order_id": "O-1", "sku": sku, **said}))
        assert style is None
        assert answer.occurred_at_ms == 0


@pytest.mark.parametrize(("key", "order_id"), [("O-1:3", "O-1"), ("a:b:12", "a:b"), ("O-1", "O-1"), ("O:x", "O:x")])
def test_an_order_may_be_named_by_the_key_of_its_revision(understand: Understand, key: str, order_id: str) -> None:
    for named in ({"idempotency_key": key}, {"order_id": key}, {"order_id": order_id, "idempotency_key": key}):
        _, answer = only(understand("orders.acks", {"status": "rejected", **named}))
        assert answer.order_id == order_id
        assert answer.revision == (int(key.rpartition(":")[2]) if key != order_id else None)


@pytest.mark.parametrize(
    ("topic", "record", "reason", "field"),
    [
        ("orders.acks", {"status": "shipped"}, "missing_field", "order_id"),
        ("orders.acks", {"order_id": "O", "status": "eaten"}, "invalid_value", "status"),
        ("orders.acks", {"order_id": "O", "status": "shipped", "quantity": -1}, "invalid_value", "quantity"),
        (
            "orders.acks",
            {"order_id": "O", "status": "shipped", "expected_at": "2026-11-20"},
            "naive_time",
            "expected_at",
        ),
        ("approvals", {"verdict": "accept"}, "missing_field", "order_id"),
        ("approvals", {"order_id": "", "verdict": "accept"}, "invalid_value", "order_id"),
        ("approvals", {"order_id": "O", "verdict": "modify"}, "missing_field", "quantity"),
        ("approvals", {"order_id": "O", "verdict": "maybe"}, "invalid_value", "verdict"),
    ],
)
def test_an_answer_that_cannot_be_used_is_rejected(
    understand: Understand, topic: str, record: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(topic, record)
    assert meaning.observations == []
    assert [(rejected.reason, rejected.field) for rejected in meaning.rejections] == [(reason, field)]
