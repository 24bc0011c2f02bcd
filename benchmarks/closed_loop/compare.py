"""People's policies set to reach a service: the one asked for on a warm-up, and the one restockd reached."""

from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.closed_loop.policies import BookPolicy, Classic, DynamicBuffers, StaticMinMax, play
from benchmarks.closed_loop.scene import Scene
from benchmarks.closed_loop.scores import fill_rate, in_stock_rate, scores
from benchmarks.closed_loop.world import Record

_HALVINGS = 14

Setter = Callable[[Scene, float], BookPolicy]
Service = Callable[[Scene, Record], float]


SETTERS: dict[str, tuple[Setter, float, float]] = {
    "static_min_max": (StaticMinMax, -20.0, 120.0),
    "z_formula": (Classic, 0.5, 0.999999),
}
"""Days of cover, and the cycle service level: the least and the most that is tried."""


class Asked(NamedTuple):
    """The service that policies are set for."""

    fill_rate: float


def by_people(scored: Scene, warm_up: Scene, asked: Asked) -> tuple[dict[str, Record], dict[str, float]]:
    """Records by policy, and the settings that reach the fill rate asked for on the warm-up.

    The warm-up is a draw of the same size; its last day is the one before the first that is played.
    """
    settings = {
        name: reaching(setter, warm_up, fill_rate, asked.fill_rate, low, high)
        for name, (setter, low, high) in SETTERS.items()
    }
    records = {name: play(scored, SETTERS[name][0](scored, setting)) for name, setting in settings.items()}
    return records | {"dynamic_buffers": play(scored, DynamicBuffers(scored))}, settings


def reaching(setter: Setter, scene: Scene, service: Service, wanted: float, low: float, high: float) -> float:
    """About the least setting from ``low`` to ``high`` whose service is as wanted; ``high`` if none is."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        reached = service(scene, play(scene, setter(scene, middle))) >= wanted
        low, high = (low, middle) if reached else (middle, high)
    return high


def same_service(scene: Scene, ours: dict[str, Any], best: float) -> dict[str, Any]:
    """People's policies set to restockd's fill rate, and to its share of days in stock, by the least setting that does.

    Found in hindsight on the scored days: more than anybody could know beforehand, so it flatters them.
    """
    return {
        "fill_rate": _beside(scene, ours, best, fill_rate, ours["fill_rate"]),
        "stockout_rate": _beside(scene, ours, best, in_stock_rate, 1.0 - ours["stockout_rate"]),
    }


def _beside(scene: Scene, ours: dict[str, Any], best: float, service: Service, wanted: float) -> dict[str, Any]:
    told = {}
    for name, (setter, low, high) in SETTERS.items():
        setting = reaching(setter, scene, service, round(wanted, 4), low, high)
        theirs = scores(scene, play(scene, setter(scene, setting)), best)
        told[name] = {
            **theirs,
            "setting": round(setting, 5),
            "stock_saved": round(1.0 - ours["average_stock"] / theirs["average_stock"], 4),
            "stock_value_saved": round(1.0 - ours["average_stock_value"] / theirs["average_stock_value"], 4),
        }
    return told
