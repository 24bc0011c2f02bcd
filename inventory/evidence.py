"""What somebody or something saw: counts, camera facings, tags, signals.

A count resets the book. Tags and camera facings are evidence beside it: they
never move book stock; the belief (``inventory.stock``) is where they will weigh.
"""

from inventory import believing, devices
from inventory.stock import ledger as book
from inventory.stock.belief.camera import stuck as is_stuck
from inventory.turn import Touched, Turn
from schemas.facts import StockMovement, utc
from schemas.observations import ItemsSeen, QuantityMeasured


def measured(turn: Turn, seen: QuantityMeasured) -> None:
    """A count or opening corrects the book; a camera's look is noted for alerts and tasks."""
    if not turn.first_time(seen.key):
        return
    touched = turn.witness(turn.state.sku(seen.sku, seen.style), seen.location, seen.occurred_at_ms)
    if seen.source == "camera":
        _looked(touched, seen)
    else:
        _counted(turn, touched, seen)
    camera = believing.measured(turn, touched.stock, seen)
    if camera is not None:
        devices.looked(turn, seen, stuck=is_stuck(camera))


def seen(turn: Turn, seen: ItemsSeen) -> None:
    """Tags were heard: there was evidence of this SKU here at that time."""
    sku = turn.state.sku(seen.sku, seen.style)
    stock = turn.state.at(sku, seen.location)
    stock.last_evidence_ms = max(stock.last_evidence_ms, seen.occurred_at_ms)
    believing.heard(turn, stock, seen)
    turn.state.touch(sku.item.style)


def _looked(touched: Touched, seen: QuantityMeasured) -> None:
    empty = seen.gap or (seen.quantity == 0 and seen.confidence >= 0.5 and seen.occlusion <= 0.5)
    touched.stock.gap_seen_at_ms = seen.occurred_at_ms if empty else -1


def _counted(turn: Turn, touched: Touched, seen: QuantityMeasured) -> None:
    opening = seen.source == "opening"
    touched.stock.zones_told = touched.stock.zones_told or bool(seen.zone)
    memory = turn.rules.count_memory_hours
    change = book.count(
        touched.stock.ledger, seen.quantity, seen.occurred_at_ms, seen.key, seen.zone, memory, opening=opening
    )
    touched.stock.filled_units = max(touched.stock.filled_units, touched.stock.ledger.on_hand)
    saying = turn.saying
    saying.say(
        StockMovement(
            fact_id=saying.new_id("movement", turn.cause),
            occurred_at=utc(seen.occurred_at_ms),
            location=seen.location,
            sku=seen.sku,
            style=seen.style,
            kind="opening" if opening else "count_correction",
            quantity=change,
            units=seen.quantity,
            zone=seen.zone,
            event_key=seen.key,
            recorded_at=saying.recorded_at,
        )
    )
