"""How well readers hear: learned per reader and zone, per tag, and per section of a sweep."""

from math import exp, log, pi, sqrt

import numpy as np

from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.state import Chain, Reader

SPREADS = (1.0, 3.0, 10.0, 40.0, 200.0)
"""How alike tags are: a tag's detection rate is Beta(spread * p, spread * (1 - p)); the spread is learned."""

RATES = np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.83, 0.86, 0.89, 0.92, 0.94, 0.96, 0.975, 0.99])
"""Mean detection rates that are weighed against each other."""

_RATE_PRIOR = -0.5 * ((np.log(RATES / (1.0 - RATES)) - 2.4) / 1.2) ** 2
_SPREAD_PRIOR = np.log([0.1, 0.4, 0.2, 0.15, 0.15])
_SHIFTS = np.array([-4.0, -3.0, -2.3, -1.8, -1.4, -1.1, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.9, 1.2])
_SHIFT_SD = 0.4
_SKIPPED_PRIOR = 0.02
SKIPPED = -30.0
_LEAST_TAGS = 3
_READERS_SD = 0.3
_FORGETTING = 0.995
_LONGEST_RUN = 12
MILLISECONDS_PER_DAY = 86_400_000


def rate(chain: Chain, reader: Reader) -> float:
    """The reader's mean detection rate over tags: its own evidence around what all readers hear."""
    own = np.array(reader.rates) if reader.rates else np.zeros(len(RATES))
    logit = np.log(RATES / (1.0 - RATES))
    typical = chain_rate(chain)
    prior = -0.5 * ((logit - log(typical / (1.0 - typical))) / _READERS_SD) ** 2
    return _mean_rate(own + prior)


def chain_rate(chain: Chain) -> float:
    """The mean detection rate over all tags and readers."""
    return _mean_rate(np.logaddexp.reduce(_table(chain), axis=0))


def spread(chain: Chain) -> float:
    """The most likely spread of the tags' rates."""
    return SPREADS[int(np.argmax(np.logaddexp.reduce(_table(chain), axis=1)))]


def _mean_rate(weights: Array) -> float:
    chances = np.exp(weights - weights.max())
    return float((chances * RATES).sum() / chances.sum())


def _table(chain: Chain) -> Array:
    """Log posterior by spread and rate."""
    told = np.array(chain.tags).reshape(len(SPREADS), len(RATES)) if chain.tags else 0.0
    return np.asarray(told + _SPREAD_PRIOR[:, None] + _RATE_PRIOR)


def tag_rates(chain: Chain, reader: Reader, hits: Array, missed: Array) -> Array:
    """Each tag's detection rate after ``hits`` and ``missed`` sweeps while it was there."""
    mean, alike = rate(chain, reader), spread(chain)
    return (alike * mean + hits) / (alike + hits + missed)


def learn(chain: Chain, reader: Reader, present: Array, hits: Array, missed: Array, heard: Mask) -> None:
    """Learn from a look at tags that were in the zone with probability ``present`` before it.

    A partial likelihood: which tags count is decided by the past alone, so that it is not biased by what was
    heard. What is told of a tag is beta-binomial in its history.
    """
    alike = np.array(SPREADS)[:, None, None]
    told = present * (alike * RATES[:, None] + hits) / (alike + hits + missed)
    _add(chain, reader, np.log(np.where(heard, told, 1.0 - told)).sum(axis=2))


def learn_again(chain: Chain, reader: Reader, hits: Array, misses: Array, run: Array) -> None:
    """Learn from tags that were heard now, in the zone where they were before, after ``run`` misses.

    Of these it is known that the misses were misses: others may have left. That they came to be heard again is a
    condition: with s the share of units that stays between two sweeps, a look is a miss with y = (1 - p) s and the
    hit with 1 - y.
    """
    alike = np.array(SPREADS)[:, None, None]
    stays = 1.0 - _leaving(chain, reader)
    likelihood = np.zeros((len(SPREADS), len(RATES)))
    for look in range(min(int(run.max()), _LONGEST_RUN) + 1):
        told = (alike * RATES[:, None] + hits) / (alike + hits + misses + look)
        miss = (1.0 - told) * stays
        likelihood += np.where(run > look, np.log(miss), np.where(run == look, np.log1p(-miss), 0.0)).sum(axis=2)
    _add(chain, reader, likelihood)


def _add(chain: Chain, reader: Reader, likelihood: Array) -> None:
    chain.tags = _added(chain.tags, likelihood.ravel(), 1.0)
    reader.rates = _added(reader.rates, likelihood[SPREADS.index(spread(chain))], _FORGETTING)


def _leaving(chain: Chain, reader: Reader) -> float:
    """Share of the units that leave between two sweeps of this reader."""
    a_day = (chain.left + max(chain.lost, 0.0) + 1.0) / (chain.unit_days + 30.0)
    return min(1.0 - exp(-a_day * min(max(reader.interval_ms / MILLISECONDS_PER_DAY, 0.01), 30.0)), 0.8)


def _added(known: list[float], told: Array, kept: float) -> list[float]:
    after = (kept * np.array(known) if known else 0.0) + told
    return [max(weight, -80.0) for weight in (after - after.max()).tolist()]


def section_shift(present: Array, rates: Array, heard: Mask, stray: float) -> float:
    """The common logit shift of the tags of one section in one sweep; ``SKIPPED`` if nobody went there.

    ``present`` is each tag's probability of being in the zone before the sweep. Maximum a posteriori
    over a grid, the shift normal about 0.
    """
    if len(present) < _LEAST_TAGS:
        return 0.0
    logit = np.log(rates / (1.0 - rates))
    told = present * (1.0 / (1.0 + np.exp(-(logit + _SHIFTS[:, None]))))
    told = told + (1.0 - present) * stray
    likelihood = np.log(np.where(heard, told, 1.0 - told)).sum(axis=1)
    sd = np.where(np.abs(_SHIFTS) > 1.0, 2 * _SHIFT_SD, _SHIFT_SD)
    likelihood += -0.5 * (_SHIFTS / sd) ** 2 - np.log(sd / _SHIFT_SD) + log((1 - _SKIPPED_PRIOR) * 0.2)
    nobody = float(np.log(np.where(heard, stray, 1.0 - stray)).sum()) + log(_SKIPPED_PRIOR)
    best = int(np.argmax(likelihood))
    shift: float = _SHIFTS[best].item()
    return SKIPPED if nobody > likelihood[best].item() else shift


def loudness(reader: Reader, rssi: float | None) -> tuple[float, float]:
    """Density of a peak RSSI in dBm for a tag of the zone and for a stray one; equal where it was not told."""
    if rssi is None or rssi < -1e9:
        return 1.0, 1.0
    return (
        _normal(rssi, reader.own_dbm, reader.own_variance) + 1e-6,
        _normal(rssi, reader.stray_dbm, reader.stray_variance) + 1e-6,
    )


def _normal(value: float, mean: float, variance: float) -> float:
    return exp(-0.5 * (value - mean) ** 2 / variance) / sqrt(2.0 * pi * variance)


def learn_loudness(reader: Reader, rssi: float, own: float) -> None:
    """One tag heard at ``rssi`` dBm that was of the zone with probability ``own``."""
    if own > 0.95:
        reader.own_weight = min(reader.own_weight + 1.0, 2_000.0)
        step = 1.0 / reader.own_weight
        change = rssi - reader.own_dbm
        reader.own_dbm += step * change
        reader.own_variance += step * (change * change - reader.own_variance)
    elif own < 0.05:
        reader.stray_weight = min(reader.stray_weight + 1.0, 2_000.0)
        step = 1.0 / reader.stray_weight
        change = rssi - reader.stray_dbm
        reader.stray_dbm += step * change
        reader.stray_variance += step * (change * change - reader.stray_variance)
