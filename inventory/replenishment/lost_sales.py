"""Orders of many series together where demand that finds no stock is lost, looking several periods ahead.

The stock that will be there is carried through the lead time as a distribution, exactly (convolution by
FFT); no paths are drawn. The newsvendor at arrival, shortage / (shortage + holding), is exact for
the last order. Before, it orders too much (Morton 1971): what is left over may lie longer than a
period. How long follows from the forecast: an order is cut while the expected cost of all periods told
falls, the later orders each being the newsvendor's answer to the stock that this one leaves. That answer
knows nothing of what comes until it is given, so far periods make the plan order too little.

Here many series at once, with a lead time that is certain, in whole periods, and a forecast of each period of its own;
``policies/least_cost.py`` asks it as a policy of the rules, for one series after a random lead time.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import fft, special

Array = npt.NDArray[np.float64]
Units = npt.NDArray[np.int64]

_WIDTHS = (32, 64, 128, 256, 512, 1024, 2048, 4096)
_DEVIATIONS = 10.0
_ROUNDING = 1e-10
_LEAST_GAIN = 1e-9
_FINE = 256
"""Up to as many units orders are cut one by one from the first on."""


class Costs(NamedTuple):
    """Of a unit left at a period's end, and of a unit of demand lost."""

    holding: float
    shortage: float

    @property
    def critical_ratio(self) -> float:
        """
        >>> round(Costs(0.2, 1.0).critical_ratio, 4)
        0.8333
        """
        return self.shortage / (self.shortage + self.holding)


def order_quantities(on_hand: Units, arrivals: Units, mean: Array, variance: Array, costs: Costs) -> Units:
    """What n series order now, (n,).

    ``on_hand`` (n,) and the units (n, L) that arrive before the order does, each in time for its period's
    demand; the order arrives in period L. ``mean`` and ``variance`` (n, H), H > L, of the demand of the
    coming periods, independent, negative binomial (Poisson where the variance is no larger). In the
    periods after L further orders arrive; what is left after period H costs nothing more.
    """
    room = on_hand + arrivals.sum(axis=1) + (mean + _DEVIATIONS * np.sqrt(np.maximum(variance, mean))).max(axis=1) + 8.0
    if room.max(initial=0.0) > _WIDTHS[-1]:
        raise ValueError(f"stock and demand of a period may be {_WIDTHS[-1]} units at most")
    orders = np.zeros(len(on_hand), dtype=np.int64)
    narrower = 0
    for width in _WIDTHS:
        at = np.flatnonzero((room > narrower) & (room <= width))
        if len(at):
            ahead = Ahead(mean[at], variance[at], width, costs)
            orders[at] = ahead.orders(ahead.projected(on_hand[at], arrivals[at]), arrivals.shape[1])
        narrower = width
    return orders


def order_quantity(stock: Array, mean: Array, variance: Array, costs: Costs) -> tuple[int, float]:
    """What one series orders now, and the expected cost of its periods with it.

    ``stock`` are probabilities of 0, 1, ... units before the order, which arrives at once; ``mean`` and ``variance``
    (H,) as above.

    Three Poisson units a period, each lost one costs five times what one left over does: as the newsvendor says, 5, if
    this is the only order; 4, if another may follow:

    >>> nothing, costs = np.array([1.0]), Costs(0.2, 1.0)
    >>> [order_quantity(nothing, np.full(n, 3.0), np.full(n, 3.0), costs)[0] for n in (1, 2)]
    [5, 4]
    """
    reach = float((mean + _DEVIATIONS * np.sqrt(np.maximum(variance, mean))).max()) + 8.0
    width = max(1 << math.ceil(math.log2(len(stock) + reach)), _WIDTHS[0])
    rows = np.zeros((1, width))
    rows[0, : len(stock)] = stock
    ahead = Ahead(mean[None], variance[None], width, costs)
    order = ahead.orders(rows, 0)
    return int(order[0]), float(ahead.cost(rows, 0, np.zeros(1, dtype=np.int64), order)[0])


class Ahead:
    """The demand of the coming periods, as far as ``width`` units, and what orders for it cost."""

    def __init__(self, mean: Array, variance: Array, width: int, costs: Costs) -> None:
        demand = probabilities(mean, variance, width)
        self._mean = demand @ np.arange(width)
        self._spectra = np.conj(fft.rfft(demand, 2 * width, axis=-1))
        self._width, self._costs = width, costs

    def projected(self, on_hand: Units, arrivals: Units) -> Array:
        """Probabilities of 0, 1, ... units, (n, width), left before the order arrives."""
        stock = np.zeros((len(on_hand), self._width))
        stock[np.arange(len(on_hand)), on_hand] = 1.0
        rows = np.arange(len(on_hand))
        for period in range(arrivals.shape[1]):
            stock = _left(self._balance(stock, period, rows), arrivals[:, period])
        return stock

    def orders(self, stock: Array, period: int) -> Units:
        """Of each series, for the stock projected at the begin of the period."""
        rows = np.arange(len(stock))
        best = self._newsvendor(self._balance(stock, period, rows))
        cost = self.cost(stock, period, rows, best)
        step = max(self._width // _FINE, 1)
        while step:
            self._cut(stock, period, best, cost, step)
            step //= 8
        return best

    def _cut(self, stock: Array, period: int, best: Units, cost: Array, step: int) -> None:
        """Orders and what they cost, (rows,), cut by the step as often as that costs less."""
        rows = np.arange(len(stock))
        while len(rows := rows[best[rows] >= step]):
            fewer = self.cost(stock[rows], period, rows, best[rows] - step)
            better = fewer < cost[rows] - _LEAST_GAIN
            rows = rows[better]
            best[rows] -= step
            cost[rows] = fewer[better]

    def cost(self, stock: Array, first: int, rows: Units, order: Units) -> Array:
        """Expected cost of the periods from the first on, (rows,); later orders are the newsvendor's."""
        total = np.zeros(len(rows))
        units = np.arange(self._width)
        for period in range(first, self._mean.shape[1]):
            balance = self._balance(stock, period, rows)
            order = order if period == first else self._newsvendor(balance)
            left = _left(balance, order)
            lost = self._mean[rows, period] - stock @ units - order + left @ units
            total += self._costs.holding * (left @ units) + self._costs.shortage * lost
            stock = left
        return total

    def _newsvendor(self, balance: Array) -> Units:
        """Smallest order with which the demand is served with the critical ratio's probability."""
        short = np.cumsum(balance[:, self._width :: -1], axis=1)
        served = 1.0 - (short[:, -1:] - short)
        reached: Units = (served < self._costs.critical_ratio - _ROUNDING).sum(axis=1)
        return reached

    def _balance(self, stock: Array, period: int, rows: Units) -> Array:
        """P(stock - demand = v), (rows, 2 width); v = -width, ..., width - 1."""
        spectrum = fft.rfft(stock, 2 * self._width, axis=1) * self._spectra[rows, period]
        circle = np.maximum(fft.irfft(spectrum, 2 * self._width, axis=1), 0.0)
        return np.roll(circle, self._width, axis=1)


def probabilities(mean: Array, variance: Array, width: int) -> Array:
    """Negative binomial probabilities of 0, ..., width - 1 units, (..., width); the rest is counted at the last.

    >>> probabilities(np.array([0.0, 1.0]), np.array([0.0, 2.0]), 3).round(3).tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.25, 0.25]]
    """
    mean = np.maximum(mean, _ROUNDING)[..., None]
    spread = np.maximum(variance[..., None] / mean, 1.0 + 1e-6)
    size = mean / (spread - 1.0)
    units = np.arange(width, dtype=np.float64)
    logs = special.gammaln(units + size) - special.gammaln(size) - special.gammaln(units + 1.0)
    pmf: Array = np.exp(logs - size * np.log(spread) + units * np.log1p(-1.0 / spread))
    pmf[..., -1] += np.maximum(1.0 - pmf.sum(axis=-1), 0.0)
    return pmf


def _left(balance: Array, arriving: Units) -> Array:
    """(stock + arriving - demand)+ from the probabilities of stock - demand; beyond the last counts there."""
    width = balance.shape[1] // 2
    at = np.arange(width) - arriving[:, None] + width
    left: Array = np.where(at >= 0, np.take_along_axis(balance, np.maximum(at, 0), axis=1), 0.0)
    none = np.where(np.arange(2 * width) <= at[:, :1], balance, 0.0).sum(axis=1)
    left[:, 0] = none
    left[:, -1] += np.maximum(1.0 - left.sum(axis=1), 0.0)
    return left
