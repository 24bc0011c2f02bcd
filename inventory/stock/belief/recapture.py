"""How well tags are heard and how often units are lost, learned together from tags heard again and not again.

A tag that is missed may be there unheard or be gone. Only its later sweeps tell which, so that detection and loss
have to be weighed against each other at once: the capture-recapture model of Cormack, Jolly and Seber (Seber 1982,
The Estimation of Animal Abundance, chapter 5), with sales as known deaths and each tag's own detection rate
Beta(spread * p, spread * (1 - p)). What one look says is weighed given all earlier ones, so that nothing counts twice.
"""

import numpy as np

from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.state import Chain

LOSSES = 0.0005 * 1.5 ** np.arange(12)
"""Shares of the units lost unseen a day that are weighed against each other: 0.0005 to 0.043."""

SPREADS = np.array([1.0, 3.0, 10.0, 40.0, 200.0])
"""How alike tags are."""

RATES = np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.83, 0.86, 0.89, 0.92, 0.94, 0.96, 0.975, 0.99])
"""Mean detection rates that are weighed against each other."""

LONGEST_RUN = 8
_LOSS_PRIOR, _LOSS_PRIOR_SD = 0.005, 1.0
_SPREAD_PRIOR = np.log([0.1, 0.4, 0.2, 0.15, 0.15])
_RATE_PRIOR = -0.5 * ((np.log(RATES / (1.0 - RATES)) - 2.4) / 1.2) ** 2
_PRIOR = (
    (-0.5 * (np.log(LOSSES / _LOSS_PRIOR) / _LOSS_PRIOR_SD) ** 2)[:, None, None] + _SPREAD_PRIOR[:, None] + _RATE_PRIOR
)
_LEAST = 1e-9
_BACK_AGAIN = 0.01
"""How often what was gone is heard all the same: it was returned, or carried away and back."""


class Looks:
    """Looks at tags in the zone where each was last heard; all columns have one entry a tag.

    ``days`` since it was heard, ``unsold`` the chance that no sale since then was its, ``here`` that it is still in
    the zone, ``hits`` and ``misses`` before, ``run`` the misses since, ``losing`` how much faster than the chain's
    mean its SKU is lost.
    """

    def __init__(self, columns: dict[str, Array], heard: Mask) -> None:
        self.days, self.unsold, self.here = columns["days"], columns["unsold"], columns["here"]
        self.hits, self.misses, self.run, self.losing = (
            columns["hits"],
            columns["misses"],
            columns["run"],
            columns["losing"],
        )
        self.heard = heard

    def of(self, chosen: Mask) -> "Looks":
        """Those that are chosen."""
        names = ("days", "unsold", "here", "hits", "misses", "run", "losing")
        return Looks({name: getattr(self, name)[chosen] for name in names}, self.heard[chosen])


def likelihood(looks: Looks) -> Array:
    """Log likelihood of the looks, shape (losses, spreads, rates)."""
    told = np.zeros((len(LOSSES), len(SPREADS), len(RATES)))
    at_once: Mask = looks.heard & (looks.run == 0)
    if at_once.any():
        told += _heard_at_once(looks.of(at_once))
    if not at_once.all():
        told += _otherwise(looks.of(~at_once))
    return told


def _rate(looks: Looks, more_misses: Array | float) -> Array:
    """Each tag's detection rate, shape (1, spreads, rates, tags)."""
    alike = SPREADS[:, None, None]
    rate: Array = (alike * RATES[:, None] + looks.hits) / (alike + looks.hits + looks.misses + more_misses)
    return np.asarray(rate[None])


def _heard_at_once(looks: Looks) -> Array:
    """log(stays * here * rate), which falls apart into its factors."""
    lost = np.asarray(-LOSSES * float((looks.losing * looks.days).sum()))
    return np.asarray(lost[:, None, None] + np.log(_rate(looks, 0.0)).sum(axis=3))


def _otherwise(looks: Looks) -> Array:
    """log(present * rate) or log(1 - present * rate), with the presence that the run of misses leaves."""
    steps = looks.run + 1.0
    each: Array = looks.unsold ** (1.0 / steps) * np.exp(-LOSSES[:, None] * looks.losing * looks.days / steps)
    stays = each[:, None, None, :]
    present = stays * looks.here
    for look in range(int(looks.run.max())):
        rate = _rate(looks, float(look))
        missed = present * (1.0 - rate) / (1.0 - present * rate)
        present = np.where(looks.run > look, missed * stays, present)
    told = present * _rate(looks, looks.run) + (1.0 - present) * _BACK_AGAIN
    return np.asarray(np.log(np.clip(np.where(looks.heard, told, 1.0 - told), _LEAST, 1.0)).sum(axis=3))


def posterior(chain: Chain) -> Array:
    """Log posterior, shape (losses, spreads, rates), up to a constant."""
    told = np.array(chain.tags).reshape(_PRIOR.shape) if chain.tags else 0.0
    return np.asarray(told + _PRIOR)


def loss_per_day(chain: Chain) -> float:
    """Share of all units that is lost unseen a day: the mode, by a parabola through the grid's best points."""
    weights = np.logaddexp.reduce(posterior(chain), axis=(1, 2))
    best = min(max(int(np.argmax(weights)), 1), len(LOSSES) - 2)
    low, middle, high = weights[best - 1 : best + 2].tolist()
    bend = low - 2.0 * middle + high
    step = 0.5 * (low - high) / bend if bend < 0.0 else 0.0
    return float(LOSSES[best] * 1.5 ** min(max(step, -1.0), 1.0))
