"""Opening a transfer, with all it rests on."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from inventory.reports import on_hand_of, say_transfer
from inventory.state import OpenTransfer, SkuState, Stakes
from inventory.transfers.approval import needs_person
from inventory.transfers.chain import End, Way
from inventory.transfers.departures import MILLISECONDS_PER_DAY, next_departure
from inventory.transfers.holdout import hold, is_drawn
from inventory.transfers.setting import choice_at, days_known, transfers_judged
from inventory.transfers.value import chance_of_running_out, expected_sales, worth_of_units
from inventory.turn import Touched, Turn
from schemas.facts import TransferInputs, utc
from schemas.observations import LaneDefined
from schemas.wording import percent

_FURTHEST = 50


class Offer(NamedTuple):
    """Units of one SKU over one lane; ``fixed_cost`` is its part of the trip's cost, ``sharing`` SKUs are on the trip.

    ``others`` are what alternative donors would bring, after their costs. Beyond its units' costs it ``must_earn`` what
    others do not pay of the trip.
    """

    origin: End
    destination: End
    way: Way
    units: int
    fixed_cost: float
    trigger: str
    sharing: int = 1
    others: Mapping[str, float] = {}
    must_earn: float = 0.0

    @property
    def won(self) -> float:
        """Money the destination gains with the units, a unit that is left counting its cost."""
        return sum(self.destination.takes(self.way.days)[: self.units])

    @property
    def lost(self) -> float:
        """What the donor loses."""
        return sum(self.origin.gives()[: self.units])

    @property
    def cost(self) -> float:
        """Of the units, and the part of the trip."""
        return self.fixed_cost + self.units * self.way.cost_per_unit

    @property
    def realised_share(self) -> float:
        """Of what the forecasts say that it gains, what is counted."""
        return self.destination.realised_share

    @property
    def as_forecast(self) -> "Offer":
        """The same, with all of what the forecasts say that it gains."""
        here, donor = (end._replace(realised_share=1.0) for end in (self.destination, self.origin))
        return self._replace(destination=here, origin=donor)


def best_units(destination: End, origin: End, way: Way, most: int | None = None) -> tuple[int, float]:
    """How many units gain most over one lane, and the gain beyond unit costs; the trip is not paid yet.

    Units of a destination are worth less one by one and cost a donor more, so it stops at the first that does not gain.
    """
    takes, gives = destination.takes(way.days)[:most], origin.gives()
    units, gain = 0, 0.0
    for won, lost in zip(takes, gives, strict=False):
        if won - lost - way.cost_per_unit <= 0.0:
            break
        units, gain = units + 1, gain + won - lost - way.cost_per_unit
    return units, gain


def new_order_id(turn: Turn, sku: str, destination: str) -> str:
    """Of the transfer that the observation at hand makes."""
    return turn.saying.new_order_id("transfer-order", destination, sku, turn.cause)


def open_transfer(turn: Turn, touched: Touched, lane: LaneDefined, offer: Offer, reason: str) -> None:
    """Propose it, or hold it out; ``touched`` is the destination."""
    sku, now_ms, share = touched.sku, turn.now_at(touched.stock), turn.rules.transfer_holdout_share
    order_id = new_order_id(turn, sku.item.sku, touched.location)
    leaves_at_ms = next_departure(turn.state.core, lane, now_ms).leaves_at_ms
    lead_ms = int(lane.lead_time_days * MILLISECONDS_PER_DAY)
    transfer = OpenTransfer(
        order_id,
        lane.origin,
        offer.units,
        "proposed",
        gain=offer.won - offer.lost,
        cost=offer.cost,
        changed_at_ms=now_ms,
        leaves_at_ms=leaves_at_ms,
        lead_ms=lead_ms,
        due_at_ms=leaves_at_ms + lead_ms,
        stakes=stakes_of(offer, share),
    )
    if is_drawn(order_id, share):
        hold(turn, touched, transfer, offer.way.days, reason)
        return
    if needs_person(turn, touched, transfer):
        transfer.status = "pending"
        reason += f"; waits for a person: worth more than {turn.rules.approval_limit:g}"
    inputs = inputs_of(turn, touched.sku, transfer, offer)
    touched.stock.transfers.append(transfer)
    turn.state.orders[order_id] = (sku.item.sku, touched.location)
    turn.state.on_lane.setdefault((lane.origin, touched.location), set()).add(order_id)
    say_transfer(turn, touched, transfer, reason, inputs)


def stakes_of(offer: Offer, holdout_share: float) -> Stakes:
    """What it is proposed for; what other sizes sell more or less is not in the gain, since it is not judged."""
    here, donor, whole = offer.destination.market, offer.origin.market, offer.as_forecast
    alone = whole._replace(
        destination=whole.destination._replace(run_worth=0.0), origin=whole.origin._replace(run_worth=0.0)
    )
    days = max(here.horizon_days - offer.way.days, 0.0)
    return Stakes(
        offer.units,
        days,
        here.margin,
        here.leftover_value,
        donor.margin,
        donor.leftover_value,
        alone.won - alone.lost,
        here.mean_per_day,
        holdout_share,
    )


def inputs_of(turn: Turn, sku: SkuState, transfer: OpenTransfer, offer: Offer) -> TransferInputs:
    """The receipt."""
    here, donor, way = offer.destination, offer.origin, offer.way
    market, units, whole = here.market, offer.units, offer.as_forecast
    moved = (*here.arrivals, (way.days, units))
    return TransferInputs(
        trigger=offer.trigger,
        rules_version=turn.rules.version,
        horizon_days=round(market.horizon_days, 4),
        days_to_arrive=way.days,
        leaves_before=utc(transfer.leaves_at_ms) if transfer.leaves_at_ms >= 0 else None,
        destination_mean_per_day=market.mean_per_day,
        destination_variance_per_day=market.variance_per_day,
        destination_units=here.free,
        destination_coming=sum(coming for due, coming in here.arrivals if due < market.horizon_days),
        probability_runs_out=round(chance_of_running_out(market, here.free, here.arrivals), 4),
        probability_runs_out_after=round(chance_of_running_out(market, here.free, moved, way.days), 4),
        origin_mean_per_day=donor.market.mean_per_day,
        origin_variance_per_day=donor.market.variance_per_day,
        origin_on_hand=on_hand_of(sku.locations[donor.location]),
        origin_free=donor.free,
        origin_keeps=min(donor.keep, donor.free),
        margin_per_unit=round(market.margin - market.leftover_value, 4),
        leftover_value=round(market.leftover_value, 4),
        size_run_worth=round(here.run_worth if here.free <= 0 else 0.0, 4),
        destination_gain=round(whole.won - units * market.leftover_value, 4),
        donor_loss=round(whole.lost - units * market.leftover_value, 4),
        unit_costs=round(units * way.cost_per_unit, 4),
        trip_cost_share=round(offer.fixed_cost, 4),
        skus_on_trip=offer.sharing,
        compared=_compared(turn, sku, offer),
        rejected_donors={name: round(net, 4) for name, net in sorted(offer.others.items())},
        cancelled_at_destination_units=_destination_limit(offer),
        cancelled_at_origin_units=_origin_limit(offer),
        realised_share=offer.realised_share,
        days_observed=round(days_known(turn.state, sku), 4),
        transfers_judged=round(transfers_judged(turn, sku, turn.now_at(sku.locations[here.location])), 4),
    )


def _compared(turn: Turn, sku: SkuState, offer: Offer) -> dict[str, float]:
    """Money of both ends by what is done, until an order of now and one of the next review would have been delivered.

    What the donor sells anyway is left out of all of them.
    """
    here, way, now_ms = offer.destination, offer.way, turn.now_at(sku.locations[offer.destination.location])
    choice, market = choice_at(turn, sku, here.location, now_ms), here.market
    margin, moved = market.margin - market.leftover_value, (*here.arrivals, (way.days, offer.units))
    net = offer.won - offer.lost - offer.cost
    days = market.horizon_days + (choice.review_days if choice.buy >= choice.wait else 0.0)
    longer = type(market)(market.mean_per_day, market.variance_per_day, days, market.margin, market.leftover_value)
    more = expected_sales(longer, here.free, moved) - expected_sales(longer, here.free, here.arrivals)
    loss = offer.as_forecast.lost - offer.units * market.leftover_value
    compared = {
        "wait": choice.wait,
        "buy": choice.buy,
        "move": choice.wait + offer.realised_share * (margin * more - loss) - offer.cost,
        "move and buy": choice.buy + net,
    }
    return {name: round(money, 4) for name, money in compared.items()}


def _destination_limit(offer: Offer) -> int:
    """Free units at the destination from which on the transfer is taken back."""
    here, gives, day = offer.destination, offer.origin.gives()[: offer.units], offer.way.days

    def pays_not(more: int) -> bool:
        takes = worth_of_units(here.market, here.free + more, day, offer.units, here.arrivals)
        return not _pays(offer, [offer.realised_share * worth for worth in takes], gives)

    return here.free + bisect_left(range(_FURTHEST * offer.units + _FURTHEST), True, lo=1, key=pays_not)


def _origin_limit(offer: Offer) -> int:
    """Free units at the donor at or below which the transfer is taken back."""
    takes, donor = offer.destination.takes(offer.way.days)[: offer.units], offer.origin

    def pays(free: int) -> bool:
        given = min(max(free - donor.least_kept, 0), offer.units)
        gives = worth_of_units(donor.market, free - given, 0.0, given, donor.arrivals)[::-1]
        return _pays(offer, takes, [offer.realised_share * worth for worth in gives])

    return bisect_left(range(donor.free + 1), True, key=pays) - 1


def _pays(offer: Offer, takes: Sequence[float], gives: Sequence[float]) -> bool:
    gains = (won - lost - offer.way.cost_per_unit for won, lost in zip(takes, gives, strict=False))
    return sum(gain for gain in gains if gain > 0.0) > offer.must_earn


def reason_of(offer: Offer) -> str:
    """In a sentence."""
    chance = chance_of_running_out(offer.destination.market, offer.destination.free, offer.destination.arrivals)
    out = "sold out" if offer.destination.free <= 0 else f"runs out with {percent(chance)}"
    return f"{out} before the supplier could deliver; it is worth less at {offer.origin.location}"
