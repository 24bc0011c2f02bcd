"""What is kept of every series: exponentially weighted sales at several rates, and whether it is on the shelf."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from inventory.demand.panel.arrays import Array, Index, Mask, grown, ratio
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

    KEPT: ClassVar[tuple[str, ...]] = (
        *("_started", "_units", "_totals", "_gated_units", "_gated_totals"),
        *("_silence", "_last", "rate", "step_square"),
    )

    def __init__(self, panel: Panel) -> None:
        n = len(panel.aggregate.of)
        self._panel = panel
        self._started = np.zeros(n, dtype=bool)
        self._units, self._totals = np.zeros((2, len(DAYS), n), dtype=np.float32)
        self._gated_units, self._gated_totals = np.zeros((2, 2, n), dtype=np.float32)
        self._silence = np.zeros(n)
        self._last = np.zeros(n)
        self.rate = np.zeros(n)
        """Units a day while on the shelf."""
        self.step_square = np.zeros(n)
        """Mean squared daily step."""

    def grow(self, panel: Panel) -> None:
        """More series at the end; nothing has been heard of them yet."""
        n = len(panel.aggregate.of)
        self._panel = panel
        self._started = grown(self._started, n)
        self._units, self._totals = grown(self._units, n), grown(self._totals, n)
        self._gated_units, self._gated_totals = grown(self._gated_units, n), grown(self._gated_totals, n)
        self._silence, self._last = grown(self._silence, n), grown(self._last, n)
        self.rate, self.step_square = grown(self.rate, n), grown(self.step_square, n)

    def divide(self, members: Index, share: float) -> None:
        """These series are now in an aggregate that is a share of the one they were in."""
        self._totals[:, members] *= share
        self._gated_totals[:, members] *= share

    def learn(self, units: Array, totals: Array, heard: Mask) -> None:
        """Units of the series (n,) and of their aggregates, per series (n,); those not ``heard`` of wait."""
        self._started |= units > 0.0
        self._silence = np.where(units > 0.0, 0.0, self._silence + heard)
        shelved = self._started & heard & ~self._off()
        self.rate += (units - self.rate) * (shelved / 60.0)
        self.step_square += ((units - self._last) ** 2 - self.step_square) * ((self._started & heard) / 365.0)
        self._last = np.where(heard, units, self._last)
        rates = _RATES * heard
        self._units += rates * (units - self._units)
        self._totals += rates * (totals * self._started - self._totals)
        gate = _GATED_RATES * shelved
        self._gated_units += gate * (units - self._gated_units)
        self._gated_totals += gate * (totals - self._gated_totals)

    def share(self, days: int) -> Array:
        at = DAYS.index(days)
        return _ratio(self._units[at], self._totals[at])

    def features(self) -> Array:
        """Candidate shares, (n, 13); the first six are the plain ones."""
        off, quiet = self._off(), self._silence > 28.0
        shares = _ratio(self._units, self._totals)
        gated = _ratio(self._gated_units, self._gated_totals)
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


def _ratio(above: NDArray[np.float32], below: NDArray[np.float32]) -> Array:
    """Of what is kept in short."""
    return ratio(above.astype(np.float64), below.astype(np.float64))
