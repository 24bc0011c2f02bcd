"""A particle filter that is told every parameter: what the best belief could know.

It knows the rates of sale and theft, each tag's detection rate, which tags hang on one unit, which units are untagged,
how each sweep was shifted and what it skipped, which reads are strays, and how goods are shared between zones. It does
not know what nobody tells: theft, wrong receipts, wrong scans, and which unit a sale took. (It is told which unit a
return brought back.) Cameras it does not see.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]

PARTICLES = 300
_WRONG_RECEIPT = 0.03
_MISSCANNED = 0.01
_IMPOSSIBLE = 1e-6


@dataclass
class Shelf:
    """The particles of one SKU at one place: which of its units are there, and how many more sales than that left."""

    random: np.random.Generator
    sells_a_day: float
    stolen_a_day: float
    units: list[object] = field(default_factory=list)
    there: Bools = field(default_factory=lambda: np.zeros((PARTICLES, 0), dtype=np.bool_))
    sold: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(PARTICLES, dtype=np.int64))
    weights: Array = field(default_factory=lambda: np.full(PARTICLES, 1 / PARTICLES))
    days: float = 0.0

    def arrive(self, units: list[object], extra: object | None, *, wrong: bool) -> None:
        """``units`` are on the papers; one may be missing, and ``extra`` may have come beside them."""
        came = np.ones((PARTICLES, len(units)), dtype=np.bool_)
        more = np.zeros((PARTICLES, 1), dtype=np.bool_)
        if wrong and units:
            draw = self.random.random(PARTICLES)
            short = np.flatnonzero(draw < _WRONG_RECEIPT / 2)
            came[short, self.random.integers(0, len(units), len(short))] = False
            more[:, 0] = draw > 1 - _WRONG_RECEIPT / 2
        self.units += [*units, extra]
        self.there = np.concatenate([self.there, came, more], axis=1)

    def sell(self) -> None:
        """One unit was sold; which one, the next sweep tells better than a guess."""
        self._weigh(np.where(self.there.sum(axis=1) > self.sold, 1.0, 1e-3))
        self.sold += self.random.random(PARTICLES) > _MISSCANNED

    def take(self, unit: object) -> bool:
        """The till named this very unit; False if it is not one of these."""
        if unit not in self.units:
            return False
        place = self.units.index(unit)
        self._weigh(np.where(self.there[:, place], 1.0, _IMPOSSIBLE))
        self.there[:, place] = False
        return True

    def bring_back(self, unit: object) -> None:
        """This unit is back; the sale that had taken it is no longer to be explained by another."""
        if unit in self.units:
            place = self.units.index(unit)
            self.sold -= self.there[:, place] & (self.sold > 0)
            self.there[:, place] = True
        else:
            self.units.append(unit)
            self.there = np.concatenate([self.there, np.ones((PARTICLES, 1), dtype=np.bool_)], axis=1)

    def pass_time(self, days: float) -> None:
        """Days without anything told; what they mean is weighed by the next sweep."""
        self.days += days

    def sweep(self, heard: Bools, missed: Array) -> None:
        """``heard`` units of all, and each unit's probability of not being heard though it is there."""
        absent = heard & ~self.there
        self._weigh(_IMPOSSIBLE ** absent.sum(axis=1))
        self.there |= heard
        self._place_sales(heard)
        gone = 1 - (1 - min(self._leaves_a_day(), 0.9)) ** self.days
        silent = self.there & ~heard
        stays = (1 - gone) * missed
        told = np.where(silent, gone + stays, 1.0).prod(axis=1)
        leaves = silent & (self.random.random(self.there.shape) < gone / np.maximum(gone + stays, 1e-12))
        self.there &= ~leaves
        some = self.there.any(axis=1)
        self._weigh(told * np.where(some, np.exp(-self.sells_a_day * self.days), 1.0))
        self.days = 0.0
        self._resample()

    def _leaves_a_day(self) -> float:
        counts = self.there.sum(axis=1)
        return self.stolen_a_day + _MISSCANNED * self.sells_a_day / max(float((self.weights * counts).sum()), 1.0)

    def _place_sales(self, heard: Bools) -> None:
        """Which units the sales took: none that was heard now. Weight: the share of such among all that were there."""
        if not self.units:
            self.sold[:] = 0  # sold though nothing is left that could be: wrong scans
        while (rows := np.flatnonzero(self.sold > 0)).size:
            silent = self.there[rows] & ~heard
            candidates, whole = silent.sum(axis=1), self.there[rows].sum(axis=1)
            factor = np.ones(PARTICLES)
            factor[rows] = np.where(candidates > 0, candidates / np.maximum(whole, 1), 1e-3)
            pick = self.random.random(rows.size) * np.maximum(candidates, 1)
            chosen = (silent.cumsum(axis=1) > pick[:, None]).argmax(axis=1)
            some = candidates > 0
            self.there[rows[some], chosen[some]] = False
            self.sold[rows] -= 1
            self._weigh(factor)

    def _weigh(self, factor: Array) -> None:
        weights = self.weights * factor
        whole = weights.sum()
        if whole > 1e-250:
            self.weights = weights / whole

    def _resample(self) -> None:
        if 1.0 / float((self.weights**2).sum()) < PARTICLES / 2:
            points = (self.random.random() + np.arange(PARTICLES)) / PARTICLES
            chosen = np.minimum(np.searchsorted(np.cumsum(self.weights), points), PARTICLES - 1)
            self.there, self.sold = self.there[chosen], self.sold[chosen]
            self.weights = np.full(PARTICLES, 1 / PARTICLES)
        kept = np.asarray(self.there.any(axis=0))
        if not kept.all():
            self.there = self.there[:, kept]
            self.units = [unit for unit, one in zip(self.units, list(kept), strict=True) if one]

    def likeliest(self) -> int:
        """The most probable number of units now."""
        gone = 1 - (1 - min(self._leaves_a_day(), 0.9)) ** self.days
        counts = np.maximum(self.there.sum(axis=1) - self.sold, 0)
        counts = counts - self.random.binomial(counts, gone)
        silence = np.where(counts > 0, np.exp(-self.sells_a_day * self.days), 1.0)
        return int(np.bincount(counts, self.weights * silence).argmax())
