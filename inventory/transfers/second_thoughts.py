"""Taking back, or making smaller, transfers that were proposed and that new evidence speaks against.

As long as nothing has left: a donor that sold its units, a delivery that came first, a demand that is gone. What
a person approved stays; what the ERP took stays once its trip's cut-off has passed.
"""

from inventory.reports import say_transfer
from inventory.state import OpenTransfer, SkuState
from inventory.transfers import journeys
from inventory.transfers.chain import MOST_MOVED, End, Setting, Way, end_of, moved_lately, yes
from inventory.transfers.departures import next_departure, on_trip
from inventory.transfers.proposals import Offer, best_units, inputs_of, stakes_of
from inventory.transfers.setting import runs_of, setting_of
from inventory.turn import Touched, Turn
from schemas.observations import LaneDefined

_FAR_LESS = 2
"""A transfer is made smaller when this many times less is best, or there are not as many."""


def reconsider(turn: Turn) -> None:
    """Think again about the transfers whose ends the message touched."""
    for touched in list(turn.touched.values()):
        if touched.now_ms < 0:
            continue
        for destination, transfer in _concerned(touched, turn.now_at(touched.stock)):
            turn.saying.occurred_at_ms = touched.occurred_at_ms
            turn.saying.recorded_at_ms = touched.recorded_at_ms
            turn.cause = f"second thoughts|{transfer.order_id}"
            _think_again(turn, touched.sku, destination, transfer)


def _concerned(touched: Touched, now_ms: int) -> list[tuple[str, OpenTransfer]]:
    return [
        (location, transfer)
        for location in sorted(touched.sku.locations)
        for transfer in touched.sku.locations[location].transfers
        if touched.location in {location, transfer.origin} and _is_ours(transfer, now_ms)
    ]


def _is_ours(transfer: OpenTransfer, now_ms: int) -> bool:
    """Whether it may still be changed."""
    if transfer.shipped or transfer.received:
        return False
    taken = transfer.status == "acknowledged" and (transfer.leaves_at_ms < 0 or now_ms < transfer.leaves_at_ms)
    return taken or transfer.status in journeys.SUGGESTED


def _think_again(turn: Turn, sku: SkuState, destination: str, transfer: OpenTransfer) -> None:
    touched = turn.touch(sku, destination, turn.saying.occurred_at_ms)
    lane = turn.state.core.lanes.get(f"{transfer.origin}|{destination}")
    if lane is None:
        journeys.withdraw(turn, touched, transfer, f"there is no way from {transfer.origin} any more")
        return
    offer = _offer_now(turn, sku, destination, transfer, lane)
    if offer.won - offer.lost <= offer.cost:
        journeys.withdraw(turn, touched, transfer, _why(offer, transfer))
    elif offer.origin.free - offer.origin.keep < transfer.quantity or offer.units * _FAR_LESS <= min(
        transfer.quantity, MOST_MOVED
    ):
        _amend(turn, touched, transfer, offer)


def _offer_now(turn: Turn, sku: SkuState, destination: str, transfer: OpenTransfer, lane: LaneDefined) -> Offer:
    """The best of the same transfer as it would be proposed now, but that the donor's cover was promised already."""
    now_ms = turn.now_at(sku.locations[destination])
    departure = next_departure(turn.state.core, lane, now_ms)
    run = (one for one in turn.state.skus.values() if one.item.style == sku.item.style)
    setting = setting_of(turn, runs_of(run), now_ms)._replace(cover_days=0.0, may_take=yes)
    here, donor = (_end(sku, at, setting, transfer) for at in (destination, transfer.origin))
    mates = [one for _, one in on_trip(turn.state, transfer.origin, destination, transfer.leaves_at_ms)]
    paid = sum(one.gain - one.quantity * lane.cost_per_unit for one in mates if one is not transfer)
    way = Way(lane.origin, destination, lane.lead_time_days + departure.waits_days, lane.cost_per_unit)
    units, _ = best_units(here, donor, way, transfer.quantity)
    unpaid = max(lane.cost_per_trip - paid, 0.0)
    return Offer(donor, here, way, units, unpaid, "new_evidence", max(len(mates), 1), must_earn=unpaid)


def _end(sku: SkuState, location: str, setting: Setting, transfer: OpenTransfer) -> End:
    end = end_of(sku, location, setting, moved_lately(sku, setting.now_ms, transfer), without=transfer)
    return end._replace(
        most_taken=min(end.most_taken, transfer.quantity), most_given=min(transfer.quantity, MOST_MOVED)
    )


def _why(offer: Offer, transfer: OpenTransfer) -> str:
    if offer.origin.free <= offer.origin.keep:
        return f"{transfer.origin} has none to spare any more"
    coming = sum(units for due, units in offer.destination.arrivals if due < offer.destination.market.horizon_days)
    return f"the need is gone: {offer.destination.free} there, {coming} to come by itself"


def _amend(turn: Turn, touched: Touched, transfer: OpenTransfer, offer: Offer) -> None:
    transfer.quantity, transfer.status = offer.units, "amended"
    transfer.revision += 1
    transfer.gain, transfer.cost, transfer.stakes = offer.won - offer.lost, offer.cost, stakes_of(offer)
    inputs = inputs_of(turn, touched.sku, transfer, offer)
    say_transfer(turn, touched, transfer, f"{offer.units} units are best by now", inputs)
