"""The alert of a budget that has no room: raised once, told again when it is exceeded, ended when there is room.

What is raised is kept with the keeper's commit: whoever takes over neither raises it again nor forgets to end it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from inventory.facts import Saying, origin_of
from schemas.facts import Alert, BudgetStatus
from schemas.wording import amount

KIND: Final = "budget_spent"
MOST: Final = 40
"""Alerts that are raised at one time: they have to fit into the note of a commit (4 KB)."""


class Raised(msgspec.Struct, array_like=True):
    """An alert that is not over."""

    starts_at: datetime
    state: Literal["open", "spent", "exceeded"]
    currency: str = "EUR"


class BudgetAlerts:
    """Of one ledger."""

    def __init__(self, ledger_id: str, raised: dict[str, Raised] | None = None) -> None:
        self._saying = Saying(origin_of(ledger_id, 0, 0, KIND.encode()))
        self._raised = raised or {}

    def note(self) -> str:
        """As text without blanks, to be kept with a commit."""
        return msgspec.json.encode(self._raised).decode()

    @classmethod
    def noted(cls, ledger_id: str, note: str) -> "BudgetAlerts":
        """What ``note`` wrote; none for nothing."""
        return cls(ledger_id, msgspec.json.decode(note, type=dict[str, Raised]) if note else None)

    def changes(self, standing: Mapping[str, BudgetStatus], at: datetime, now: datetime) -> list[Alert]:
        """What is to be said of all budgets that are in force, ``standing`` as they do.

        ``at`` is event time, ``now`` the clock.
        """
        said = []
        for name in sorted({*standing, *self._raised}):
            status, known = standing.get(name), self._raised.get(name)
            state = "open" if status is None else status.state
            if state == ("open" if known is None else known.state):
                continue
            if known is None:
                if len(self._raised) >= MOST:
                    continue
                known = self._raised[name] = Raised(at, state)
            known.state = state
            if status is not None:
                known.currency = status.currency
            if state == "open":
                del self._raised[name]
            said.append(self._alert(name, known, status, max(at, known.starts_at), now))
        return said

    def _alert(self, name: str, raised: Raised, status: BudgetStatus | None, at: datetime, now: datetime) -> Alert:
        over = raised.state == "open"
        starts = raised.starts_at.isoformat()
        return Alert(
            fact_id=self._saying.new_id("alert-state", name, starts, raised.state, at.isoformat()),
            occurred_at=at,
            alert_id=self._saying.new_id("alert", name, starts),
            fingerprint=f"{KIND}|{name}",
            kind=KIND,
            severity="error" if raised.state == "exceeded" else "warning",
            state="resolved" if over else "firing",
            starts_at=raised.starts_at,
            ends_at=at if over else None,
            summary=_summary(name, status),
            currency=raised.currency,
            input_appended_at=now,
        )


def _summary(name: str, status: BudgetStatus | None) -> str:
    if status is None:
        return f"budget {name} is over"
    left = f"{status.left:.2f} of {status.amount:.2f} {status.currency} left"
    if status.state == "open":
        return f"budget {name} has room again: {left}"
    verb = "waits" if status.waiting_orders == 1 else "wait"
    waiting = f"{amount(status.waiting_orders, 'order')} for {status.waiting_cost:.2f} {status.currency} {verb}"
    return f"budget {name} is {status.state}: {left}, {waiting}"
