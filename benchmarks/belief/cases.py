"""The named cases: the chain of the study in FORMULAS' sense, one thing changed at a time."""

from collections.abc import Callable
from dataclasses import replace

from simulators.chain import Settings, preset
from simulators.chain.settings import Radio

PERIODS = {"daily": 1, "weekly": 7}
_STYLE_SKUS = 6


def _radio(**changes: object) -> Callable[[Settings], Settings]:
    return lambda settings: replace(settings, radio=replace(settings.radio, **changes))  # type: ignore[arg-type]


def _chain(**changes: object) -> Callable[[Settings], Settings]:
    return lambda settings: replace(settings, **changes)  # type: ignore[arg-type]


def _theft(factor: float) -> Callable[[Settings], Settings]:
    return lambda settings: replace(settings, theft_per_unit_day=settings.theft_per_unit_day * factor)


def _zones(settings: Settings) -> Settings:
    """Fixed readers in every zone, thrice a day, and at the exit; goods that are misplaced."""
    radio: Radio = replace(
        settings.radio,
        overhead_minutes=240,
        exit_reader=True,
        overhead_zones=("sales_floor", "back_room", "fitting_room"),
    )
    return replace(settings, radio=radio, misplaced_share=0.05)


CASES: dict[str, Callable[[Settings], Settings]] = {
    "easy": lambda settings: replace(preset("easy", settings.seed), stores=settings.stores, styles=settings.styles),
    "hard": lambda settings: settings,
    "doubles": _radio(double_share=0.21),
    "dead_reader": _radio(deaf_sweep_share=0.1),
    "detection_50": _radio(mean_rate=0.50),
    "detection_70": _radio(mean_rate=0.70),
    "detection_85": _radio(mean_rate=0.85),
    "detection_99": _radio(mean_rate=0.99),
    "shrink_x6": _theft(6.0),
    "shrink_sixth": _theft(1 / 6),
    "cameras": _chain(camera_minutes=180, camera_share=0.3, camera_stuck_per_day=0.02),
    "zones": _zones,
    "till_epcs": _chain(epc_at_till_share=0.95),
    "no_asn": _chain(epcs_on_papers=False),
}


def settings_of(case: str, period: str, seed: int, stores: int, skus: int) -> Settings:
    """The chain of a case; ``skus`` is rounded up to whole styles of six. Raises ``KeyError`` for another name."""
    drawn = replace(preset("hard", seed), stores=stores, styles=-(-skus // _STYLE_SKUS))
    changed = CASES[case](drawn)
    return replace(changed, radio=replace(changed.radio, handheld_days=PERIODS[period]))
