"""What a person says of an order or transfer that waits, checked before it is sent.

Nothing is decided here: the verdict goes to ``approvals``, the fold takes it, and the archive says what became of it.
It names the revision it is for, so that a second one of the same revision, or one for what was amended meanwhile, is
passed over.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from schemas.errors import Unavailable
from schemas.observations import Verdict
from schemas.readings.orders import BY_BUDGET, Approval
from schemas.wording import amount

Kind = Literal["order", "transfer"]
Answer = Literal["accept", "reject"]

WAITING: Mapping[Kind, tuple[str, ...]] = {"order": ("pending",), "transfer": ("pending", "proposed", "amended")}
LONGEST_NAME = 60
LONGEST_NOTE = 130
_UNPROCESSABLE, _CONFLICT = 422, 409


class Desk(Protocol):
    """Where verdicts are handed in."""

    def check(self) -> None:
        """Raise ``Unavailable`` if none can be sent now."""

    def send(self, verdict: Approval) -> None:
        """Return once it is on the topic; raises ``Unavailable``."""


class ClosedDesk(NamedTuple):
    """A desk that takes nothing, and says why."""

    problem: str
    advice: str

    def check(self) -> None:
        raise Unavailable("approvals", self.problem, self.advice)

    def send(self, verdict: Approval) -> None:
        self.check()


class Given(NamedTuple):
    """What was filled in; ``quantity`` and ``revision`` (the one the person saw) are None where nothing was said."""

    answer: Answer
    by: str
    note: str = ""
    quantity: str | None = None
    revision: str | None = None


class Refused(NamedTuple):
    """Why nothing was sent, with the HTTP status that says it."""

    status: int
    message: str

    @property
    def is_outdated(self) -> bool:
        """Whether the order is another than the person saw."""
        return self.status == _CONFLICT


def waits(kind: Kind, row: Mapping[str, Any]) -> bool:
    """Whether somebody's verdict is waited for."""
    return row["status"] in WAITING[kind]


def verdict_on(kind: Kind, row: Mapping[str, Any], given: Given) -> Approval | Refused:
    """The verdict as it goes to the topic, on an order or transfer as the archive has it.

    >>> row = {"order_id": "5f0c", "status": "pending", "revision": 2, "quantity": 24, "sku": "SHIRT-M"}
    >>> verdict_on("order", row, Given("accept", "Ada", quantity="12")).verdict
    'modify'
    >>> verdict_on("order", row, Given("accept", "Ada", revision="1")).message
    'order 5f0c was changed since: you saw revision 1, it is revision 2 of 24 units by now'
    """
    return _outdated(kind, row, given) or _unreadable(row, given) or _verdict(row, given)


def became(kind: Kind, row: Mapping[str, Any], sent: int) -> str:
    """What the archive says of a verdict that was sent for revision ``sent``."""
    if not waits(kind, row):
        return f"The {kind} is {row['status']} by now: what was answered is in its history."
    if row["revision"] <= sent:
        return "Sent; it waits for the fold to take it."
    return f"Passed over: the {kind} was changed to revision {row['revision']} before the verdict came. Decide again."


def _outdated(kind: Kind, row: Mapping[str, Any], given: Given) -> Refused | None:
    name = f"{kind} {row['order_id']}"
    if not waits(kind, row):
        return Refused(
            _CONFLICT, f"{name} is {row['status']}: only what is {' or '.join(WAITING[kind])} can be decided"
        )
    if given.revision in (None, str(row["revision"])):
        return None
    now = f"it is revision {row['revision']} of {amount(row['quantity'])} by now"
    return Refused(_CONFLICT, f"{name} was changed since: you saw revision {given.revision}, {now}")


def _unreadable(row: Mapping[str, Any], given: Given) -> Refused | None:
    texts = (("by", given.by, LONGEST_NAME), ("note", given.note, LONGEST_NOTE))
    for field, text, longest in texts:
        if len(text) > longest:
            return _wrong(field, text, f"is longer than {longest} characters")
        if not text.isprintable():
            return _wrong(field, text, "has control characters in it")
    if not given.by:
        return _wrong("by", given.by, "must say who decides")
    if given.by.startswith(BY_BUDGET):
        return _wrong("by", given.by, "is how budgets are named")
    if given.quantity is None or given.answer == "reject":
        return None
    return _wrong_quantity(given.quantity, row["quantity"])


def _wrong_quantity(text: str, most: int) -> Refused | None:
    if not (text.isascii() and text.isdecimal()) or len(text) > LONGEST_NAME or int(text) == 0:
        return _wrong("quantity", text, f"is no whole number from 1 to {most}")
    return _wrong("quantity", text, f"is more than the {most} asked for") if int(text) > most else None


def _wrong(field: str, value: str, problem: str) -> Refused:
    return Refused(_UNPROCESSABLE, f"{field}: {value[:LONGEST_NOTE]!r} {problem}")


def _verdict(row: Mapping[str, Any], given: Given) -> Approval:
    quantity = None if given.quantity is None or given.answer == "reject" else int(given.quantity)
    changed = quantity is not None and quantity != row["quantity"]
    verdict: Verdict = "modify" if changed else given.answer
    return Approval(
        order_id=row["order_id"],
        verdict=verdict,
        by=given.by,
        quantity=quantity if changed else None,
        reason=f"{given.by}: {given.note}" if given.note else "",
        sku=row["sku"],
        revision=row["revision"],
    )
