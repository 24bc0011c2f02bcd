"""What the belief costs: a repeated read, and the bytes of a checkpoint."""

import time

import msgspec

from benchmarks.belief.case import Case
from inventory import believing
from inventory.facts import Origin, Saying
from inventory.turn import Turn
from schemas.observations import ItemsSeen, TagSeen

_READS_A_MESSAGE, _REPEATS = 40, 2_000


def bytes_per_location_sku(case: Case) -> float:
    """Mean size of the encoded belief."""
    sizes = [
        len(msgspec.msgpack.encode(stock.belief))
        for sku in case.product.state.skus.values()
        for stock in sku.locations.values()
        if stock.belief.cells
    ]
    return sum(sizes) / max(len(sizes), 1)


def microseconds_per_repeated_read(case: Case) -> float:
    """The belief's share of a read of a tag that was heard in this sweep already, decoding left out."""
    state = case.product.state
    stock = next(stock for sku in state.skus.values() for stock in sku.locations.values() if stock.belief.tags)
    epcs = (list(stock.belief.tags) * _READS_A_MESSAGE)[:_READS_A_MESSAGE]
    tags = tuple(TagSeen(epc, 1, -50.0, 0, 0) for epc in epcs)
    seen = ItemsSeen(0, "S01", "sku", "style", "sales_floor", "reader", 0, tags)
    turn = Turn(state, Saying(Origin("cost", 0, 0, b"")))
    believing.heard(turn, stock, seen)
    began = time.perf_counter()
    for _ in range(_REPEATS):
        believing.heard(turn, stock, seen)
    return (time.perf_counter() - began) / (_REPEATS * _READS_A_MESSAGE) * 1e6
