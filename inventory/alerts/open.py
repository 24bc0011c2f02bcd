"""What an alert is about, and the alerts that are open."""

import msgspec

from schemas.facts import Severity


class Condition(msgspec.Struct, array_like=True, frozen=True):
    """Something that is true or not of a place, SKU or device.

    ``currency`` is that of the money at risk; what is about a SKU has the item's.
    """

    kind: str
    severity: Severity
    summary: str
    location: str = ""
    sku: str = ""
    device: str = ""
    probability: float | None = None
    money_at_risk_per_hour: float | None = None
    currency: str = ""

    @property
    def fingerprint(self) -> str:
        """The identity of the alert, made of labels only, never of values or times."""
        return "|".join((self.kind, self.location, self.sku, self.device))


class OpenAlert(msgspec.Struct, array_like=True):
    """A condition that was raised and not yet cleared, as it was told last.

    ``ended_at_ms`` is when it was found over (-1: it is not), and ``quiet_from_ms`` the event time that had been
    reached then: it is told once that has lasted. ``said_at_ms`` is the time that was said last of it.
    """

    alert_id: str
    starts_at_ms: int
    told: Condition
    ended_at_ms: int = -1
    quiet_from_ms: int = -1
    said_at_ms: int = -1

    @property
    def is_quiet(self) -> bool:
        """Whether the condition is over and nobody was told."""
        return self.ended_at_ms >= 0
