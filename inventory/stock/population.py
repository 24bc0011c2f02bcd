"""How many tags a place holds whose EPCs nobody listed, estimated from a walk past them with a reader.

What a walk did not hear it cannot tell by itself: misses belong to the tag (a shielded one is missed by every
pass), so that estimates from repeats alone, like :func:`chao`, are lower bounds. What tells is what the place's
earlier walks heard of a known number, set against two signs that are there without knowing it: how strong the
reads were and how many each tag gave. :func:`learn` keeps that, :func:`estimate` uses it.
"""

from collections.abc import Set
from dataclasses import dataclass
from math import exp, expm1, log, sqrt
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MOST_PASSES = 8
MOST_LESSONS = 256
_TYPICAL_DBM, _TYPICAL_LOG_READS = -66.0, 3.5
_PRIOR = np.array([0.5, 0.45, 0.2, 0.35])
_PRIOR_SD = np.array([1.0, 0.25, 0.15, 0.5])
"""Level, and slopes by log of passes, dB and log of reads. The level is as good as unknown; the slopes are rounded
from Detego's open walks, where leaving out any one of four places gives 0.39-0.50, 0.16-0.23 and 0.20-0.42."""

_PLACES_SD = 1.0
_SCATTER, _SCATTER_WEIGHT = 8.0, 10.0  # two passes over one place differ by more than chance: sd of p 0.04-0.11
_LEAST_STRAYS = 20
_TRAITS = 4


class Heard(msgspec.Struct, array_like=True):
    """The reads of one tag in one pass: their number, sum and sum of squares of RSSI, and the strongest (dBm)."""

    reads: int = 0
    total_dbm: float = 0.0
    squares: float = 0.0
    peak_dbm: float = -999.0


class Walk(msgspec.Struct, array_like=True):
    """What each pass heard, by EPC: one small record for each tag and pass, however often it is read."""

    passes: list[dict[str, Heard]] = []


class Lesson(msgspec.Struct, array_like=True, frozen=True):
    """What ``passes`` passes heard of a ``known`` number of tags; RSSI and log of reads are means."""

    place: str
    passes: int
    heard: float
    rssi_dbm: float
    log_reads: float
    known: float = 0.0


class Moments(msgspec.Struct, array_like=True):
    """Count, sums and sums of products of the traits of tags: all a normal distribution needs."""

    count: int = 0
    sums: list[float] = msgspec.field(default_factory=lambda: [0.0] * _TRAITS)
    products: list[float] = msgspec.field(default_factory=lambda: [0.0] * _TRAITS**2)


class Experience(msgspec.Struct, array_like=True):
    """What walks have taught: the newest lessons, and what tags that belong and strays look like."""

    lessons: list[Lesson] = []
    goods: Moments = msgspec.field(default_factory=Moments)
    strays: Moments = msgspec.field(default_factory=Moments)


class Population(NamedTuple):
    """Estimated tags: the median (least absolute error), the mean, and 95 % limits."""

    median: int
    mean: float
    low: int
    high: int


@dataclass(frozen=True)
class Curve:
    """The fitted law of hearing: coefficients, their covariance, and scatter beyond the binomial (1 = none)."""

    places: tuple[str, ...]
    weights: Array
    covariance: Array
    scatter: float


def horvitz_thompson(seen: int, rate: float, passes: int) -> tuple[float, float]:
    """Tags present and its standard deviation, where every tag is heard by a pass with chance ``rate``.

    N = seen / pi with pi = 1 - (1 - rate)^passes; sd = sqrt(seen (1 - pi)) / pi (Horvitz and Thompson 1952).

    >>> [round(number, 4) for number in horvitz_thompson(19, 0.8, 2)]
    [19.7917, 0.9081]
    """
    heard = 1.0 - (1.0 - rate) ** passes
    return seen / heard, sqrt(seen * (1.0 - heard)) / heard


def chao(walk: Walk) -> float:
    """A lower bound from repeats: Chao's (1987) bias-corrected estimator over passes; needs two or more.

    N = S + (w - 1)/w q1 (q1 - 1) / (2 (q2 + 1)), q1 and q2 the tags heard by exactly one and two of w passes.
    """
    times = [sum(epc in one for one in walk.passes) for epc in _epcs(walk)]
    once, twice, passes = times.count(1), times.count(2), len(walk.passes)
    return len(times) + (passes - 1) / max(passes, 1) * once * (once - 1) / (2 * (twice + 1))


def observe(walk: Walk, epc: str, reads: int, rssi_dbm: float | None, at_pass: int = 0) -> None:
    """Add ``reads`` (1 or more) of a tag; passes count from 0, those beyond ``MOST_PASSES`` join the last.

    Where the reader does not tell the strength (``None``), it counts as a typical one.
    """
    at_pass = min(at_pass, MOST_PASSES - 1)
    while len(walk.passes) <= at_pass:
        walk.passes.append({})
    heard = walk.passes[at_pass].setdefault(epc, Heard())
    strength = _TYPICAL_DBM if rssi_dbm is None else rssi_dbm
    heard.reads += reads
    heard.total_dbm += reads * strength
    heard.squares += reads * strength**2
    heard.peak_dbm = max(heard.peak_dbm, strength)


def part(walk: Walk, first: int, passes: int) -> Walk:
    """The walk as if only ``passes`` of its passes had been walked; shares their records."""
    return Walk(walk.passes[first : first + passes])


def without(walk: Walk, epcs: Set[str]) -> Walk:
    """The walk as if these tags had not been heard."""
    return Walk([{epc: heard for epc, heard in one.items() if epc not in epcs} for one in walk.passes])


def learn(
    experience: Experience, place: str, walk: Walk, known: int | None = None, strays: Set[str] = frozenset()
) -> None:
    """Take a walk as a lesson: ``known`` tags were there, and of those heard ``strays`` do not belong.

    Without a known number the walk's own repeats stand in for it (:func:`chao`), and a single pass teaches nothing.
    Every run of consecutive passes counts, so that one long walk teaches how much a second and a third pass add.
    """
    for epc in _epcs(walk):
        _remember(experience.strays if epc in strays else experience.goods, _traits(walk, epc))
    kept = without(walk, strays)
    if known is None and len(walk.passes) < 2:
        return
    number = chao(kept) if known is None else float(known)
    for passes in range(1, len(walk.passes) + 1):
        lesson = _mean_lesson(place, kept, passes, number)
        if lesson is not None:
            experience.lessons.append(lesson)
    del experience.lessons[:-MOST_LESSONS]


def estimate(experience: Experience, place: str, walk: Walk) -> Population:
    """How many tags the place holds; never fewer than were heard and belong."""
    return populate(fit(experience.lessons), place, without(walk, strays_in(experience, walk)))


def populate(curve: Curve, place: str, walk: Walk) -> Population:
    """As :func:`estimate`, with a curve already fitted and the strays already taken out.

    N = heard / p; the doubt about log(-log(1 - p)) is normal: that of the curve and the scatter of one walk.
    """
    told = _told(place, walk)
    if told is None:
        return Population(0, 0.0, 0, 0)
    at = _design([told], curve.places)[0]
    centre = float(at @ curve.weights)
    doubt = sqrt(float(at @ curve.covariance @ at) + _scatter(centre, told.heard, curve.scatter))
    low, middle, high = (told.heard / _chance(centre + shift * doubt) for shift in (1.96, 0.0, -1.96))
    nodes, shares = np.polynomial.hermite_e.hermegauss(15)
    spread = [told.heard / _chance(centre + node * doubt) for node in nodes.tolist()]
    mean = float(np.average(spread, weights=shares))
    return Population(round(middle), max(mean, told.heard), int(low), -int(-high // 1))


def strays_in(experience: Experience, walk: Walk) -> set[str]:
    """The tags that look more like strays heard before than like tags that belong.

    Each kind is a normal distribution of four traits (log reads a pass, peak, mean and deviation of RSSI), weighed by
    how often it was heard (quadratic discriminant). Until 20 strays are known nothing is rejected: some tags that
    belong are weak as well, and to throw those away costs more than an unknown stray does.
    """
    if experience.strays.count < _LEAST_STRAYS or experience.goods.count < _LEAST_STRAYS:
        return set()
    epcs = _epcs(walk)
    if not epcs:
        return set()
    traits = np.array([_traits(walk, epc) for epc in epcs])
    odds = _log_weight(experience.strays, traits) - _log_weight(experience.goods, traits)
    return {epc for epc, better in zip(epcs, odds.tolist(), strict=True) if better > 0.0}


def fit(lessons: list[Lesson]) -> Curve:
    """The chance to hear a tag, p = 1 - exp(-exp(x b)): complementary log-log, x as in :func:`_design`.

    exp(x b) is the effective number of chances a tag had: passes that were independent would multiply it, tags that
    differ make its power of the number of passes less than one. Coefficients are a posterior mode under a wide
    normal prior, each place's own level around the common one; heard ~ quasi-binomial (McCullagh and Nelder 1989),
    whose scatter is learned from Pearson's statistic.
    """
    places = tuple(sorted({lesson.place for lesson in lessons}))
    prior = np.concatenate([_PRIOR, np.zeros(len(places))])
    precision = np.diag(np.concatenate([_PRIOR_SD, np.full(len(places), _PLACES_SD)]) ** -2)
    if not lessons:
        return Curve(places, prior, np.linalg.inv(precision), _SCATTER)
    design = _design(lessons, places)
    known = np.array([lesson.known for lesson in lessons])
    heard = np.minimum([lesson.heard for lesson in lessons], known)
    weights, scatter = prior, _SCATTER
    for _ in range(40):
        slope, curvature = _gradient(design, heard, known, weights, scatter)
        matrix = curvature + precision
        step = np.clip(np.linalg.solve(matrix, slope - precision @ (weights - prior)), -1.0, 1.0)
        weights = weights + step
        scatter = _learned_scatter(design, heard, known, weights)
        if np.abs(step).max() < 1e-7:
            break
    return Curve(places, weights, np.asarray(np.linalg.inv(matrix), dtype=np.float64), scatter)


def _epcs(walk: Walk) -> list[str]:
    return sorted({epc for one in walk.passes for epc in one})


def _traits(walk: Walk, epc: str) -> Array:
    """Log of reads a pass that heard it, peak, mean and standard deviation of RSSI."""
    reads = [one[epc] for one in walk.passes if epc in one]
    count = sum(heard.reads for heard in reads)
    mean = sum(heard.total_dbm for heard in reads) / count
    variance = sum(heard.squares for heard in reads) / count - mean**2
    peak = max(heard.peak_dbm for heard in reads)
    return np.array([log(count / len(reads)), peak, mean, sqrt(max(variance, 0.0))])


def _told(place: str, walk: Walk) -> Lesson | None:
    """What the passes together heard; nothing if they heard nothing."""
    records = [heard for one in walk.passes for heard in one.values()]
    if not records:
        return None
    reads = sum(heard.reads for heard in records)
    mean = sum(heard.total_dbm for heard in records) / reads
    return Lesson(place, len(walk.passes), len(_epcs(walk)), mean, log(reads / len(records)))


def _mean_lesson(place: str, walk: Walk, passes: int, known: float) -> Lesson | None:
    """The mean over all runs of ``passes`` consecutive passes."""
    starts = range(len(walk.passes) - passes + 1)
    told = [one for one in (_told(place, part(walk, first, passes)) for first in starts) if one is not None]
    if not told:
        return None
    heard = sum(one.heard for one in told) / len(starts)
    rssi = sum(one.rssi_dbm for one in told) / len(told)
    return Lesson(place, passes, heard, rssi, sum(one.log_reads for one in told) / len(told), known)


def _design(lessons: list[Lesson], places: tuple[str, ...]) -> Array:
    """Rows of 1, log of passes, mean RSSI and log of reads against typical ones, and which place it is."""
    common = [
        [1.0, log(one.passes), one.rssi_dbm - _TYPICAL_DBM, one.log_reads - _TYPICAL_LOG_READS] for one in lessons
    ]
    own = [[float(one.place == place) for place in places] for one in lessons]
    return np.hstack([np.array(common), np.array(own).reshape(len(lessons), len(places))])


def _chance(level: float) -> float:
    """1 - exp(-exp(level)), within what a walk can tell."""
    return -expm1(-exp(min(max(level, -6.0), 2.5)))


def _steepness(levels: Array) -> tuple[Array, Array]:
    """The chance to be heard and its derivative."""
    chances = np.exp(np.clip(levels, -6.0, 2.2))
    missed = np.exp(-chances)
    return 1.0 - missed, chances * missed


def _gradient(design: Array, heard: Array, known: Array, weights: Array, scatter: float) -> tuple[Array, Array]:
    """Slope and expected curvature of the quasi-likelihood (Fisher scoring)."""
    rate, steep = _steepness(design @ weights)
    variance = rate * (1.0 - rate) * scatter
    slope = design.T @ ((heard - known * rate) * steep / variance)
    return slope, design.T @ (design * (known * steep**2 / variance)[:, None])


def _learned_scatter(design: Array, heard: Array, known: Array, weights: Array) -> float:
    """Mean of Pearson's squared residuals, with a prior worth ``_SCATTER_WEIGHT`` lessons; at least 1."""
    rate, _ = _steepness(design @ weights)
    squares = (heard - known * rate) ** 2 / (known * rate * (1.0 - rate))
    return max((_SCATTER * _SCATTER_WEIGHT + float(squares.sum())) / (_SCATTER_WEIGHT + len(heard)), 1.0)


def _scatter(level: float, heard: float, scatter: float) -> float:
    """Variance of log(-log(1 - heard / N)) in one walk, by the delta method."""
    rate, steep = (float(one) for one in _steepness(np.array(level)))
    return scatter * rate * (1.0 - rate) / (heard / rate * steep**2)


def _remember(moments: Moments, traits: Array) -> None:
    moments.count += 1
    moments.sums = [old + new for old, new in zip(moments.sums, traits.tolist(), strict=True)]
    products = np.outer(traits, traits).ravel().tolist()
    moments.products = [old + new for old, new in zip(moments.products, products, strict=True)]


def _log_weight(moments: Moments, traits: Array) -> Array:
    """Log of the number of tags of this kind times their normal density, up to a constant."""
    mean = np.array(moments.sums) / moments.count
    spread = np.array(moments.products).reshape(_TRAITS, _TRAITS) / moments.count - np.outer(mean, mean)
    spread = spread + 0.05 * np.eye(_TRAITS)
    away = traits - mean
    squares = (away @ np.linalg.inv(spread) * away).sum(axis=1)
    return np.asarray(log(moments.count) - 0.5 * (squares + log(float(np.linalg.det(spread)))))
