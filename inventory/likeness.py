"""Saying which stores sell alike, and how demand divides over sizes, once a day is learned."""

from datetime import date

from inventory.demand.clusters import Moved
from inventory.demand.learner import Judgement
from inventory.demand.size_runs import Curve
from inventory.turn import Turn
from schemas.facts import DemandCluster, SizeCurve, utc

MILLISECONDS_PER_DAY = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


def say_likeness(turn: Turn, judgement: Judgement) -> None:
    """One fact for every change of cluster, and at a week's end for every size curve that sold in it."""
    for moved in judgement.likeness.moved:
        turn.saying.say(_cluster(turn, moved))
    for curve in judgement.likeness.curves:
        turn.saying.say(_curve(turn, judgement.day, curve))


def _cluster(turn: Turn, moved: Moved) -> DemandCluster:
    saying = turn.saying
    return DemandCluster(
        fact_id=saying.new_id("cluster", moved.store, str(moved.day)),
        occurred_at=utc((moved.day + 1) * MILLISECONDS_PER_DAY),
        day=date.fromordinal(_EPOCH + moved.day),
        location=moved.store,
        cluster=moved.cluster,
        before=moved.before,
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )


def _curve(turn: Turn, day: int, curve: Curve) -> SizeCurve:
    saying, size_set = turn.saying, "|".join(curve.shares)
    return SizeCurve(
        fact_id=saying.new_id("sizes", curve.location, curve.category, size_set, str(day)),
        occurred_at=utc((day + 1) * MILLISECONDS_PER_DAY),
        day=date.fromordinal(_EPOCH + day),
        location=curve.location,
        category=curve.category,
        size_set=size_set,
        shares={size: round(share, 5) for size, share in curve.shares.items()},
        units=round(curve.units, 3),
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )
