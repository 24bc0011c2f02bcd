"""The state of one partition of the log, and its encoding in buckets.

Plain numbers and strings throughout (never a pickle). Keys are spread over
``BUCKETS`` by their style, so that a checkpoint writes only what changed.
"""

import hashlib
import zlib
from collections.abc import Mapping

import msgspec

from inventory.alerts.open import OpenAlert
from inventory.demand import learner
from inventory.demand.daily import DailyDemand
from inventory.demand.learner import Learner
from inventory.pieces import cut, joined
from inventory.replenishment.orders import OrderBook
from inventory.replenishment.supply_book import Offers, Supply
from inventory.rules import Rules
from inventory.seen import Seen
from inventory.shadow import book
from inventory.shadow.book import Shadow
from inventory.stock.belief.state import Belief, Chain, Losses, Place
from inventory.stock.ledger import Ledger
from inventory.transfers.realisation import Realised
from schemas.observations import BudgetDefined, ItemDefined, LaneDefined, LocationDefined, SupplierDefined

BUCKETS = 64


class Stakes(msgspec.Struct, array_like=True, frozen=True):
    """What a transfer was proposed for: ``units``, with ``days`` to be sold in once they are there.

    And what one brings sold and left over, at the destination and at the donor. ``gain`` is what the forecasts say that
    they gain by their own sales, whatever came of transfers before. ``mean_per_day`` is forecast at the destination;
    of such transfers ``holdout_share`` were not sent.
    """

    units: int = 0
    days: float = 0.0
    margin: float = 0.0
    leftover_value: float = 0.0
    donor_margin: float = 0.0
    donor_leftover_value: float = 0.0
    gain: float = 0.0
    mean_per_day: float = 0.0
    holdout_share: float = 0.0


class OpenTransfer(msgspec.Struct, array_like=True):
    """A transfer to this location that is not over.

    It is to leave before ``leaves_at_ms``, with all that leaves on that lane by then (-1: nobody knows), and to be
    there by ``due_at_ms``, ``lead_ms`` after it left. What is ``overdue`` is not counted on any more. Up to ``agreed``
    units a person or the ERP has said yes to. ``said_at_ms`` is the time that was said last of it.
    """

    order_id: str
    origin: str
    quantity: int
    status: str
    revision: int = 1
    received: int = 0
    shipped: int = 0
    gain: float = 0.0
    cost: float = 0.0
    changed_at_ms: int = -1
    leaves_at_ms: int = -1
    lead_ms: int = 0
    due_at_ms: int = -1
    overdue: bool = False
    stakes: Stakes = Stakes()
    said_at_ms: int = -1
    agreed: int = 0

    @property
    def coming(self) -> int:
        """Units the destination counts on."""
        return 0 if self.overdue else max(self.quantity - self.received, 0)


class Arrived(msgspec.Struct, array_like=True):
    """Units that a transfer brought."""

    origin: str
    units: int
    at_ms: int


class SaidSurplus(msgspec.Struct, array_like=True):
    """What was said last of units that are unlikely to sell in time."""

    kind: str
    season_end: str
    expected_unsold_units: float
    markdown: float
    price: float | None


class LocationStock(msgspec.Struct, array_like=True):
    """Everything known about one SKU at one location.

    ``arrived`` are transfers of the last days. With ``short_units`` free it was last looked, at ``short_looked_ms``,
    whether a transfer would help (-1: it is not short). ``filled_units`` were there when units came last, by
    a receipt, a transfer, or an opening or count that found more. ``withdrawn`` are the latest transfers here that the
    ERP may have taken before it heard that they were taken back. The suggestion is counted among the unanswered orders
    of the supplier ``missed_of`` (None: it is not). An open count task speaks of ``counted_book`` units. Until
    ``held_until_ms`` no transfer is proposed here, so that there is something to compare transfers with (-1: any may
    be).
    """

    ledger: Ledger
    demand: DailyDemand
    book: OrderBook
    alerts: dict[str, OpenAlert] = {}
    tasks: dict[str, str] = {}
    transfers: list[OpenTransfer] = []
    last_evidence_ms: int = -1
    gap_seen_at_ms: int = -1
    forecast_day: int = -1
    zones_told: bool = False
    transfer_refused_ms: int = -1
    belief: Belief = msgspec.field(default_factory=Belief)
    within_reach: bool = True
    forecast_told: float = -1.0
    count_asked_ms: int = -1
    arrived: list[Arrived] = []
    short_units: int = -1
    short_looked_ms: int = -1
    surplus: SaidSurplus | None = None
    unsold_since_day: int = -1
    filled_units: int = 0
    withdrawn: list[OpenTransfer] = []
    missed_of: str | None = None
    counted_book: int = 0
    held_until_ms: int = -1

    @property
    def ever_sold(self) -> bool:
        """Whether any was ever sold here."""
        return self.demand.day >= 0

    @property
    def awaits_transfer(self) -> bool:
        """Whether one is under way that is still counted on."""
        return any(not transfer.overdue for transfer in self.transfers)


class SkuState(msgspec.Struct, array_like=True):
    """One SKU: its reference data and every location that has had to do with it, and what is lost of it."""

    item: ItemDefined
    locations: dict[str, LocationStock] = {}
    losses: Losses = msgspec.field(default_factory=Losses)


class Override(msgspec.Struct, array_like=True):
    """A suggestion of which somebody made something else, until the days are over that it was to cover.

    ``position`` is without the order; ``demand`` are units asked for since ``day``, in days since the epoch.
    ``revision`` is the one that the choice was about.
    """

    order_id: str
    location: str
    sku: str
    by: str
    reason: str
    suggested: int
    chosen: int
    position: int
    day: int
    until_day: int
    demand: float = 0.0
    revision: int = 0


class Without(msgspec.Struct, array_like=True):
    """A SKU at one end of a transfer since the day it moved units there, and how it would be without them.

    ``there`` and ``sales`` are the book of then, the transfer's own units in it. Since then ``came`` units by other
    ways (negative: went) and ``wanted`` were asked for; of ``sold``, beside a ``stock`` that is left.
    ``first_day_sold`` of what was sold was so by the end of the first day.
    """

    day: int
    there: int
    sales: int
    stock: float
    came: int = 0
    demand: float = 0.0
    wanted: float = 0.0
    sold: float = 0.0
    first_day_sold: int = 0


class HeldOut(msgspec.Struct, array_like=True, frozen=True):
    """How a transfer that was not sent would have gone: units, and the days they leave and can be sold from."""

    units: int
    leaves_day: int
    arrives_day: int


class MovedUnits(msgspec.Struct, array_like=True):
    """A transfer that moved units, until ``until_day`` when it is judged (-1: nothing came yet).

    Of one that is ``held`` out, the ends are how they would be with the units moved, and ``shipped`` and ``received``
    what would have been.
    """

    sku: str
    origin: str
    destination: str
    stakes: Stakes
    gain: float
    cost: float
    shipped: int = 0
    received: int = 0
    until_day: int = -1
    donor: Without | None = None
    here: Without | None = None
    held: HeldOut | None = None


class Core(msgspec.Struct, array_like=True):
    """What is not keyed by SKU. ``sources`` and ``watermarks`` are keyed ``topic|partition``, ``moved`` by order id.

    ``behind`` are the sources, in order, of which more was waiting to be read when they were heard last. By currency
    ``realised`` says what came of transfers.
    """

    rules: Rules = Rules()
    applied: int = -1
    clock_ms: int = -1
    sources: dict[str, int] = {}
    watermarks: dict[str, int] = {}
    locations: dict[str, LocationDefined] = {}
    suppliers: dict[str, SupplierDefined] = {}
    lanes: dict[str, LaneDefined] = {}
    device_alerts: dict[str, OpenAlert] = {}
    places: dict[str, Place] = {}
    chain: Chain = msgspec.field(default_factory=Chain)
    drifted: dict[str, int] = {}
    overrides: list[Override] = []
    budgets: dict[str, BudgetDefined] = {}
    moved: dict[str, MovedUnits] = {}
    behind: list[str] = []
    realised: dict[str, Realised] = {}


class PartitionState:
    """The whole state of one log partition, and which buckets changed since the last checkpoint.

    ``demand_told``: the learner was told something since; ``demand_learned``: it learned a day.
    ``supply_changed`` and ``offers_changed`` say it of suppliers.
    """

    def __init__(
        self, partition: int, core: Core | None = None, seen: Seen | None = None, learner: Learner | None = None
    ) -> None:
        self.partition = partition
        self.core = core or Core()
        self.seen = seen or Seen()
        self.skus: dict[str, SkuState] = {}
        self.learner = learner or Learner()
        self.shadow = Shadow()
        self.demand_told = self.demand_learned = False
        self.supply, self.offers = Supply(), Offers()
        self.supply_changed = self.offers_changed = False
        self.dirty: set[int] = set()
        self.orders: dict[str, tuple[str, str]] = {}
        self.on_lane: dict[tuple[str, str], set[str]] = {}
        """Open transfers by origin and destination."""
        self.quiet: set[tuple[str, str]] = set()
        """SKU and location of alerts whose condition is over and nobody was told."""
        self.missed: dict[tuple[str, str], set[str]] = {}
        """SKUs whose suggestions nobody answered for long, by location and supplier."""
        self.pairs = 0
        """How many pairs of a SKU and a location there are."""

    def index_orders(self) -> None:
        """Find orders and transfers by their ids, and quiet alerts, again after decoding."""
        for sku, state in self.skus.items():
            for location, stock in state.locations.items():
                ids = [order.order_id for order in (*stock.book.orders, *stock.book.withdrawn)]
                ids += [transfer.order_id for transfer in (*stock.transfers, *stock.withdrawn)]
                self.orders.update(dict.fromkeys(ids, (sku, location)))
                if any(alert.is_quiet for alert in stock.alerts.values()):
                    self.quiet.add((sku, location))
                if stock.missed_of is not None:
                    self.missed.setdefault((location, stock.missed_of), set()).add(sku)
                for transfer in stock.transfers:
                    self.on_lane.setdefault((transfer.origin, location), set()).add(transfer.order_id)

    def forget_orders(self, order_ids: list[str]) -> None:
        """Orders and transfers that are over are not looked up again."""
        for order_id in order_ids:
            self.orders.pop(order_id, None)

    def sku(self, sku: str, style: str) -> SkuState:
        """The state of a SKU, made on first sight."""
        found = self.skus.get(sku)
        if found is None:
            found = self.skus[sku] = SkuState(ItemDefined(sku, style, 0))
        return found

    def at(self, sku: SkuState, location: str) -> LocationStock:
        """The state of a SKU at a location, made on first sight."""
        found = sku.locations.get(location)
        if found is None:
            found = sku.locations[location] = LocationStock(Ledger(), DailyDemand(), OrderBook())
            self.pairs += 1
        return found

    def touch(self, style: str) -> None:
        """Note that something about ``style`` changed."""
        self.dirty.add(bucket_of(style))


def bucket_of(style: str) -> int:
    """The bucket of a style; CRC-32, since Python's own hash differs from run to run."""
    return zlib.crc32(style.encode()) % BUCKETS


_SKUS = msgspec.msgpack.Decoder(dict[str, SkuState])
_CORE = msgspec.msgpack.Decoder(Core)
_SUPPLY, _OFFERS = "supply", "offers"


def encode_changed(state: PartitionState) -> dict[str, bytes]:
    """The chunks to store now: the core, the buckets and event-key segments that changed.

    Marks everything as stored; the caller must store it or throw the state away.
    """
    chunks = {"core": msgspec.msgpack.encode(state.core)}
    by_bucket: dict[int, dict[str, SkuState]] = {bucket: {} for bucket in sorted(state.dirty)}
    for sku, value in state.skus.items():
        bucket = bucket_of(value.item.style)
        if bucket in by_bucket:
            by_bucket[bucket][sku] = value
    chunks.update({f"skus-{bucket:02d}": msgspec.msgpack.encode(skus) for bucket, skus in by_bucket.items()})
    chunks.update(state.seen.encode_changed())
    chunks.update(learner.encoded(state.learner, told=state.demand_told, learned=state.demand_learned))
    chunks.update(book.encoded(state.shadow))
    if state.supply_changed:
        chunks |= cut(_SUPPLY, msgspec.msgpack.encode(state.supply))
    if state.offers_changed:
        chunks |= cut(_OFFERS, msgspec.msgpack.encode(state.offers))
    state.demand_told = state.demand_learned = state.supply_changed = state.offers_changed = False
    state.dirty.clear()
    return chunks


def decode(partition: int, buckets: Mapping[str, bytes]) -> PartitionState:
    """The state in the chunks of a whole checkpoint."""
    segments = {name: value for name, value in buckets.items() if name.startswith("seen-")}
    state = PartitionState(partition, _CORE.decode(buckets["core"]), Seen.decode(segments), learner.decoded(buckets))
    for name in sorted(buckets):
        if name.startswith("skus-"):
            state.skus.update(_SKUS.decode(buckets[name]))
    state.shadow = book.decoded(buckets)
    if _SUPPLY in buckets:
        state.supply = msgspec.msgpack.decode(joined(_SUPPLY, buckets), type=Supply)
    if _OFFERS in buckets:
        state.offers = msgspec.msgpack.decode(joined(_OFFERS, buckets), type=Offers)
    state.pairs = sum(len(sku.locations) for sku in state.skus.values())
    state.index_orders()
    return state


def digest(state: PartitionState) -> str:
    """Content hash of the whole state: equal states have equal digests, however they came about."""
    skus = {sku: _canonical(state.skus[sku]) for sku in sorted(state.skus)}
    content = msgspec.to_builtins((state.core, skus, state.seen.canonical(), state.supply, state.offers), str_keys=True)
    whole = msgspec.msgpack.encode(content, order="deterministic") + learner.canonical(state.learner)
    whole += book.canonical(state.shadow)
    return hashlib.blake2b(whole, digest_size=16).hexdigest()


def _canonical(sku: SkuState) -> object:
    return (sku.item, {location: sku.locations[location] for location in sorted(sku.locations)})
