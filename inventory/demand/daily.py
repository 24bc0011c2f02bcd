"""Online mean and variance of daily demand, older days weighing less.

Exponentially weighted moments over closed days, days without a sale included:
with weight ``w`` per day of age and daily units ``u``,
``mean = sum(w u) / sum(w)`` and ``variance = sum(w u^2) / sum(w) - mean^2``,
never below the mean (counts scatter at least like Poisson). Units of the last
``DAYS_KEPT`` closed days are kept, so that a late sale changes the square of its
day's units and not the sum of squares.
"""

import msgspec

MILLISECONDS_PER_DAY = 86_400_000
DAYS_KEPT = 7


class DailyDemand(msgspec.Struct, array_like=True):
    """Weighted sums over closed days, and the units of the day that is open.

    ``day`` is the open day (days since the epoch, UTC; -1: nothing observed);
    ``closed`` the units of the last closed days, the latest last.
    """

    day: int = -1
    units_today: int = 0
    days_observed: int = 0
    weight: float = 0.0
    weighted_units: float = 0.0
    weighted_squares: float = 0.0
    closed: list[int] = []


def observe(demand: DailyDemand, units: int, occurred_at_ms: int, half_life_days: float) -> None:
    """Learn that ``units`` were asked for (negative: a sale was voided).

    A late sale of a closed day counts with that day's weight; one from before the
    days that are kept as if it were alone on its day.
    """
    day = occurred_at_ms // MILLISECONDS_PER_DAY
    if demand.day < 0:
        demand.day = day
    if day > demand.day:
        close_days(demand, day, half_life_days)
    if day == demand.day:
        demand.units_today += units
    else:
        _extend_back(demand, day, half_life_days)
        decay = 0.5 ** ((demand.day - 1 - day) / half_life_days)
        others = _add_to_closed(demand, day, units)
        demand.weighted_units += decay * units
        demand.weighted_squares += decay * units * (units + 2 * others)


def close_days(demand: DailyDemand, until_day: int, half_life_days: float) -> None:
    """Close the open day and the empty ones after it, so that ``until_day`` is open."""
    empty = until_day - demand.day - 1
    if demand.day < 0 or empty < 0:
        return
    keep = 0.5 ** (1.0 / half_life_days)
    units = demand.units_today
    weight = demand.weight * keep + 1.0
    fade = keep**empty
    demand.weight = weight * fade + (1.0 - fade) / (1.0 - keep)
    demand.weighted_units = (demand.weighted_units * keep + units) * fade
    demand.weighted_squares = (demand.weighted_squares * keep + units * units) * fade
    demand.days_observed += empty + 1
    demand.closed = [*demand.closed, units, *([0] * min(empty, DAYS_KEPT))][-DAYS_KEPT:]
    demand.day, demand.units_today = until_day, 0


def forecast(demand: DailyDemand) -> tuple[float, float]:
    """Mean and variance of units per day; the open day stands in until one is closed."""
    if demand.weight <= 0.0:
        mean = float(max(demand.units_today, 0))
        return mean, mean
    mean = max(demand.weighted_units / demand.weight, 0.0)
    variance = demand.weighted_squares / demand.weight - mean * mean
    return mean, max(variance, mean)


def _add_to_closed(demand: DailyDemand, day: int, units: int) -> int:
    """Add units to a closed day; returns what the day had before, 0 where that is not known."""
    place = len(demand.closed) - (demand.day - day)
    if place < 0:
        return 0
    before = demand.closed[place]
    demand.closed[place] += units
    return before


def _extend_back(demand: DailyDemand, day: int, half_life_days: float) -> None:
    """Count the days from ``day`` to before the first observed one, if it lies before that."""
    first = demand.day - demand.days_observed
    missing = first - day
    if missing <= 0:
        return
    keep = 0.5 ** (1.0 / half_life_days)
    demand.weight += keep**demand.days_observed * (1.0 - keep**missing) / (1.0 - keep)
    demand.days_observed += missing
    demand.closed = [0] * (min(demand.days_observed, DAYS_KEPT) - len(demand.closed)) + demand.closed
