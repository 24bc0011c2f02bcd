"""How well readers hear: learned per reader and zone, per tag, and per section of a sweep."""

from math import exp, log, pi, sqrt

import numpy as np

from inventory.stock.belief import recapture
from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.recapture import RATES, SPREADS
from inventory.stock.belief.state import Chain, Reader

_SHIFTS = np.array([-4.0, -3.0, -2.3, -1.8, -1.4, -1.1, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.9, 1.2])
_SHIFT_SD = 0.4
_SKIPPED_PRIOR = 0.02
_SELDOM_AGAIN = 2.0
SKIPPED = -30.0
_LEAST_TAGS = 3
_READERS_SD = 0.3
_FORGETTING = 0.995


def rate(chain: Chain, reader: Reader) -> float:
    """The reader's mean detection rate over tags: its own evidence around what all readers hear."""
    own = np.array(reader.rates) if reader.rates else np.zeros(len(RATES))
    logit = np.log(RATES / (1.0 - RATES))
    typical = chain_rate(chain)
    prior = -0.5 * ((logit - log(typical / (1.0 - typical))) / _READERS_SD) ** 2
    return _mean_rate(own + prior)


def chain_rate(chain: Chain) -> float:
    """The mean detection rate over all tags and readers."""
    return _mean_rate(np.logaddexp.reduce(recapture.posterior(chain), axis=(0, 1)))


def spread(chain: Chain) -> float:
    """The most likely spread of the tags' rates."""
    return float(SPREADS[int(np.argmax(np.logaddexp.reduce(recapture.posterior(chain), axis=(0, 2))))])


def _mean_rate(weights: Array) -> float:
    chances = np.exp(weights - weights.max())
    return float((chances * RATES).sum() / chances.sum())


def tag_rates(chain: Chain, reader: Reader, hits: Array, missed: Array) -> Array:
    """Each tag's detection rate after ``hits`` and ``missed`` sweeps while it was there."""
    mean, alike = rate(chain, reader), spread(chain)
    return (alike * mean + hits) / (alike + hits + missed)


def learn(chain: Chain, reader: Reader, looks: recapture.Looks, *, of_losses: bool) -> None:
    """Learn from looks at tags in the zone where they were last heard: of this reader, of all, and of losses."""
    told = recapture.likelihood(looks)
    losses, spreads, _ = np.unravel_index(int(np.argmax(recapture.posterior(chain) + told)), told.shape)
    if not of_losses:
        told = np.broadcast_to(told[losses], told.shape)
    chain.tags = _added(chain.tags, told.ravel(), 1.0)
    chain.loss_per_day = recapture.loss_per_day(chain)
    reader.rates = _added(reader.rates, told[losses, spreads], _FORGETTING)


def _added(known: list[float], told: Array, kept: float) -> list[float]:
    after = (kept * np.array(known) if known else 0.0) + told
    return [max(weight, -80.0) for weight in (after - after.max()).tolist()]


def section_shift(present: Array, rates: Array, heard: Mask, stray: float, bad: int = 0) -> float:
    """The common logit shift of the tags of one section in one sweep; ``SKIPPED`` if nobody went there.

    ``present`` is each tag's probability of being in the zone before the sweep. Maximum a posteriori
    over a grid, the shift normal about 0. It went badly ``bad`` times in a row before: each time it is less
    likely that it did so again, and more that what is not heard is not there.
    """
    if len(present) < _LEAST_TAGS:
        return 0.0
    logit = np.log(rates / (1.0 - rates))
    told = present * (1.0 / (1.0 + np.exp(-(logit + _SHIFTS[:, None]))))
    told = told + (1.0 - present) * stray
    likelihood = np.log(np.where(heard, told, 1.0 - told)).sum(axis=1)
    sd = np.where(np.abs(_SHIFTS) > 1.0, 2 * _SHIFT_SD, _SHIFT_SD)
    likelihood += -0.5 * (_SHIFTS / sd) ** 2 * (1 + bad) - np.log(sd / _SHIFT_SD) + log((1 - _SKIPPED_PRIOR) * 0.2)
    nobody = float(np.log(np.where(heard, stray, 1.0 - stray)).sum()) + log(_SKIPPED_PRIOR) - bad * _SELDOM_AGAIN
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


def own(reader: Reader, rssi: float | None) -> float:
    """How likely a tag heard at ``rssi`` dBm is of the zone by its loudness alone, were half of them strays."""
    its, stray = loudness(reader, rssi)
    return its / (its + stray)


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
