"""What is kept of every series: exponentially weighted sales at several rates, and whether it is on the shelf."""

import numpy as np

from inventory.demand.panel.arrays import Array, Mask, ratio
from inventory.demand.panel.hierarchy import Panel

DAYS = (5, 14, 28, 56, 112, 224)
"""Effective memory of the shares; a weight of age a days is (1 - 1/days)^a."""
_RATES = 1.0 / np.array(DAYS)[:, None]
_GATED_DAYS = (28, 112)
_GATED_RATES = 1.0 / np.array(_GATED_DAYS)[:, None]
_EXPECTED_MISSED = 5.0


class ItemState:
    """Running state of n series in their aggregates.

    A share is the weighted units of a series over the weighted units of its
    aggregate, both counted from the series' first sale on. A series whose silence should have
    brought five sales is taken to be off the shelf: its gated shares wait.
    """

    def __init__(self, panel: Panel) -> None:
        n = len(panel.aggregate.of)
        self._panel = panel
        self._started = np.zeros(n, dtype=bool)
        self._units, self._totals = np.zeros((len(DAYS), n)), np.zeros((len(DAYS), n))
        self._gated_units, self._gated_totals = np.zeros((2, n)), np.zeros((2, n))
        self._silence = np.zeros(n)
        self._last = np.zeros(n)
        self.rate = np.zeros(n)
        """Units a day while on the shelf."""
        self.step_square = np.zeros(n)
        """Mean squared daily step."""

    def learn(self, units: Array, totals: Array) -> None:
        """Units of the series (n,) and of their aggregates, per series (n,)."""
        self._started |= units > 0.0
        self._silence = np.where(units > 0.0, 0.0, self._silence + 1.0)
        shelved = self._started & ~self._off()
        self.rate += (units - self.rate) * (shelved / 60.0)
        self.step_square += ((units - self._last) ** 2 - self.step_square) * (self._started / 365.0)
        self._last = units
        self._units += _RATES * (units - self._units)
        self._totals += _RATES * (totals * self._started - self._totals)
        gate = _GATED_RATES * shelved
        self._gated_units += gate * (units - self._gated_units)
        self._gated_totals += gate * (totals - self._gated_totals)

    def share(self, days: int) -> Array:
        at = DAYS.index(days)
        return ratio(self._units[at], self._totals[at])

    def features(self) -> Array:
        """Candidate shares, (n, 13); the first six are the plain ones."""
        off, quiet = self._off(), self._silence > 28.0
        shares = ratio(self._units, self._totals)
        gated = ratio(self._gated_units, self._gated_totals)
        chain = self._chain_shares()
        rise = [np.clip(ratio(chain[at], chain[3]), 0.1, 5.0) for at in (1, 2)]
        return np.column_stack(
            [*shares, *gated, off * gated[1], off * shares[2], quiet * gated[1], *(shares[3] * more for more in rise)]
        )

    def _off(self) -> Mask:
        off: Mask = self._silence * self.rate > _EXPECTED_MISSED
        return off

    def _chain_shares(self) -> Array:
        """Share of the item in the sales of all aggregates that sell it, (rates, n)."""
        item = self._panel.item
        return np.stack(
            [ratio(item.sum(u), item.sum(t))[item.of] for u, t in zip(self._units, self._totals, strict=True)]
        )
