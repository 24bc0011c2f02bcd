"""What a record is worth.

``stockout_rate`` is the share of SKU-location-days that open with none on hand, after the morning's delivery, of all
that are listed: the item view of the out-of-stock rate (Gruen and Corsten; Farris et al., Marketing Metrics), one less
the ready rate (Axsaeter, Inventory Control, ch. 3). ``fill_rate`` is the share of demanded units that are served from
stock. ``short_day_rate`` is the share of days with demand on which some of it was not served.
"""

from typing import Any

import numpy as np

from benchmarks.closed_loop.scene import Array, Scene
from benchmarks.closed_loop.world import Record, holding_per_day


def profit(scene: Scene, record: Record) -> float:
    """Margin of what was sold, less the cost of what was stolen, of holding, moves and looks, on the scored days.

    Stock is worth what it cost, so buying it is no loss; stock is held over night.
    """
    days = slice(scene.scored_from, None)
    margin = float(((scene.price - scene.cost[:, None]) * record.sold)[:, days].sum())
    return margin - sum(costs(scene, record).values())


def costs(scene: Scene, record: Record) -> dict[str, float]:
    """What the scored days cost, by cause."""
    days = slice(scene.scored_from, None)
    return {
        "stolen_cost": float((scene.cost[:, None] * record.stolen)[:, days].sum()),
        "holding_cost": float((holding_per_day(scene)[:, None] * record.closed_with)[:, days].sum()),
        "transfer_cost": moving(scene, record),
        "look_cost": looking(scene, record),
    }


def moving(scene: Scene, record: Record) -> float:
    """Cost of transfers on the scored days; a lane's trip carries all that goes there that day."""
    moves = [move for move in record.moves if move[0] >= scene.scored_from]
    trips = {(day, int(scene.store[origin]), int(scene.store[to])) for day, origin, to, _ in moves}
    units = sum(units for *_, units in moves)
    return scene.money.per_trip * len(trips) + scene.money.per_unit_moved * units


def looking(scene: Scene, record: Record) -> float:
    """Cost of counts somebody was sent to make."""
    return scene.money.look * sum(day >= scene.scored_from for day in record.looks)


def scores(scene: Scene, record: Record, best: float) -> dict[str, Any]:
    """Of the scored days; ``best`` is the profit with perfect information."""
    days = slice(scene.scored_from, None)
    demand, sold = scene.demand[:, scene.history_days :][:, days], record.sold[:, days]
    missed = demand - sold
    stock = _mean_stock(record)[:, days]
    lost: Array = (scene.price - scene.cost[:, None])[:, days] * missed
    earned = profit(scene, record)
    return {
        "fill_rate": round(fill_rate(scene, record), 4),
        "stockout_rate": round(1.0 - in_stock_rate(scene, record), 4),
        "short_day_rate": round(float((missed > 0).sum() / (demand > 0).sum()), 4),
        "average_stock": round(float(stock.mean()), 3),
        "average_stock_value": round(float((scene.cost[:, None] * stock).mean()), 3),
        "lost_margin": round(float(lost.sum()), 2),
        "transfers": sum(move[0] >= scene.scored_from for move in record.moves),
        "looks": sum(day >= scene.scored_from for day in record.looks),
        **{name: round(cost, 2) for name, cost in costs(scene, record).items()},
        "profit": round(earned, 2),
        "profit_share": round(earned / best, 4),
    }


def fill_rate(scene: Scene, record: Record) -> float:
    """Share of the scored days' demanded units that were served."""
    days = slice(scene.scored_from, None)
    return float(record.sold[:, days].sum() / scene.demand[:, scene.history_days :][:, days].sum())


def in_stock_rate(scene: Scene, record: Record) -> float:
    """Share of the scored SKU-location-days that open with some on hand."""
    return float((record.opened_with[:, scene.scored_from :] > 0).mean())


def _mean_stock(record: Record) -> Array:
    """Between a day's opening and its end."""
    mean: Array = (record.opened_with + record.closed_with) / 2.0
    return np.asarray(mean)
