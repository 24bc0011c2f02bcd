"""What readings mean: the records of the ``observations`` log.

One Kafka message is one :class:`ObservationBatch`: everything one source batch
said about the styles of one partition, with the range of source offsets it
covers. The fold (``inventory.fold``) is a pure function of these messages.

msgspec structs rather than pydantic models: the log is written and read once
per event on the hot path, and msgspec decodes a typed record ten times faster.
Times are integer milliseconds since the epoch, UTC; quantities whole units.
"""

from typing import Literal

import msgspec

VERSION = 1

LineType = Literal["sale", "return", "void"]
MoveReason = Literal[
    "receipt", "transfer_in", "transfer_out", "adjustment", "supplier_return", "zone_move", "write_off"
]
MeasureSource = Literal["count", "opening", "camera"]
DeviceEvent = Literal[
    "sweep_started", "sweep_ended", "section_read", "overflow", "connected", "disconnected", "heartbeat"
]
DeviceKind = Literal["reader", "camera", "till"]
OrderStatus = Literal["acknowledged", "rejected", "shipped", "received", "cancelled"]
Verdict = Literal["accept", "modify", "reject", "hold"]

UNKNOWN_ZONE = ""


class _Observation(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Base: encoded as ``["ClassName", field, ...]``; new fields only at the end."""


class SaleMade(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Units crossing a till.

    ``quantity`` is positive; the sign follows from ``line_type``: a sale lowers
    stock, a return or a void of an earlier sale raises it. ``key`` identifies the
    line (64-bit hash of store, workstation, business day, transaction, line):
    the same key twice is one event. ``returned_to`` is the zone of a return;
    ``sellable`` is false for damaged returns, which do not raise stock.
    """

    key: int
    location: str
    sku: str
    style: str
    line_type: LineType
    quantity: int
    occurred_at_ms: int
    unit_price: float | None = None
    zone: str = UNKNOWN_ZONE
    epcs: tuple[str, ...] = ()
    channel: str = "store"
    transaction_id: str = ""
    sellable: bool = True


class QuantityMoved(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Stock that came or went other than over a till.

    ``quantity`` is signed as it changes on-hand at ``location`` (a receipt +,
    a transfer out -). ``zone_move`` leaves on-hand alone and moves ``quantity``
    units from ``zone`` to ``to_zone``. ``document`` names the order, delivery or
    transfer; ``order_id`` is restockd's own order it fulfils, if known.
    With ``retracts`` the event of this ``key`` is declared an error and undone.
    """

    key: int
    location: str
    sku: str
    style: str
    reason: MoveReason
    quantity: int
    occurred_at_ms: int
    zone: str = UNKNOWN_ZONE
    to_zone: str = UNKNOWN_ZONE
    document: str = ""
    order_id: str = ""
    counterpart: str = ""
    epcs: tuple[str, ...] = ()
    retracts: bool = False


class QuantityMeasured(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Somebody or something looked and saw ``quantity`` units.

    ``count`` resets the book of the location (or of ``zone`` if given), also
    retroactively; ``opening`` is the first stock of a location and SKU. A
    ``camera`` only gives evidence: ``confidence`` and ``occlusion`` in 0..1,
    ``capacity`` the facing's size, ``facing`` its name, ``gap`` an empty facing.
    ``epcs`` are the tags of the units, where whoever counted knows them.
    """

    key: int
    location: str
    sku: str
    style: str
    source: MeasureSource
    quantity: int
    occurred_at_ms: int
    zone: str = UNKNOWN_ZONE
    device: str = ""
    facing: str = ""
    confidence: float = 1.0
    occlusion: float = 0.0
    capacity: int | None = None
    gap: bool = False
    epcs: tuple[str, ...] = ()


class Supplied(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """A supplier announced or dropped a delivery: changes on-order and in-transit.

    ``ordered`` adds to on-order an order that restockd did not propose,
    ``shipped`` moves on-order units into transit, ``cancelled`` takes them off.
    """

    key: int
    location: str
    sku: str
    style: str
    status: Literal["ordered", "shipped", "cancelled"]
    quantity: int
    occurred_at_ms: int
    document: str = ""
    order_id: str = ""
    supplier: str = ""
    expected_at_ms: int | None = None


class StockReserved(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Units promised to a customer (+) or released again (-)."""

    key: int
    location: str
    sku: str
    style: str
    quantity: int
    occurred_at_ms: int
    document: str = ""


class TagSeen(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One tag within one raw message, its repeated reads collapsed."""

    epc: str
    reads: int
    peak_rssi_dbm: float | None
    first_seen_at_ms: int
    last_seen_at_ms: int
    antenna: int | None = None


class ItemsSeen(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Tags of one SKU that one reader heard in one raw message.

    ``zone`` is the reader's (or antenna's) zone from the reference data; a read
    is evidence, it never moves book stock.
    """

    key: int
    location: str
    sku: str
    style: str
    zone: str
    reader: str
    occurred_at_ms: int
    tags: tuple[TagSeen, ...]
    disposition: str = ""


class DeviceReported(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """What a device did as a whole; goes to every partition, silence is evidence too."""

    location: str
    zone: str
    device: str
    kind: DeviceKind
    event: DeviceEvent
    occurred_at_ms: int
    section: str = ""
    tags_heard: int = 0


class Signal(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """A named number about a place, style or SKU: weather, price, promotion, footfall.

    Empty ``location``, ``style`` or ``sku`` means "all of them".
    """

    name: str
    value: float
    occurred_at_ms: int
    location: str = ""
    style: str = ""
    sku: str = ""
    until_ms: int | None = None
    starts_at_ms: int = -1


class Tick(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Event time of one source partition has reached ``at_ms``; goes to every partition."""

    at_ms: int


class OrderAcknowledged(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """What the ERP did with an order of ours; ``quantity`` None = as ordered.

    An answer to a ``revision`` is held against what that one asked for; None is the last one.
    """

    order_id: str
    status: OrderStatus
    occurred_at_ms: int
    erp_reference: str = ""
    quantity: int | None = None
    expected_at_ms: int | None = None
    message: str = ""
    revision: int | None = None


class ApprovalGiven(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """A verdict of a person or a budget on a pending order or transfer; ``quantity`` with ``modify``.

    ``hold`` leaves it waiting and says why. A verdict on a ``revision`` means no other.
    """

    order_id: str
    verdict: Verdict
    occurred_at_ms: int
    by: str = ""
    quantity: int | None = None
    reason: str = ""
    revision: int | None = None


class ItemDefined(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Reference data of one SKU, as of now; ``None`` means not known."""

    sku: str
    style: str
    occurred_at_ms: int
    name: str = ""
    colour: str = ""
    size: str = ""
    category: str = ""
    price: float | None = None
    cost: float | None = None
    currency: str = "EUR"
    pack: int = 1
    minimum_order_units: int = 0
    supplier: str = ""
    season_end_ms: int | None = None
    shelf_minimum_units: int = 0
    retired: bool = False
    cycle_service_level: float | None = None
    maximum_order_units: int | None = None


class LocationDefined(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Reference data of one store or warehouse."""

    location: str
    kind: Literal["store", "warehouse", "online"]
    occurred_at_ms: int
    name: str = ""
    timezone: str = "UTC"
    cluster: str = ""
    replenished: bool = True
    retired: bool = False
    country: str = ""
    subdivision: str = ""
    holdback_share: float = 0.0


class SupplierDefined(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Reference data of one supplier; order-to-receipt days as mean and sd."""

    supplier: str
    occurred_at_ms: int
    lead_time_days: float = 7.0
    lead_time_sd_days: float = 2.0
    review_period_days: float = 1.0
    minimum_order_units: int = 0
    name: str = ""
    retired: bool = False


class LaneDefined(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """A way goods may be transferred between two locations and what it costs.

    What is decided before ``cut_off_minute`` of the origin's own day leaves that day, later decisions on the next.
    """

    origin: str
    destination: str
    occurred_at_ms: int
    lead_time_days: float = 1.0
    cost_per_unit: float = 0.0
    cost_per_trip: float = 0.0
    retired: bool = False
    cut_off_minute: int = 1440


class OfferDefined(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """What a supplier asks for a SKU, or for every SKU of a style (``sku`` is empty then).

    ``minimum_order_units`` and ``pack`` of 0 leave those of the item in force.
    """

    supplier: str
    style: str
    unit_cost: float
    occurred_at_ms: int
    sku: str = ""
    currency: str = "EUR"
    freight_per_unit: float = 0.0
    freight_per_order: float = 0.0
    minimum_order_units: int = 0
    pack: int = 0
    retired: bool = False


class BudgetDefined(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """Money for orders of a period, of any of these suppliers, categories and locations; empty = all."""

    budget: str
    amount: float
    currency: str
    starts_at_ms: int
    ends_at_ms: int
    occurred_at_ms: int
    suppliers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    retired: bool = False


class RulesChanged(_Observation, frozen=True, array_like=True, tag=True, gc=False):
    """The decision rules in force from here on; every value a number or a string."""

    version: str
    values: dict[str, float | str | bool]
    occurred_at_ms: int


Observation = (
    SaleMade
    | QuantityMoved
    | QuantityMeasured
    | Supplied
    | StockReserved
    | ItemsSeen
    | DeviceReported
    | Signal
    | Tick
    | OrderAcknowledged
    | ApprovalGiven
    | ItemDefined
    | LocationDefined
    | SupplierDefined
    | LaneDefined
    | OfferDefined
    | BudgetDefined
    | RulesChanged
)


class Source(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The source offsets one batch covers, and where the batch before it ended.

    ``previous`` is the ``last`` of the message this source partition sent to this
    log partition before (-1: none): what is seen already is skipped by the fold,
    a hole stops it. ``more``: records behind these were waiting to be read, told
    of tills alone. With ``last`` equal to ``previous`` that is all there is to say.
    """

    topic: str
    partition: int
    previous: int
    first: int
    last: int
    more: bool = False


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The observations of one raw record; ``recorded_at_ms`` is when it was appended."""

    offset: int
    recorded_at_ms: int
    observations: tuple[Observation, ...]


class ObservationBatch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One message of the log."""

    version: int
    source: Source
    entries: tuple[Entry, ...]


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(ObservationBatch)


def encode(batch: ObservationBatch) -> bytes:
    """The bytes of one log message."""
    return _ENCODER.encode(batch)


def decode(value: bytes) -> ObservationBatch:
    """The batch in one log message; raises ``msgspec.DecodeError`` on anything else."""
    return _DECODER.decode(value)
