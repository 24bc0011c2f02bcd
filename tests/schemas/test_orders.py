"""Answers to our orders."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.facts import Origin, Saying
from schemas.observations import ApprovalGiven, OrderAcknowledged
from schemas.order_ids import is_order_id, with_check
from schemas.readings import Meaning

Understand = Callable[[str, Any], Meaning]

AT_MS = 1_795_168_800_000  # 2026-11-20T10:00:00Z
AT = "2026-11-20T10:00:00Z"
ORDER = "078ca647-bead-83cc-a6d3-c6c1a556d746"

OTHER = with_check("178ca647-bead-83cc-a6d3-c6c1a556d746")


def only(meaning: Meaning) -> tuple[str | None, Any]:
    assert meaning.rejections == []
    ((style, observation),) = meaning.observations
    return style, observation


def test_an_acknowledgement_says_everything(understand: Understand) -> None:
    record = {
        "order_id": ORDER,
        "status": "acknowledged",
        "erp_reference": "PO-7",
        "quantity": 12,
        "expected_at": AT,
        "occurred_at": AT,
        "sku": "SHIRT-M",
        "message": "thanks",
    }
    answer = OrderAcknowledged(ORDER, "acknowledged", AT_MS, "PO-7", 12, AT_MS, "thanks")
    assert only(understand("orders.acks", record)) == ("SHIRT", answer)


def test_an_approval_says_everything(understand: Understand) -> None:
    record = {"order_id": ORDER, "verdict": "modify", "by": "ana", "quantity": 6, "reason": "less", "occurred_at": AT}
    answer = ApprovalGiven(ORDER, "modify", AT_MS, "ana", 6, "less")
    assert only(understand("approvals", record)) == (None, answer)


@pytest.mark.parametrize("sku", ["", "NOBODY"])
def test_an_answer_that_names_no_known_item_goes_everywhere(understand: Understand, sku: str) -> None:
    for topic, said in (("orders.acks", {"status": "shipped"}), ("approvals", {"verdict": "accept"})):
        style, answer = only(understand(topic, {"order_id": ORDER, "sku": sku, **said}))
        assert style is None
        assert answer.occurred_at_ms == 0


@pytest.mark.parametrize(("key", "order_id"), [(f"{ORDER}:3", ORDER), (f"{ORDER}:12", ORDER), (ORDER, ORDER)])
def test_an_order_may_be_named_by_the_key_of_its_revision(understand: Understand, key: str, order_id: str) -> None:
    for named in ({"idempotency_key": key}, {"order_id": key}, {"order_id": order_id, "idempotency_key": key}):
        _, answer = only(understand("orders.acks", {"status": "rejected", **named}))
        assert answer.order_id == order_id
        assert answer.revision == (int(key.rpartition(":")[2]) if key != order_id else None)


@pytest.mark.parametrize(
    ("topic", "record", "reason", "field"),
    [
        ("orders.acks", {"status": "shipped"}, "missing_field", "order_id"),
        ("orders.acks", {"order_id": ORDER, "status": "eaten"}, "invalid_value", "status"),
        ("orders.acks", {"order_id": ORDER, "status": "shipped", "quantity": -1}, "invalid_value", "quantity"),
        (
            "orders.acks",
            {"order_id": ORDER, "status": "shipped", "expected_at": "2026-11-20"},
            "naive_time",
            "expected_at",
        ),
        ("orders.acks", {"order_id": "nope", "status": "shipped"}, "unknown_order", "order_id"),
        ("orders.acks", {"idempotency_key": "PO-7:1", "status": "shipped"}, "unknown_order", "idempotency_key"),
        ("orders.acks", {"order_id": f"{ORDER}:x", "status": "shipped"}, "unknown_order", "order_id"),
        (
            "orders.acks",
            {"order_id": ORDER, "idempotency_key": f"{OTHER}:1", "status": "shipped"},
            "two_orders",
            "idempotency_key",
        ),
        ("approvals", {"order_id": str(uuid.UUID(int=0)), "verdict": "accept"}, "unknown_order", "order_id"),
        ("approvals", {"order_id": str(uuid.uuid4()), "verdict": "accept"}, "unknown_order", "order_id"),
        ("approvals", {"verdict": "accept"}, "missing_field", "order_id"),
        ("approvals", {"order_id": "", "verdict": "accept"}, "invalid_value", "order_id"),
        ("approvals", {"order_id": ORDER, "verdict": "modify"}, "missing_field", "quantity"),
        ("approvals", {"order_id": ORDER, "verdict": "maybe"}, "invalid_value", "verdict"),
    ],
)
def test_an_answer_that_cannot_be_used_is_rejected(
    understand: Understand, topic: str, record: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(topic, record)
    assert meaning.observations == []
    assert [(rejected.reason, rejected.field) for rejected in meaning.rejections] == [(reason, field)]


def test_whatever_id_the_fold_gives_is_taken_for_one(understand: Understand) -> None:
    for number in range(200):
        saying = Saying(Origin("log", 0, number, b"digest"))
        for named in (saying.new_order_id("order", "S1", "SHIRT-M"), saying.new_order_id("transfer-order", "W1", "S1")):
            _, answer = only(understand("orders.acks", {"order_id": named, "status": "shipped"}))
            assert answer.order_id == named


_DIGITS = "0123456789abcdef"


@given(st.integers(0, 2**63), st.integers(0, 35), st.sampled_from(_DIGITS))
def test_an_id_with_one_digit_wrong_is_no_order(number: int, at: int, digit: str) -> None:
    known = Saying(Origin("log", 0, number, b"digest")).new_order_id("order", "S1", "SHIRT-M")
    wrong = f"{known[:at]}{digit}{known[at + 1 :]}"
    assert is_order_id(known)
    assert is_order_id(wrong) == (wrong == known)


@given(st.integers(0, 2**63), st.integers(0, 34))
def test_an_id_with_two_neighbours_swapped_is_no_order(number: int, at: int) -> None:
    known = Saying(Origin("log", 0, number, b"digest")).new_order_id("transfer-order", "S1", "SHIRT-M")
    wrong = f"{known[:at]}{known[at + 1]}{known[at]}{known[at + 2 :]}"
    assert is_order_id(wrong) == (wrong == known)


@pytest.mark.parametrize("topic", ["orders.acks", "approvals"])
def test_a_mistyped_order_is_named_with_its_field(understand: Understand, topic: str) -> None:
    """The last digit is wrong: it looks like an id, and is none that was ever given."""
    wrong = f"{ORDER[:-1]}7"
    said = {"status": "shipped"} if topic == "orders.acks" else {"verdict": "accept"}
    (rejected,) = understand(topic, {"order_id": wrong, **said}).rejections
    assert (rejected.reason, rejected.field, rejected.value) == ("unknown_order", "order_id", wrong)
    assert "is a letter of it wrong?" in rejected.message


@pytest.mark.parametrize("told", [str.upper, "{{{}}}".format, " {} ".format])
def test_an_id_as_databases_write_uuids_is_the_one_that_was_given(
    understand: Understand, told: Callable[[str], str]
) -> None:
    order_id = with_check("078ca647-bead-83cc-a6d3-c6c18640aae9")
    _, seen = only(understand("orders.acks", {"order_id": told(order_id), "status": "acknowledged"}))
    assert seen.order_id == order_id
    _, seen = only(understand("approvals", {"order_id": told(order_id), "verdict": "accept"}))
    assert seen.order_id == order_id


@pytest.mark.parametrize(
    ("until", "reasons"), [("9999-12-31T23:59:59Z", []), ("9999-12-31T23:59:59-05:00", ["invalid_value"])]
)
def test_a_time_that_utc_does_not_have_is_told(understand: Understand, until: str, reasons: list[str]) -> None:
    order_id = with_check("078ca647-bead-83cc-a6d3-c6c18640aae9")
    meaning = understand("orders.acks", {"order_id": order_id, "status": "acknowledged", "expected_at": until})
    assert [wrong.reason for wrong in meaning.rejections] == reasons
    assert [wrong.field for wrong in meaning.rejections] == ["expected_at"] * len(reasons)
