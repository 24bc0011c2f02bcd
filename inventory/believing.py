"""What each observation means for the belief: the one place where the log meets ``inventory.stock.belief``."""

from collections.abc import Iterable, Iterator

from inventory import health
from inventory.state import LocationStock, SkuState
from inventory.stock.belief import (
    Belief,
    Camera,
    Held,
    Losses,
    Place,
    Reader,
    Where,
    camera,
    chances,
    counts,
    deliveries,
    detection,
    flows,
    passing,
)
from inventory.stock.belief.passing import MILLISECONDS_PER_DAY
from inventory.stock.belief.sweep import sweep
from inventory.store_work import floor
from inventory.turn import Turn
from schemas.observations import DeviceReported, ItemsSeen, QuantityMeasured, QuantityMoved, SaleMade

EXIT = "exit"
NOT_TOLD = float("-inf")
WINDOW_MS = 3_600_000
_WORTH_SAYING = 0.1
_SILENT_SALES, _FEW_SILENT_SALES = 2.0, 0.2
_WORTH_PASSING_MS = 10 * 3_600_000


def where(turn: Turn, location: str, sku: str) -> Where:
    """What is known of a location as a whole, of all of them, and of a SKU at all of them."""
    return Where(_place(turn, location), turn.state.core.chain, turn.state.skus[sku].losses)


def _place(turn: Turn, location: str) -> Place:
    places = turn.state.core.places
    if location not in places:
        places[location] = Place()
    return places[location]


def sold(turn: Turn, stock: LocationStock, seen: SaleMade) -> None:
    """A till line."""
    at, at_ms = where(turn, seen.location, seen.sku), seen.occurred_at_ms
    if seen.line_type == "sale":
        flows.go(stock.belief, at, seen.quantity, seen.epcs, at_ms)
    elif seen.sellable:
        flows.come_back(stock.belief, at, seen.quantity, seen.epcs, seen.zone or "sales_floor", at_ms)


def moved(turn: Turn, stock: LocationStock, seen: QuantityMoved, sign: int) -> None:
    """A movement told by the ERP; ``sign`` -1 takes it back.

    Adjustments are opinions about the book, not evidence. Where nobody has told what there was before,
    the first sweep or count begins the belief.
    """
    at, at_ms = where(turn, seen.location, seen.sku), seen.occurred_at_ms
    units = sign * seen.quantity
    if seen.reason == "zone_move":
        way = (seen.zone or "back_room", seen.to_zone or "sales_floor")
        flows.moved(stock.belief, at, seen.quantity, *(way if sign > 0 else way[::-1]), at_ms)
    elif units > 0 and seen.reason != "adjustment" and stock.belief.cells:
        deliveries.come(stock.belief, at, units, seen.epcs, seen.zone or "back_room", at_ms)
    elif units < 0 and seen.reason != "adjustment":
        flows.go(stock.belief, at, -units, seen.epcs, at_ms, till=False)


def measured(turn: Turn, stock: LocationStock, seen: QuantityMeasured) -> Camera | None:
    """A count, an opening or a camera's look; returns what is known of the camera."""
    at, at_ms = where(turn, seen.location, seen.sku), seen.occurred_at_ms
    if seen.source == "camera":
        _equip(turn, seen.location)
        known = camera.looked(stock.belief, at, seen)
        stock.belief.blind = bool(health.untrusted(at.place))
        return known
    if seen.source == "opening":
        _opened(stock.belief, at, seen)
    elif seen.zone:
        counts.counted_in_zone(stock.belief, at, seen.quantity, seen.zone, at_ms)
    else:
        counts.counted(stock.belief, at, seen.quantity, at_ms)
    return None


def _opened(belief: Belief, at: Where, seen: QuantityMeasured) -> None:
    """An opening begins the belief; where readers had begun it already it is a count of what they heard."""
    if belief.cells:
        counts.counted(belief, at, seen.quantity, seen.occurred_at_ms)
    else:
        wrong = deliveries.OPENING_WRONG
        deliveries.come(belief, at, seen.quantity, seen.epcs, seen.zone, seen.occurred_at_ms, wrong)


def heard(turn: Turn, stock: LocationStock, seen: ItemsSeen) -> None:
    """Tags that one reader heard: kept until its sweep ends; at the exit they are leaving."""
    if seen.zone == EXIT:
        door = Reader()
        for tag in seen.tags:
            own, at = detection.own(door, tag.peak_rssi_dbm), where(turn, seen.location, seen.sku)
            flows.pass_exit(stock.belief, at, tag.epc, own, tag.first_seen_at_ms)
        return
    _end_window(turn, seen)
    tags = stock.belief.heard.setdefault(seen.zone, {})
    for tag in seen.tags:
        loud = NOT_TOLD if tag.peak_rssi_dbm is None else tag.peak_rssi_dbm
        if tag.epc not in tags or loud > tags[tag.epc]:
            tags[tag.epc] = loud


def _end_window(turn: Turn, seen: ItemsSeen) -> None:
    """Readers that do not tell when a sweep ends have swept by the hour."""
    reader = _reader(turn, seen.location, seen.reader, seen.zone)
    if reader.tells_sweeps:
        return
    if 0 <= reader.window_ms <= seen.occurred_at_ms - WINDOW_MS:
        swept(turn, DeviceReported(seen.location, seen.zone, seen.reader, "reader", "sweep_ended", seen.occurred_at_ms))
        reader.window_ms = seen.occurred_at_ms
    elif reader.window_ms < 0:
        reader.window_ms = seen.occurred_at_ms


def _reader(turn: Turn, location: str, device: str, zone: str) -> Reader:
    _equip(turn, location)
    return _place(turn, location).readers.setdefault(f"{device}|{zone}", Reader())


def _equip(turn: Turn, location: str) -> None:
    """The first reader or camera at a location is heard of: from now on single units count there."""
    place = _place(turn, location)
    if place.readers or place.cameras:
        return
    for sku, stock in _stocks(turn, location):
        deliveries.equip(stock.belief, Where(place, turn.state.core.chain, sku.losses))
        turn.state.touch(sku.item.style)


def swept(turn: Turn, seen: DeviceReported) -> None:
    """A reader has ended a sweep of its zone: everything at the location is weighed; what changed is decided about."""
    at = Where(_place(turn, seen.location), turn.state.core.chain, Losses())
    reader = _reader(turn, seen.location, seen.device, seen.zone)
    mine = list(_stocks(turn, seen.location))
    held = [Held(sku.item.style, stock.belief, sku.losses) for sku, stock in mine]
    health.note_sweep(reader, seen)
    health.judge(at.chain, reader, seen.zone, [stock.belief for _, stock in mine], seen.tags_heard)
    sweep(at, reader, seen.zone, held, seen.occurred_at_ms)
    _see(turn, seen.location, mine, seen.occurred_at_ms)


def _see(turn: Turn, location: str, stocks: Iterable[tuple[SkuState, LocationStock]], at_ms: int) -> None:
    """Note for each stock whether it can be seen; decide again where there is news."""
    blind = bool(health.untrusted(_place(turn, location)))
    for sku, stock in stocks:
        turn.state.touch(sku.item.style)
        stock.belief.blind = blind
        if worth_saying(stock.belief, stock.ledger.on_hand) or floor.is_news(sku.item, stock):
            turn.touch(sku, location, at_ms)


def turned_off(turn: Turn, seen: DeviceReported) -> None:
    """A reader that goes, or is overdue, sees nothing: what it stood for rests on less from now on."""
    place = _place(turn, seen.location)
    before = health.untrusted(place)
    health.turned_off(place, seen.device)
    if health.untrusted(place) != before:
        _see(turn, seen.location, list(_stocks(turn, seen.location)), seen.occurred_at_ms)


def sweep_told(turn: Turn, seen: DeviceReported) -> None:
    """The reader itself says that a sweep has ended."""
    _reader(turn, seen.location, seen.device, seen.zone).tells_sweeps = True
    swept(turn, seen)


def _stocks(turn: Turn, location: str) -> Iterator[tuple[SkuState, LocationStock]]:
    for name in sorted(turn.state.skus):
        sku = turn.state.skus[name]
        stock = sku.locations.get(location)
        if stock is not None and (stock.belief.cells or stock.belief.heard):
            yield sku, stock


def pass_day(turn: Turn, sku: SkuState, location: str, at_ms: int) -> bool:
    """A day ended: the belief is brought to now where that may tell something; whether it was.

    Units are lost unseen between two sweeps too. Where no device looks only silence tells: of stock whose belief is
    known to people a little of it, of other stock that many units should have been sold meanwhile.
    """
    stock = sku.locations[location]
    belief, at = stock.belief, where(turn, location, sku.item.sku)
    if not belief.cells or at_ms - belief.at_ms < _WORTH_PASSING_MS:
        return False
    if belief.swept_at_ms < 0:
        told = belief.told >= 0
        days = (at_ms - belief.at_ms) / MILLISECONDS_PER_DAY
        enough = days * passing.sale_rate(belief, at.place) >= (_FEW_SILENT_SALES if told else _SILENT_SALES)
        if not enough or not (told or stock.ledger.on_hand > 0):
            return False
    passing.advance(belief, at, at_ms)
    turn.state.touch(sku.item.style)
    return True


def failing(turn: Turn, seen: DeviceReported) -> Reader | None:
    """The reader whose sweep ended, if that heard much less than it should have."""
    reader = _place(turn, seen.location).readers.get(f"{seen.device}|{seen.zone}")
    return reader if reader is not None and (reader.deaf or reader.weak) else None


def worth_saying(belief: Belief, book: int) -> bool:
    """Whether the belief, or what stands beside it, differs from what was last said."""
    known = chances(belief)
    units = max(known, key=known.__getitem__, default=-1)
    said = (belief.told, belief.told_book, belief.told_blind)
    return said != (units, book, belief.blind) or abs(known.get(0, 0.0) - belief.told_empty) > _WORTH_SAYING
