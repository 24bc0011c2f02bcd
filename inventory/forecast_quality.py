"""Saying what a day that was learned says about the forecasts of before, and which demand has left them."""

from datetime import date

from inventory.alerts.conditions import hold_under
from inventory.alerts.open import Condition
from inventory.demand.drift import Drifted
from inventory.demand.judge import Quality
from inventory.demand.learner import Judgement
from inventory.turn import Turn
from schemas.facts import DemandQuality, utc

DRIFT = "demand_drift"
MILLISECONDS_PER_DAY = 86_400_000
_QUIET_DAYS = 14
_EPOCH = date(1970, 1, 1).toordinal()


def say_quality(turn: Turn, judgement: Judgement) -> None:
    """One fact a level and location; alerts where sales left their forecasts, ended two weeks after the last time."""
    for quality in judgement.qualities:
        turn.saying.say(_measured(turn, judgement.day, quality))
    for drifted in judgement.drifted:
        _drift(turn, drifted)
    _end_old(turn, judgement.day)


def _drift(turn: Turn, drifted: Drifted) -> None:
    category, _, location = drifted.key.rpartition("|")
    since = date.fromordinal(_EPOCH + drifted.since)
    above = "above" if drifted.direction == "up" else "below"
    summary = f"sales of {category or 'items without a category'} at {location} {above} forecast since {since}"
    alerts = turn.state.core.device_alerts
    key = f"{DRIFT}|{drifted.key}"
    if key not in alerts:
        _hold(turn, key, summary, true=True)
    turn.state.core.drifted[key] = drifted.day


def _end_old(turn: Turn, day: int) -> None:
    drifted = turn.state.core.drifted
    for key in sorted(key for key, last in drifted.items() if last < day - _QUIET_DAYS):
        del drifted[key]
        _hold(turn, key, "forecasts follow again", true=False)


def _hold(turn: Turn, key: str, summary: str, *, true: bool) -> None:
    """Alerts of categories are kept beside those of devices; the category stands where a device would.

    Each log partition watches its own styles of it.
    """
    category, _, location = key.removeprefix(f"{DRIFT}|").rpartition("|")
    what = f"{category}/{turn.state.partition}"
    hold_under(turn, key, Condition(DRIFT, "warning", summary, location, device=what), true=true, at_once=True)


def _measured(turn: Turn, day: int, quality: Quality) -> DemandQuality:
    saying, sums = turn.saying, quality.sums
    location = turn.state.learner.register.locations[quality.location]
    chances = [str(chance) for chance in sums.chances]
    return DemandQuality(
        fact_id=saying.new_id("quality", quality.level, quality.horizon, location, str(day)),
        occurred_at=utc((day + 1) * MILLISECONDS_PER_DAY),
        day=date.fromordinal(_EPOCH + day),
        location=location,
        level=quality.level,
        horizon=quality.horizon,
        cases=sums.days,
        units=round(sums.units, 3),
        forecast_units=round(sums.forecast, 3),
        absolute_error=round(sums.absolute, 4),
        squared_error=round(sums.squared, 4),
        cases_sold=sums.sold,
        percentage_errors=round(sums.apart, 4),
        cases_scaled=sums.scaled,
        scaled_error=round(sums.scaled_absolute, 4),
        scaled_squared_error=round(sums.scaled_squared, 4),
        pinball=_rounded(chances, sums.pinball),
        covered=_rounded(chances, sums.covered),
        quantiles=_rounded(chances, sums.quantiles),
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )


def _rounded(names: list[str], values: list[float]) -> dict[str, float]:
    return dict(zip(names, (round(value, 4) for value in values), strict=True))
