"""Every walk counted with what the other walks taught, and how far the counts are off."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.rfid_counts.walks import Recorded
from inventory.stock.population import Curve, Experience, Walk, fit, learn, part, populate, strays_in, without

MOST_PASSES = 3


@dataclass(frozen=True)
class Count:
    """One run of consecutive passes, counted; errors are shares of the known number."""

    walk: str
    place: str
    passes: int
    estimate: int
    raw_error: float
    count_error: float
    unaided_error: float
    prior_error: float
    covered: bool
    strays: int
    rejected: int
    wrongly_rejected: float


_ERRORS = ("raw_error", "count_error", "unaided_error", "prior_error", "wrongly_rejected")


def count_all(walks: Sequence[Recorded]) -> list[Count]:
    """Leave one walk out: it is counted by what all others taught, whose numbers are known.

    ``unaided_error`` is that of other walks whose numbers are not known, ``prior_error`` that of no other walks.
    """
    heard = [one.walk() for one in walks]
    counts: list[Count] = []
    for left_out, (one, walk) in enumerate(zip(walks, heard, strict=True)):
        others = [pair for at, pair in enumerate(zip(walks, heard, strict=True)) if at != left_out]
        aided, unaided = _taught(others, known=True), _taught(others, known=False)
        curves = fit(aided.lessons), fit(unaided.lessons), fit([])
        counts += [
            _count(one, part(walk, first, passes), passes, aided, curves)
            for passes in range(1, min(one.passes, MOST_PASSES) + 1)
            for first in range(one.passes - passes + 1)
        ]
    return counts


def _taught(others: Iterable[tuple[Recorded, Walk]], *, known: bool) -> Experience:
    experience = Experience()
    for one, walk in others:
        learn(experience, one.place, walk, one.known if known else None, one.strays)
    return experience


def _count(one: Recorded, walk: Walk, passes: int, experience: Experience, curves: tuple[Curve, Curve, Curve]) -> Count:
    heard = {epc for at_pass in walk.passes for epc in at_pass}
    rejected, strays = strays_in(experience, walk), heard & one.strays
    kept = without(walk, rejected)
    aided, unaided, prior = (populate(curve, one.place, kept) for curve in curves)
    return Count(
        walk=one.name,
        place=one.place,
        passes=passes,
        estimate=aided.median,
        raw_error=abs(len(heard) / one.known - 1.0),
        count_error=abs(aided.median / one.known - 1.0),
        unaided_error=abs(unaided.median / one.known - 1.0),
        prior_error=abs(prior.median / one.known - 1.0),
        covered=aided.low <= one.known <= aided.high,
        strays=len(strays),
        rejected=len(strays & rejected),
        wrongly_rejected=len(rejected - strays) / one.known,
    )


def by_passes(counts: Iterable[Count]) -> dict[str, dict[str, float | int | None]]:
    """Means for one, two and three passes: over a walk's counts first, so that a long walk counts no more."""
    grouped: dict[str, list[Count]] = defaultdict(list)
    for count in counts:
        grouped[str(count.passes)].append(count)
    return {passes: _summary(some) for passes, some in sorted(grouped.items())}


def by_place(counts: Iterable[Count]) -> dict[str, dict[str, dict[str, float | int | None]]]:
    """As :func:`by_passes`, for each place."""
    grouped: dict[str, list[Count]] = defaultdict(list)
    for count in counts:
        grouped[count.place].append(count)
    return {place: by_passes(some) for place, some in sorted(grouped.items())}


def _summary(counts: Sequence[Count]) -> dict[str, float | int | None]:
    walks: dict[str, list[Count]] = defaultdict(list)
    for count in counts:
        walks[count.walk].append(count)
    told: dict[str, float | int | None] = {"walks": len(walks)}
    for name in (*_ERRORS, "covered"):
        told[name] = round(fmean(fmean(getattr(count, name) for count in some) for some in walks.values()), 4)
    strays = sum(count.strays for count in counts)
    told["strays"] = strays
    told["strays_rejected"] = round(sum(count.rejected for count in counts) / strays, 4) if strays else None
    return told
