"""Taking back, or making smaller, transfers that were proposed and that new evidence speaks against.

As long as nothing has left: a donor that sold its units, a delivery that came first, a demand that is gone. What
a person approved stays; what the ERP took stays once its trip's cut-off has passed. Where an end is closed, or the way
between them, what a person approved is taken back too.
"""

from inventory.reports import say_transfer
from inventory.state import OpenTransfer, SkuState
from inventory.supply import is_retired, why_not_replenished
from inventory.transfers import journeys
from inventory.transfers.approval import follow_limit, needs_person
from inventory.transfers.chain import MOST_MOVED, End, Setting, Way, end_of, moved_lately, no, yes
from inventory.transfers.departures import next_departure, on_trip
from inventory.transfers.proposals import Offer, best_units, inputs_of, stakes_of
from inventory.transfers.setting import runs_of, setting_of
from inventory.turn import Touched, Turn
from schemas.observations import LaneDefined

_FAR_LESS = 2
"""A transfer is made smaller when this many times less is best, or there are not as many."""
_ASKED = journeys.SUGGESTED | {"approved"}


def reconsider(turn: Turn) -> None:
    """Think again about the transfers whose ends the message touched; what they are worth, by news of their stock."""
    for seen in list(turn.touched.values()):
        for destination, transfer in list(journeys.at_either_end(seen.sku, seen.location)):
            if not _may_stop(transfer, turn.now_at(seen.stock)):
                continue
            turn.saying.occurred_at_ms = seen.occurred_at_ms
            turn.saying.recorded_at_ms = seen.recorded_at_ms
            turn.cause = f"second thoughts|{transfer.order_id}"
            over = _why_over(turn, seen.sku, destination, transfer.origin)
            if over:
                journeys.withdraw(turn, turn.touch(seen.sku, destination, seen.occurred_at_ms), transfer, over)
            elif transfer.status != "approved":
                _reconsider(turn, seen, destination, transfer)


def _may_stop(transfer: OpenTransfer, now_ms: int) -> bool:
    """Whether it can be at home still."""
    if transfer.shipped or transfer.received:
        return False
    taken = transfer.status == "acknowledged" and (transfer.leaves_at_ms < 0 or now_ms < transfer.leaves_at_ms)
    return taken or transfer.status in _ASKED


def _why_over(turn: Turn, sku: SkuState, destination: str, origin: str) -> str:
    """Why nothing is to go there from ``origin`` any more, whatever it is worth; empty where it may."""
    over = why_not_replenished(turn.state, sku, destination, turn.now_at(sku.locations[destination]))
    if not over and is_retired(turn.state, sku, origin):
        over = f"{origin} is retired"
    if not over and f"{origin}|{destination}" not in turn.state.core.lanes:
        over = f"there is no way from {origin} any more"
    return over


def _reconsider(turn: Turn, seen: Touched, destination: str, transfer: OpenTransfer) -> None:
    news = seen.now_ms >= 0
    if not news and seen.location != destination:
        return
    touched = turn.touch(seen.sku, destination, seen.occurred_at_ms)
    if news:
        _think_again(turn, touched, transfer)
    follow_limit(turn, touched, transfer)


def _think_again(turn: Turn, touched: Touched, transfer: OpenTransfer) -> None:
    sku, destination = touched.sku, touched.location
    lane = turn.state.core.lanes[f"{transfer.origin}|{destination}"]
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
    setting = setting_of(turn, runs_of(run), now_ms)._replace(cover_days=0.0, may_take=yes, is_young=no)
    here, donor = (_end(sku, at, setting, transfer) for at in (destination, transfer.origin))
    mates = [one for _, one in on_trip(turn.state, transfer.origin, destination, transfer.leaves_at_ms)]
    paid = sum(one.gain - one.quantity * lane.cost_per_unit for one in mates if one is not transfer)
    way = Way(lane.origin, destination, lane.lead_time_days + departure.waits_days, lane.cost_per_unit)
    units, _ = best_units(here, donor, way, transfer.quantity)
    leaves_anyway = any(one.status not in journeys.SUGGESTED for one in mates if one is not transfer)
    unpaid = 0.0 if leaves_anyway else max(lane.cost_per_trip - paid, 0.0)
    return Offer(donor, here, way, units, unpaid, "new_evidence", max(len(mates), 1), must_earn=unpaid)


def _end(sku: SkuState, location: str, setting: Setting, transfer: OpenTransfer) -> End:
    end = end_of(sku, location, setting, moved_lately(sku, setting.now_ms, transfer), without=transfer)
    return end._replace(
        most_taken=min(end.most_taken, transfer.quantity), most_given=min(transfer.quantity, MOST_MOVED)
    )


def _why(offer: Offer, transfer: OpenTransfer) -> str:
    """What it is that speaks against it: an end that wants none, an end that has none, or a trip that is too dear."""
    here, donor = offer.destination, offer.origin
    if not _is_wanted(offer, transfer):
        coming = sum(units for due, units in here.arrivals if due < here.market.horizon_days)
        return f"the need is gone: {here.free} there, {coming} to come by itself"
    if donor.free <= donor.keep:
        return f"{donor.location} has none to spare any more"
    if not offer.units:
        return f"{donor.location} has {donor.free} left and would sell them itself"
    return f"{donor.location} has {donor.free} left, and the {offer.units} it would give do not pay for the trip"


def _is_wanted(offer: Offer, transfer: OpenTransfer) -> bool:
    """Whether it would pay if the donor had as many as were to go and no use for them."""
    idle = offer.realised_share * offer.origin.market.leftover_value + offer.way.cost_per_unit
    gains = [worth - idle for worth in offer.destination.takes(offer.way.days)[: transfer.quantity]]
    return sum(gain for gain in gains if gain > 0.0) > offer.fixed_cost


def _amend(turn: Turn, touched: Touched, transfer: OpenTransfer, offer: Offer) -> None:
    share = transfer.stakes.holdout_share
    transfer.quantity = offer.units
    transfer.revision += 1
    transfer.gain, transfer.cost, transfer.stakes = offer.won - offer.lost, offer.cost, stakes_of(offer, share)
    transfer.status = "pending" if needs_person(turn, touched, transfer) else "amended"
    inputs = inputs_of(turn, touched.sku, transfer, offer)
    say_transfer(turn, touched, transfer, f"{offer.units} units are best by now", inputs)
