"""Reference data: what the ``reference.*`` topics hold, one compacted record per key.

The record's Kafka key is the model's ``key``; an empty value retires it.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_ID, _CURRENCY = r"^[^\x00-\x1f|]+$", r"^[A-Z]{3}$"
_GTIN, _GLN, _HOUR = r"^\d{8,14}$", r"^\d{13}$", r"^([01]\d|2[0-3]):[0-5]\d$"
MEANING_OF_PATTERN = {
    _ID: "a name without bars and control characters",
    _CURRENCY: "the three capital letters of a currency (ISO 4217), such as EUR",
    _GTIN: "a GTIN of 8 to 14 digits",
    _GLN: "a GLN of 13 digits",
    _HOUR: "a time of day as HH:MM, such as 15:30",
}
"""For those who are told that something is not like it."""

Id = Annotated[str, Field(min_length=1, max_length=120, pattern=_ID)]
Currency = Annotated[str, Field(pattern=_CURRENCY)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, le=3650, allow_inf_nan=False)]

ZONES = ("sales_floor", "back_room", "fitting_room", "exit", "receiving")


class _Reference(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Item(_Reference):
    """One SKU (style, colour, size). ``gtin`` has 8 to 14 digits; ``aliases`` are other names tills use.

    ``cycle_service_level`` and the most units of one order are the item's own; without them the rules hold.
    """

    sku: Id
    style: Id
    name: str = ""
    colour: str = ""
    size: str = ""
    category: str = ""
    gtin: Annotated[str, Field(pattern=_GTIN)] | None = None
    aliases: tuple[Id, ...] = ()
    price: Money | None = None
    cost: Money | None = None
    currency: Currency = "EUR"
    pack: Annotated[int, Field(ge=1)] = 1
    minimum_order_units: Annotated[int, Field(ge=0)] = 0
    shelf_minimum_units: Annotated[int, Field(ge=0)] = 0
    supplier: str = ""
    season_end: datetime | None = None
    cycle_service_level: Annotated[float, Field(ge=0.01, le=0.9999)] | None = None
    maximum_order_units: Annotated[int, Field(ge=1)] | None = None

    @property
    def key(self) -> str:
        return self.sku


class Location(_Reference):
    """A store, warehouse or web shop. ``gln`` and ``aliases`` are other names devices use for it.

    ``book_source`` says whose receipts and shipments move the book when both the
    ERP and EPCIS events report them: ``any`` believes whichever comes. ``country`` (ISO 3166-1) and ``subdivision``
    (ISO 3166-2, without the country) say which public holidays it has: the country's where none are known of the
    subdivision. A country, subdivision or timezone that nobody knows is a dead letter, and the location is taken
    without it. ``holdback_share`` of what was there when units came last is not given to other locations.
    """

    location: Id
    kind: Literal["store", "warehouse", "online"] = "store"
    name: str = ""
    gln: Annotated[str, Field(pattern=_GLN)] | None = None
    aliases: tuple[Id, ...] = ()
    timezone: str = "UTC"
    cluster: str = ""
    replenished: bool = True
    book_source: Literal["any", "erp", "epcis"] = "any"
    country: Annotated[str, Field(max_length=120)] = ""
    subdivision: Annotated[str, Field(max_length=120)] = ""
    holdback_share: Annotated[float, Field(ge=0, le=1)] = 0.0

    @property
    def key(self) -> str:
        return self.location


class Supplier(_Reference):
    """A supplier; lead time is order to receipt."""

    supplier: Id
    name: str = ""
    lead_time_days: Days = 7.0
    lead_time_sd_days: Days = 2.0
    review_period_days: Days = 1.0
    minimum_order_units: Annotated[int, Field(ge=0)] = 0

    @property
    def key(self) -> str:
        return self.supplier


class Lane(_Reference):
    """An allowed way between two locations, with its costs.

    What is decided before ``cut_off`` (``15:30``, the origin's own time) leaves that day, what is decided later a day
    after; without one everything leaves on its day. A trip costs once a day, whatever it carries.
    """

    origin: Id
    destination: Id
    lead_time_days: Days = 1.0
    cost_per_unit: Money = 0.0
    cost_per_trip: Money = 0.0
    cut_off: Annotated[str, Field(pattern=_HOUR)] | None = None

    @property
    def key(self) -> str:
        return f"{self.origin}|{self.destination}"


class Offer(_Reference):
    """What a supplier asks for a SKU, or for every SKU of a style: give one of the two.

    An item may have many; its own ``supplier`` offers it at its ``cost`` without one. A SKU's offer goes before
    its style's. ``currency`` must be that of the items. Without a minimum or pack the item's hold.
    ``retired`` withdraws the offer.
    """

    supplier: Id
    sku: Annotated[str, Field(max_length=120)] = ""
    style: Annotated[str, Field(max_length=120)] = ""
    unit_cost: Money
    currency: Currency = "EUR"
    freight_per_unit: Money = 0.0
    freight_per_order: Money = 0.0
    minimum_order_units: Annotated[int, Field(ge=0)] = 0
    pack: Annotated[int, Field(ge=1)] | None = None
    retired: bool = False

    @property
    def key(self) -> str:
        return f"{self.supplier}|{self.style}|{self.sku}"


class Device(_Reference):
    """A reader, camera or till and where it stands; ``antenna_zones`` overrides ``zone`` per antenna."""

    device: Id
    kind: Literal["reader", "camera", "till"]
    location: Id
    zone: str = ""
    antenna_zones: dict[int, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.device


class TagMapping(_Reference):
    """An EPC (or any tag id) that does not itself say its GTIN, and the SKU it is on."""

    epc: Id
    sku: Id

    @property
    def key(self) -> str:
        return self.epc


class Budget(_Reference):
    """What may be bought (open-to-buy): money for the orders that are proposed in a period.

    It covers orders in its currency of any of ``suppliers``, ``categories`` and ``locations``; an empty list means all.
    ``amount`` is what restockd may spend: take off what is bought past it. ``retired`` withdraws the budget.
    """

    budget: Id
    name: str = ""
    amount: Money
    currency: Currency = "EUR"
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    suppliers: tuple[Id, ...] = ()
    categories: tuple[Id, ...] = ()
    locations: tuple[Id, ...] = ()
    retired: bool = False

    @property
    def key(self) -> str:
        return self.budget


class Rules(_Reference):
    """The decision rules in force; a change is an observation in the log like any other.

    A rule that is unknown or cannot be used is a dead letter, and the others hold.
    """

    version: Id
    effective_at: AwareDatetime
    values: dict[str, float | str | bool]

    @property
    def key(self) -> str:
        return "rules"
