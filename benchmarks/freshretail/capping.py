"""Stock-outs made on days that had none, so that the truth is known."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.freshretail.panel import Panel

SHARE_OF_FREE_DAYS = 0.4
STOCK = (0.2, 1.1)  # of the series' mean day


def cap(panel: Panel, way: str, seed: int) -> tuple[Panel, NDArray[np.bool_]]:
    """The panel with hidden hours, and which days (series, days) were capped.

    ``stock``: hours after the one in which a drawn stock runs out are hidden, that hour's sales kept whole.
    ``time``: hidden from a drawn hour on, blind to demand.
    """
    random = np.random.default_rng(seed)
    picked = panel.free & (random.random(panel.free.shape) < SHARE_OF_FREE_DAYS)
    shown = _before_sold_out(panel, random) if way == "stock" else _before_an_hour(panel, random)
    shown |= ~picked[:, :, None]
    in_stock = panel.in_stock & shown
    return replace(panel, sales=panel.sales * in_stock, in_stock=in_stock), picked & ~shown.all(axis=2)


def _before_sold_out(panel: Panel, random: np.random.Generator) -> NDArray[np.bool_]:
    daily = panel.sales.sum(axis=2)
    stock = random.uniform(*STOCK, daily.shape) * daily.mean(axis=1, keepdims=True)
    sold_before = panel.sales.cumsum(axis=2) - panel.sales
    return np.asarray(sold_before < stock[:, :, None] - 1e-9)


def _before_an_hour(panel: Panel, random: np.random.Generator) -> NDArray[np.bool_]:
    hours = panel.sales.shape[2]
    start = random.integers(1, hours, panel.free.shape)
    return np.arange(hours) < start[:, :, None]
