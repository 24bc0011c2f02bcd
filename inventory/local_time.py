"""The time on a location's own clocks: days and hours of demand are its, not Greenwich's."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MILLISECONDS_PER_HOUR = 3_600_000
LATEST_OFFSET_MS = -12 * MILLISECONDS_PER_HOUR
"""Where a day ends last."""


def offset_ms(timezone: str, at_ms: int) -> int:
    """What to add to UTC; 0 for a timezone nobody knows."""
    return 0 if timezone == "UTC" else _offset_ms(timezone, at_ms // MILLISECONDS_PER_HOUR)


@lru_cache(maxsize=1 << 14)
def _offset_ms(timezone: str, hour: int) -> int:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return 0
    offset = datetime.fromtimestamp(hour * 3600, UTC).astimezone(zone).utcoffset()
    return (offset or timedelta()) // timedelta(milliseconds=1)
