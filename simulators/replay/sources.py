"""Every replay source by its name."""

from collections.abc import Callable
from pathlib import Path

from schemas.errors import InvalidSettings
from simulators.replay import bakery, coffee, complete_journey, online_retail
from simulators.replay.sheet import Sheet
from simulators.replay.source import ReplaySource

SOURCES: dict[str, Callable[[Path], Sheet]] = {
    "online-retail": online_retail.read,
    "coffee": coffee.read,
    "bakery": bakery.read,
    "complete-journey": complete_journey.read,
}


def open_source(name: str, path: Path) -> ReplaySource:
    """The named source over a file; raises ``InvalidSettings`` for an unknown name or unreadable file.

    Hyphen and underscore in a name mean the same.
    """
    read = SOURCES.get(name.replace("_", "-"))
    if read is None:
        raise InvalidSettings(f"replay source {name!r} is not known; known: {', '.join(SOURCES)}")
    return ReplaySource(name, read(Path(path)))
