"""What each observation means for the belief: the one place where the log meets ``inventory.stock.belief``."""

from inventory.state import LocationStock
from inventory.stock.belief import Belief, Place, Reader, Where, camera, flows
from inventory.stock.belief.sweep import Swept, sweep
from inventory.turn import Turn
from schemas.observations import DeviceReported, ItemsSeen, QuantityMeasured, QuantityMoved, SaleMade

EXIT = "exit"


def where(turn: Turn, location: str) -> Where:
    """What is known of a location as a whole, and of all of them."""
    places = turn.state.core.places
    if location not in places:
        places[location] = Place()
    return Where(places[location], turn.state.core.chain)


def sold(turn: Turn, stock: LocationStock, seen: SaleMade) -> None:
    """A till line."""
    at, at_ms = where(turn, seen.location), seen.occurred_at_ms
    if seen.line_type == "sale":
        flows.go(stock.belief, at, seen.quantity, seen.epcs, at_ms)
    elif seen.sellable:
        flows.come_back(stock.belief, at, seen.quantity, seen.epcs, seen.zone or "sales_floor", at_ms)


def moved(turn: Turn, stock: LocationStock, seen: QuantityMoved, sign: int) -> None:
    """A movement told by the ERP; ``sign`` -1 takes it back."""
    at, at_ms = where(turn, seen.location), seen.occurred_at_ms
    units = sign * seen.quantity
    if seen.reason == "zone_move":
        way = (seen.zone or "back_room", seen.to_zone or "sales_floor")
        flows.moved(stock.belief, at, seen.quantity, *(way if sign > 0 else way[::-1]), at_ms)
    elif units > 0 and seen.reason != "adjustment":
        flows.come(stock.belief, at, units, seen.epcs, seen.zone or "back_room", at_ms)
    elif units < 0 and seen.reason != "adjustment":
        flows.go(stock.belief, at, -units, seen.epcs, at_ms, till=False)


def measured(turn: Turn, stock: LocationStock, seen: QuantityMeasured) -> None:
    """A count, an opening or a camera's look."""
    at, at_ms = where(turn, seen.location), seen.occurred_at_ms
    if seen.source == "camera":
        camera.looked(stock.belief, at, seen)
    elif seen.source == "opening":
        flows.come(stock.belief, at, seen.quantity, seen.epcs, seen.zone, at_ms, wrong=flows.OPENING_WRONG)
    elif not seen.zone:
        flows.counted(stock.belief, at, seen.quantity, at_ms)


def heard(stock: LocationStock, seen: ItemsSeen) -> None:
    """Tags that one reader heard: kept until its sweep ends."""
    tags = stock.belief.heard.setdefault(seen.zone, {})
    for tag in seen.tags:
        loud = tag.peak_rssi_dbm
        known = tags.get(tag.epc)
        if known is None or (loud is not None and loud > known):
            tags[tag.epc] = NOT_TOLD if loud is None else loud


NOT_TOLD = float("-inf")


def swept(turn: Turn, seen: DeviceReported) -> Swept:
    """A reader has ended a sweep of its zone: everything at the location is weighed."""
    at = where(turn, seen.location)
    reader = at.place.readers.setdefault(f"{seen.device}|{seen.zone}", Reader())
    beliefs: list[tuple[str, Belief]] = []
    for sku in sorted(turn.state.skus):
        state = turn.state.skus[sku]
        stock = state.locations.get(seen.location)
        if stock is not None and (stock.belief.cells or stock.belief.heard):
            beliefs.append((state.item.style, stock.belief))
            turn.state.touch(state.item.style)
    return sweep(at, reader, seen.zone, beliefs, seen.occurred_at_ms)
