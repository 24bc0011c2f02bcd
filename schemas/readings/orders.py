"""Answers to our orders: from the ERP (``orders.acks``) and from people (``approvals``).

An answer goes to the partition of its ``sku``'s style when that is given and
known, else to every partition: the order it names is on one of them. Without
``occurred_at`` the answer's time is 0, not known. Whether an order is open only
its partition knows, but an id that we cannot have given is of no order of ours.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.observations import ApprovalGiven, Observation, OrderAcknowledged, OrderStatus, Verdict
from schemas.order_ids import as_given, is_order_id, is_uuid
from schemas.readings.decoding import Records
from schemas.readings.fields import Level, Name, Quantity, Reading, Text, Time, milliseconds
from schemas.readings.format import Meaning, Routed

BY_BUDGET = "budget:"
"""How the name of an approver begins that is a budget; the budgets' names follow, with commas."""


def order_id_of(idempotency_key: str) -> str:
    """The order of an idempotency key, which is ``<order_id>:<revision>``.

    >>> order_id_of("5f0c:3")
    '5f0c'
    """
    order_id, separator, revision = idempotency_key.rpartition(":")
    return order_id if separator and revision.isdecimal() else idempotency_key


def _key_as_given(idempotency_key: str) -> str:
    order_id = order_id_of(idempotency_key)
    return as_given(order_id) + idempotency_key[len(order_id) :]


class Acknowledgement(Reading):
    """What the ERP did with an order, named by ``order_id``, or by the ``idempotency_key`` of the revision it answers.

    With the key it is held against what that revision asked for, else against the last one.
    """

    schema_version: Literal[1] = 1
    order_id: Annotated[Text, AfterValidator(as_given)] = ""
    idempotency_key: Annotated[Text, AfterValidator(_key_as_given)] = ""
    status: OrderStatus
    erp_reference: Text = ""
    quantity: Level | None = None
    expected_at: Time | None = None
    occurred_at: Time | None = None
    sku: Text = ""
    message: str = ""


class Approval(Reading):
    """A verdict on a pending order or transfer; ``modify`` says the quantity it may be, ``hold`` why it still waits.

    With a ``revision`` it holds for that one and is passed over when the order is another by then.
    """

    schema_version: Literal[1] = 1
    order_id: Annotated[Name, AfterValidator(as_given)]
    verdict: Verdict
    by: Text = ""
    quantity: Quantity | None = None
    reason: Text = ""
    occurred_at: Time | None = None
    sku: Text = ""
    revision: Level | None = None


_ACKNOWLEDGEMENTS: Records[Acknowledgement] = Records(Acknowledgement)
_APPROVALS: Records[Approval] = Records(Approval)


class AcknowledgementsFormat:
    """Acknowledgements of the ERP."""

    name = "order_acks"
    topic = topics.ORDER_ACKS

    def decode(self, values: Sequence[bytes]) -> list[Acknowledgement | RejectedReading]:
        return [_acknowledgement(value) for value in values]

    def interpret(self, reading: Acknowledgement, catalogue: Catalogue) -> Meaning:
        answer = OrderAcknowledged(
            order_id=order_id_of(reading.order_id or reading.idempotency_key),
            status=reading.status,
            occurred_at_ms=_at_ms(reading.occurred_at) or 0,
            erp_reference=reading.erp_reference,
            quantity=reading.quantity,
            expected_at_ms=_at_ms(reading.expected_at),
            message=reading.message[:1000],
            revision=_revision_of(reading.idempotency_key) or _revision_of(reading.order_id),
        )
        return _answered(answer, reading, catalogue)


class ApprovalsFormat:
    """Verdicts of people and budgets."""

    name = "approvals"
    topic = topics.APPROVALS

    def decode(self, values: Sequence[bytes]) -> list[Approval | RejectedReading]:
        return [_approval(value) for value in values]

    def interpret(self, reading: Approval, catalogue: Catalogue) -> Meaning:
        answer = ApprovalGiven(
            order_id=reading.order_id,
            verdict=reading.verdict,
            occurred_at_ms=_at_ms(reading.occurred_at) or 0,
            by=reading.by,
            quantity=reading.quantity,
            reason=reading.reason,
            revision=reading.revision,
        )
        return _answered(answer, reading, catalogue)


def _revision_of(idempotency_key: str) -> int | None:
    revision = idempotency_key[len(order_id_of(idempotency_key)) + 1 :]
    return int(revision) if revision else None


def _acknowledgement(value: bytes) -> Acknowledgement | RejectedReading:
    answer = _ACKNOWLEDGEMENTS.one(value)
    if isinstance(answer, Acknowledgement) and not (answer.order_id or answer.idempotency_key):
        return RejectedReading("missing_field", "order_id: or idempotency_key must name the order", field="order_id")
    if isinstance(answer, Acknowledgement) and _name_two(answer):
        problem = f"idempotency_key: is not of order {answer.order_id!r}"
        return RejectedReading("two_orders", problem, field="idempotency_key", value=answer.idempotency_key)
    if isinstance(answer, Acknowledgement):
        field = "order_id" if answer.order_id else "idempotency_key"
        return _of_ours(field, answer.order_id or answer.idempotency_key) or answer
    return answer


def _name_two(answer: Acknowledgement) -> bool:
    both = answer.order_id and answer.idempotency_key
    return bool(both) and order_id_of(answer.order_id) != order_id_of(answer.idempotency_key)


def _approval(value: bytes) -> Approval | RejectedReading:
    answer = _APPROVALS.one(value)
    if isinstance(answer, Approval) and answer.verdict == "modify" and answer.quantity is None:
        return RejectedReading("missing_field", "quantity: must be given to modify an order", field="quantity")
    return (isinstance(answer, Approval) and _of_ours("order_id", answer.order_id)) or answer


def _of_ours(field: str, named: str) -> RejectedReading | None:
    """What is wrong with the name of an order, if restockd cannot have given it."""
    if is_order_id(order_id_of(named)):
        return None
    advice = "give the order_id as orders.reorders or orders.transfers say"
    if is_uuid(order_id_of(named)):
        advice = f"is a letter of it wrong? Else {advice}"
    problem = f"{field}: {named!r} is no order of restockd's: {advice}"
    return RejectedReading("unknown_order", problem, field=field, value=named)


def _answered(answer: Observation, reading: Acknowledgement | Approval, catalogue: Catalogue) -> Meaning:
    item = catalogue.item(reading.sku) if reading.sku else None
    return Meaning([Routed(item.style if item else None, answer)], latest_ms=_at_ms(reading.occurred_at))


def _at_ms(time: Time | None) -> int | None:
    return None if time is None else milliseconds(time)


FORMATS = (AcknowledgementsFormat(), ApprovalsFormat())
