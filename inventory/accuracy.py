"""At the end of a day: how well the records of each location agree with the stock that is believed there."""

from collections.abc import Iterable

from inventory.reports import is_swept
from inventory.state import LocationStock
from inventory.stock.belief import chances, mean
from inventory.turn import Turn
from schemas.facts import RecordAccuracy, utc

_LEAST_BELIEVED = 0.5


def say_accuracy(turn: Turn, at_ms: int) -> None:
    """One fact a location whose stock readers sweep."""
    by_location: dict[str, list[LocationStock]] = {}
    for sku in turn.state.skus.values():
        for location, stock in sku.locations.items():
            if is_swept(stock):
                by_location.setdefault(location, []).append(stock)
    for location in sorted(by_location):
        turn.saying.say(_measured(turn, location, by_location[location], at_ms))


def _measured(turn: Turn, location: str, stocks: Iterable[LocationStock], at_ms: int) -> RecordAccuracy:
    records = [(stock.ledger.on_hand, mean(stock.belief), chances(stock.belief)) for stock in stocks]
    errors = [book - believed for book, believed, _ in records]
    shares = [(book - believed) / believed for book, believed, _ in records if believed >= _LEAST_BELIEVED]
    symmetric = [2 * abs(book - believed) / (abs(book) + believed) for book, believed, _ in records if book or believed]
    saying = turn.saying
    return RecordAccuracy(
        fact_id=saying.new_id("accuracy", location, str(at_ms)),
        occurred_at=utc(at_ms),
        location=location,
        records=len(records),
        accurate=round(sum(known.get(book, 0.0) for book, _, known in records), 4),
        believed_units=round(sum(believed for _, believed, _ in records), 3),
        signed_error_units=round(sum(errors), 3),
        shrink_units=round(sum(max(error, 0.0) for error in errors), 3),
        absolute_error_units=round(sum(map(abs, errors)), 3),
        lowest_error_units=round(min(errors), 3),
        highest_error_units=round(max(errors), 3),
        percentage_errors=round(sum(map(abs, shares)), 4),
        percentage_records=len(shares),
        lowest_error_share=round(min(shares, default=0.0), 4),
        highest_error_share=round(max(shares, default=0.0), 4),
        symmetric_errors=round(sum(symmetric), 4),
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )
