"""What is known of suppliers: how they deliver, lane by lane, and what they offer."""

import msgspec

from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.suppliers import STATED_DELIVERED_SHARE, Record, Scorecard
from schemas.observations import OfferDefined


class Known(msgspec.Struct, array_like=True):
    """One lane of a supplier, or all of them: its record, and what followed from it when a day ended last.

    ``lead_time`` is None until a day has ended; ``told`` is the scorecard said last.
    ``news`` says that something was told since.
    """

    record: Record = msgspec.field(default_factory=Record)
    lead_time: LeadTime | None = None
    delivered_share: float = STATED_DELIVERED_SHARE
    told: Scorecard | None = None
    news: bool = False


class Supply(msgspec.Struct, array_like=True):
    """The suppliers of one partition. ``lanes`` are keyed ``supplier|location``."""

    lanes: dict[str, Known] = {}
    suppliers: dict[str, Known] = {}

    def lane(self, supplier: str, location: str) -> Known:
        """What is known of a lane, made on first sight."""
        return self.lanes.setdefault(lane_key(supplier, location), Known())

    def of(self, supplier: str) -> Known:
        """What is known of a supplier over all lanes, made on first sight."""
        return self.suppliers.setdefault(supplier, Known())


class Offers(msgspec.Struct, array_like=True):
    """What suppliers ask for goods, by SKU or style and then by supplier; a SKU's own offer goes before its style's."""

    skus: dict[str, dict[str, OfferDefined]] = {}
    styles: dict[str, dict[str, OfferDefined]] = {}


def lane_key(supplier: str, location: str) -> str:
    """No location has a bar in its name, so lanes are told apart."""
    return f"{supplier}|{location}"
