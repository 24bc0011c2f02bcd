"""What each observation means for the belief: the one place where the log meets ``inventory.stock.belief``."""

from collections.abc import Iterator

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
    flows,
)
from inventory.stock.belief.sweep import sweep
from inventory.turn import Turn
from schemas.observations import DeviceReported, ItemsSeen, QuantityMeasured, QuantityMoved, SaleMade

EXIT = "exit"
NOT_TOLD = float("-inf")
WINDOW_MS = 3_600_000
_WORTH_SAYING = 0.1
_DEAF_SHARE, _DEAF_LEAST = 0.2, 8.0
_LEARNING = 0.2


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
        known = camera.looked(stock.belief, at, seen)
        stock.belief.blind = camera.stuck(known) or any(reader.deaf for reader in at.place.readers.values())
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
        for tag in seen.tags:
            flows.pass_exit(stock.belief, where(turn, seen.location, seen.sku), tag.epc, tag.first_seen_at_ms)
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
    return _place(turn, location).readers.setdefault(f"{device}|{zone}", Reader())


def swept(turn: Turn, seen: DeviceReported) -> None:
    """A reader has ended a sweep of its zone: everything at the location is weighed; what changed is decided about."""
    at = Where(_place(turn, seen.location), turn.state.core.chain, Losses())
    reader = _reader(turn, seen.location, seen.device, seen.zone)
    _note(reader, seen)
    mine = list(_stocks(turn, seen.location))
    sweep(
        at,
        reader,
        seen.zone,
        [Held(sku.item.style, stock.belief, sku.losses) for sku, stock in mine],
        seen.occurred_at_ms,
    )
    deaf = any(one.deaf for one in at.place.readers.values())
    for sku, stock in mine:
        turn.state.touch(sku.item.style)
        stock.belief.blind = deaf
        if worth_saying(stock.belief):
            turn.touch(sku, seen.location, seen.occurred_at_ms)


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


def _note(reader: Reader, seen: DeviceReported) -> None:
    """How often the reader sweeps, how many tags it hears, and whether it has just gone deaf.

    Readers that do not tell how many tags they heard are judged by the stock alone.
    """
    if reader.swept_at_ms >= 0:
        since = seen.occurred_at_ms - reader.swept_at_ms
        reader.interval_ms += (since - reader.interval_ms) * (_LEARNING if reader.sweeps > 1 else 1.0)
    reader.swept_at_ms = max(reader.swept_at_ms, seen.occurred_at_ms)
    reader.deaf = reader.usual_tags >= _DEAF_LEAST and seen.tags_heard < _DEAF_SHARE * reader.usual_tags
    if not reader.deaf:
        reader.usual_tags += (seen.tags_heard - reader.usual_tags) * (_LEARNING if reader.sweeps else 1.0)
    reader.sweeps += 1


def is_deaf(turn: Turn, seen: DeviceReported) -> bool:
    """Whether the sweep that ended heard next to nothing of what its reader usually hears."""
    reader = _place(turn, seen.location).readers.get(f"{seen.device}|{seen.zone}")
    return reader is not None and reader.deaf


def worth_saying(belief: Belief) -> bool:
    """Whether the belief differs from what was last said: another number, or another chance of none."""
    known = chances(belief)
    units = max(known, key=known.__getitem__, default=-1)
    return units != belief.told or abs(known.get(0, 0.0) - belief.told_empty) > _WORTH_SAYING


def blind(place: Place) -> list[str]:
    """Devices of a place that say nothing true just now: decisions there rest on less."""
    readers = [name.partition("|")[0] for name, reader in place.readers.items() if reader.deaf]
    return sorted({*readers, *(name for name, one in place.cameras.items() if camera.stuck(one))})
