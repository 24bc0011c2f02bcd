"""Until when a stock should be sold."""

from datetime import date
from typing import NamedTuple

from schemas.facts import utc
from schemas.observations import ItemDefined

MILLISECONDS_PER_DAY = 86_400_000
SEASON_END, SLOW = "season_end", "slow"
_YEAR_DAYS, _FURTHEST_DAYS = 365.0, 730.0


class End(NamedTuple):
    """``days`` from now, 0 once it has passed; ``on`` is the season's end."""

    kind: str
    days: float
    on: date | None


def end_of(item: ItemDefined, at_ms: int) -> End:
    """The end of the item's season; of one without, or years away, a year from now.

    >>> item = ItemDefined("scarf-red", "scarf", 0, season_end_ms=10 * MILLISECONDS_PER_DAY)
    >>> end_of(item, 4 * MILLISECONDS_PER_DAY)
    End(kind='season_end', days=6.0, on=datetime.date(1970, 1, 11))
    """
    if item.season_end_ms is not None:
        left = (item.season_end_ms - at_ms) / MILLISECONDS_PER_DAY
        if abs(left) <= _FURTHEST_DAYS:
            return End(SEASON_END, max(left, 0.0), utc(item.season_end_ms).date())
    return End(SLOW, _YEAR_DAYS, None)
