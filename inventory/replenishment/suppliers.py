"""What a supplier does, learned from orders and receipts: how long it takes, how much comes, how much in time.

One record per supplier and lane (the location it delivers to), one per supplier
over all lanes. Older orders weigh less with every later one. The lead time is a
survival curve over whole days: an order that is still open after n days tells
that it takes longer than that, and counts as such (Kaplan and Meier 1958), or the
slow ones would be missing from every average. Where little is known, the record
is filled up with ``PRIOR_ORDERS`` imagined orders as the supplier's other lanes
suggest, and those as the stated lead time does, a few of them much later
(the beta-Stacy process of Walker and Muliere 1997 is exactly this).
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from inventory.replenishment.distribution import Array
from inventory.replenishment.lead_time import LeadTime, stated

HALF_LIFE_ORDERS = 60.0
PRIOR_ORDERS = 6.0
MOST_DAYS = 365
STATED_DELIVERED_SHARE = 0.98
STATED_ON_TIME_SHARE = 0.9

_LATE_SHARE, _LATE_TIMES = 0.05, 3.0
_FORGOTTEN = 1e-3
_KEEP = 0.5 ** (1.0 / HALF_LIFE_ORDERS)


class Record(msgspec.Struct, array_like=True):
    """Weighted orders, in parts where they came in parts.

    ``arrived[n]`` came after n days, ``given_up[n]`` had not come after n days when
    they were cancelled or closed. Of ``closed`` orders ``delivered`` is the part
    that came at all, ``on_time`` the part that came by the promised day.
    """

    arrived: dict[int, float] = {}
    given_up: dict[int, float] = {}
    closed: float = 0.0
    delivered: float = 0.0
    on_time: float = 0.0


class Receipt(msgspec.Struct, frozen=True):
    """A part of an order that came ``days`` after it was placed; all parts are at most 1."""

    days: float
    share: float


class OpenOrder(msgspec.Struct, frozen=True):
    """An order of which ``share`` is still to come, ``days`` after it was placed."""

    days: float
    share: float = 1.0
    promised_days: float | None = None


class Scorecard(msgspec.Struct, frozen=True):
    """A supplier at a glance; ``orders`` is how many orders the figures weigh."""

    orders: float
    mean_days: float
    median_days: int
    days_95: int
    delivered_share: float
    on_time_share: float
    overdue_open: int


def whole_days(days: float) -> int:
    """Days as they are counted: to the nearest, never beyond ``MOST_DAYS``."""
    return min(max(int(days + 0.5), 0), MOST_DAYS)


def learn(record: Record, receipts: Sequence[Receipt], waited_days: float, promised_days: float) -> None:
    """Learn an order that is over: what came of it and when; the rest was given up after ``waited_days``."""
    for receipt in receipts:
        receive(record, receipt)
    came = sum(receipt.share for receipt in receipts)
    close(record, came, sum(part.share for part in receipts if part.days <= promised_days), waited_days)


def receive(record: Record, receipt: Receipt) -> None:
    """Learn a part of an order as it comes; what is still to come counts as open."""
    days = whole_days(receipt.days)
    record.arrived[days] = record.arrived.get(days, 0.0) + receipt.share


def take_back(record: Record, receipt: Receipt) -> None:
    """A receipt was an error or went back: its part has not come. Taken from its day, or the days next to it."""
    left, day = receipt.share, whole_days(receipt.days)
    for days in sorted(record.arrived, key=lambda days: (abs(days - day), days)):
        part = min(left, record.arrived[days])
        record.arrived[days] -= part
        left -= part
        if record.arrived[days] < _FORGOTTEN:
            del record.arrived[days]
        if left <= 0.0:
            return


def close(record: Record, came: float, on_time: float, waited_days: float) -> None:
    """Learn that an order is over: ``came`` of it was received, ``on_time`` by the promised day.

    The rest was given up after ``waited_days``. Every order before weighs less from now on.
    """
    if came < 1.0 - 1e-9:
        days = whole_days(waited_days)
        record.given_up[days] = record.given_up.get(days, 0.0) + 1.0 - came
    record.closed += 1.0
    record.delivered += min(came, 1.0)
    record.on_time += min(on_time, 1.0)
    _fade(record)


def lead_time(
    lane: Record,
    supplier: Record,
    stated_days: LeadTime,
    open_on_lane: Sequence[OpenOrder] = (),
    open_at_supplier: Sequence[OpenOrder] = (),
) -> LeadTime:
    """The lead time of a lane as far as it is known; ``open_at_supplier`` counts all lanes, this one too."""
    return curve(lane, open_on_lane, curve(supplier, open_at_supplier, stated_days))


def curve(record: Record, open_orders: Sequence[OpenOrder], prior: LeadTime) -> LeadTime:
    """What one record and the orders still open say, filled up with ``PRIOR_ORDERS`` orders of the prior."""
    return _as_lead_time(_survived(record, open_orders, _weights(prior, MOST_DAYS + 1)))


def prior_of(mean_days: float, sd_days: float) -> LeadTime:
    """The lead time reference data states, with a small chance of something going wrong."""
    usual, late = stated(mean_days, sd_days), stated(mean_days * _LATE_TIMES, max(mean_days, 1.0))
    length = min(max(len(usual.weights), len(late.weights)), MOST_DAYS + 1)
    mixed = (1.0 - _LATE_SHARE) * _weights(usual, length) + _LATE_SHARE * _weights(late, length)
    return _as_lead_time(mixed)


def delivered_share(lane: Record, supplier: Record) -> float:
    """Part of what is ordered that comes at all."""
    usual = (supplier.delivered + PRIOR_ORDERS * STATED_DELIVERED_SHARE) / (supplier.closed + PRIOR_ORDERS)
    return (lane.delivered + PRIOR_ORDERS * usual) / (lane.closed + PRIOR_ORDERS)


def on_time_share(lane: Record, supplier: Record, open_on_lane: Sequence[OpenOrder] = ()) -> float:
    """Part of what is ordered that comes by the promised day; what is open and overdue will not."""
    usual = (supplier.on_time + PRIOR_ORDERS * STATED_ON_TIME_SHARE) / (supplier.closed + PRIOR_ORDERS)
    overdue = sum(order.share for order in open_on_lane if _overdue(order))
    return (lane.on_time + PRIOR_ORDERS * usual) / (lane.closed + overdue + PRIOR_ORDERS)


def scorecard(lane: Record, supplier: Record, days: LeadTime, open_on_lane: Sequence[OpenOrder] = ()) -> Scorecard:
    """What there is to say of a supplier on a lane of these days; give its record twice for all lanes."""
    return Scorecard(
        orders=lane.closed,
        mean_days=days.mean_days,
        median_days=days.quantile(0.5),
        days_95=days.quantile(0.95),
        delivered_share=delivered_share(lane, supplier),
        on_time_share=on_time_share(lane, supplier, open_on_lane),
        overdue_open=sum(_overdue(order) for order in open_on_lane),
    )


def _overdue(order: OpenOrder) -> bool:
    return order.promised_days is not None and order.days > order.promised_days


def _fade(record: Record) -> None:
    for told in (record.arrived, record.given_up):
        for days in sorted(told):
            told[days] *= _KEEP
            if told[days] < _FORGOTTEN:
                del told[days]
    record.closed *= _KEEP
    record.delivered *= _KEEP
    record.on_time *= _KEEP


def _survived(record: Record, open_orders: Sequence[OpenOrder], prior: Array) -> Array:
    """Probability of each number of days: imagined orders of the prior, told orders, and open ones as far as they got.

    On day n the part ``(arrived[n] + k prior[n]) / (still out on day n)`` of what is out arrives. What outlasts
    everything that is known is counted on the last day there is anything known of (Efron 1967).
    """
    arrived, ended = np.zeros(MOST_DAYS + 1), np.zeros(MOST_DAYS + 2)
    for days, weight in sorted(record.arrived.items()):
        arrived[days] += weight
    for days, weight in sorted(record.given_up.items()):
        ended[days] += weight
    for order in open_orders:
        ended[whole_days(order.days)] += order.share
    arrived += PRIOR_ORDERS * prior
    out = np.cumsum(arrived[::-1])[::-1] + np.cumsum(ended[::-1])[-2::-1]
    hazard = np.divide(arrived, out, out=np.zeros_like(out), where=out > 0.0)
    hazard[np.flatnonzero(out)[-1]] = 1.0
    still = np.concatenate([[1.0], np.cumprod(1.0 - hazard)[:-1]])
    return still * hazard


def _weights(days: LeadTime, length: int) -> Array:
    padded = np.zeros(length)
    padded[: len(days.weights)] = days.weights[:length]
    return padded


def _as_lead_time(weights: Array) -> LeadTime:
    """Without the days that are next to impossible."""
    kept = np.trim_zeros(np.where(weights < 1e-6, 0.0, weights), "b")
    return LeadTime(tuple(float(weight) for weight in kept / kept.sum()))
