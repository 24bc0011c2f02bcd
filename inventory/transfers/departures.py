"""When the next trip of a lane leaves, and what leaves with it: a trip is paid once, whatever it carries."""

from collections.abc import Iterator
from typing import NamedTuple

from inventory.local_time import offset_ms
from inventory.state import Core, OpenTransfer, PartitionState, SkuState
from schemas.observations import LaneDefined

MILLISECONDS_PER_DAY = 86_400_000
_MILLISECONDS_PER_MINUTE = 60_000
UNSHIPPED = frozenset({"proposed", "pending", "amended", "approved", "acknowledged"})


class Departure(NamedTuple):
    """The cut-off before which a trip leaves, and the days lost by missing today's."""

    leaves_at_ms: int
    waits_days: int


def next_departure(core: Core, lane: LaneDefined, now_ms: int) -> Departure:
    """The next one, by the origin's own clocks; what is decided at the cut-off itself is late."""
    known = core.locations.get(lane.origin)
    shift_ms = offset_ms(known.timezone, now_ms) if known else 0
    midnight_ms = (now_ms + shift_ms) // MILLISECONDS_PER_DAY * MILLISECONDS_PER_DAY - shift_ms
    cut_off_ms = midnight_ms + lane.cut_off_minute * _MILLISECONDS_PER_MINUTE
    late = now_ms >= cut_off_ms
    return Departure(cut_off_ms + late * MILLISECONDS_PER_DAY, int(late))


def trip_cost(state: PartitionState, lane: LaneDefined, leaves_at_ms: int) -> float:
    """What one more transfer on that trip adds to its cost: nothing where it leaves anyway."""
    on_it = on_trip(state, lane.origin, lane.destination, leaves_at_ms)
    return lane.cost_per_trip if next(on_it, None) is None else 0.0


def on_trip(
    state: PartitionState, origin: str, destination: str, leaves_at_ms: int
) -> Iterator[tuple[SkuState, OpenTransfer]]:
    """The transfers of a trip that has not left, by SKU."""
    ids = state.on_lane.get((origin, destination), ())
    for sku in sorted({state.orders[order_id][0] for order_id in ids}):
        for transfer in state.skus[sku].locations[destination].transfers:
            same = (transfer.origin, transfer.leaves_at_ms) == (origin, leaves_at_ms)
            if same and transfer.status in UNSHIPPED:
                yield state.skus[sku], transfer
