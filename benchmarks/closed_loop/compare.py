"""People's policies set to reach a service, and the static one's stock at the service restockd reached."""

from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.closed_loop.policies import BookPolicy, Classic, DynamicBuffers, StaticMinMax, play
from benchmarks.closed_loop.scene import Scene
from benchmarks.closed_loop.scores import fill_rate, in_stock_rate, scores
from benchmarks.closed_loop.world import Record

LEAST_COVER_DAYS, MOST_COVER_DAYS, MOST_SERVICE = -20.0, 120.0, 0.99999
_HALVINGS = 14

Setter = Callable[[Scene, float], BookPolicy]
Service = Callable[[Scene, Record], float]


class Asked(NamedTuple):
    """The service that policies are set for."""

    fill_rate: float


def by_people(scored: Scene, warm_up: Scene, asked: Asked) -> tuple[dict[str, Record], dict[str, float]]:
    """Records by policy, and the settings that reach the fill rate asked for on the warm-up.

    The warm-up is the same chain on the days before the play; its last day is the one before the first that is played.
    """
    cover = reaching(StaticMinMax, warm_up, fill_rate, asked.fill_rate, 0.0, MOST_COVER_DAYS)
    level = reaching(Classic, warm_up, fill_rate, asked.fill_rate, 0.5, MOST_SERVICE)
    records = {
        "static_min_max": play(scored, StaticMinMax(scored, cover)),
        "z_formula": play(scored, Classic(scored, level)),
        "dynamic_buffers": play(scored, DynamicBuffers(scored)),
    }
    return records, {"static_cover_days": round(cover, 2), "z_cycle_service_level": round(level, 5)}


def reaching(setter: Setter, scene: Scene, service: Service, wanted: float, low: float, high: float) -> float:
    """About the least setting from ``low`` to ``high`` whose service is as wanted; ``high`` if none is."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        reached = service(scene, play(scene, setter(scene, middle))) >= wanted
        low, high = (low, middle) if reached else (middle, high)
    return high


def same_service(scene: Scene, ours: dict[str, Any], best: float) -> dict[str, Any]:
    """The static policy with the least cover that reaches restockd's fill rate, and its share of days in stock.

    Found in hindsight on the scored days: more than anybody could know beforehand, so it flatters the static policy.
    """
    return {
        "fill_rate": _beside(scene, ours, best, fill_rate, ours["fill_rate"]),
        "stockout_rate": _beside(scene, ours, best, in_stock_rate, 1.0 - ours["stockout_rate"]),
    }


def _beside(scene: Scene, ours: dict[str, Any], best: float, service: Service, wanted: float) -> dict[str, Any]:
    cover = reaching(StaticMinMax, scene, service, round(wanted, 4), LEAST_COVER_DAYS, MOST_COVER_DAYS)
    static = scores(scene, play(scene, StaticMinMax(scene, cover)), best)
    return {
        "static_min_max": static,
        "static_cover_days": round(cover, 2),
        "stock_saved": round(1.0 - ours["average_stock"] / static["average_stock"], 4),
        "stock_value_saved": round(1.0 - ours["average_stock_value"] / static["average_stock_value"], 4),
    }
