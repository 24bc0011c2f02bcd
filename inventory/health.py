"""Whether readers and cameras can be trusted: a sudden fall of what a reader hears is its fault, not theft.

A sweep is judged by what was to be heard: the tags believed in the zone, times the rate at which the reader hears.
Where too few tags are known well, by what it usually hears, unless the zone is believed to be all but empty. ``weak``
readers are still believed, tag by tag; what a ``deaf`` one does not hear says nothing. One that is ``off`` says nothing
either.
"""

from collections.abc import Iterable
from math import sqrt

from inventory.stock.belief import Belief, Chain, Place, Reader, by_zone, camera, detection, mean
from inventory.stock.belief.state import zone_index
from schemas.observations import DeviceReported

_LEAST_EXPECTED, _LEAST_USUAL = 8.0, 8.0
_DEAF_SHARE, _WEAK_SHARE = 0.2, 0.6
_WEAK_DEVIATIONS = 5.0
_LEARNING = 0.2
_PRESENT = 0.9


def note_sweep(reader: Reader, seen: DeviceReported) -> None:
    """How often the reader sweeps; it speaks, so it is not off."""
    if reader.swept_at_ms >= 0:
        since = seen.occurred_at_ms - reader.swept_at_ms
        reader.interval_ms += (since - reader.interval_ms) * (_LEARNING if reader.sweeps > 1 else 1.0)
    reader.swept_at_ms = max(reader.swept_at_ms, seen.occurred_at_ms)
    reader.off = False


def judge(chain: Chain, reader: Reader, zone: str, beliefs: Iterable[Belief], tags_heard: int) -> None:
    """Whether the sweep that ended heard what it should; ``tags_heard`` is the reader's own count, 0 if not told."""
    beliefs = list(beliefs)
    expected, heard, spread = _expected(chain, reader, zone, beliefs)
    if expected >= _LEAST_EXPECTED:
        reader.heard_share = heard / expected
        reader.deaf = reader.heard_share < _DEAF_SHARE
        reader.weak = reader.heard_share < _WEAK_SHARE and heard < expected - _WEAK_DEVIATIONS * spread
    else:
        usual = reader.usual_tags
        reader.heard_share = tags_heard / usual if usual else 1.0
        missed = reader.heard_share < _DEAF_SHARE and _believed(zone, beliefs) >= _LEAST_EXPECTED
        reader.deaf = usual >= _LEAST_USUAL and missed
        reader.weak = False
    if not reader.deaf:
        reader.usual_tags += (tags_heard - reader.usual_tags) * (_LEARNING if reader.sweeps else 1.0)
    reader.sweeps += 1


def _expected(chain: Chain, reader: Reader, zone: str, beliefs: Iterable[Belief]) -> tuple[float, float, float]:
    """Of the tags that are surely at the place: how many should be heard, how many were, and the deviation."""
    number, rate = zone_index(zone), detection.rate(chain, reader)
    expected = heard = variance = 0.0
    for belief in beliefs:
        told = belief.heard.get(zone, {})
        for epc, tag in belief.tags.items():
            if tag.listed and tag.hits and tag.presence > _PRESENT and tag.home == number:
                chance = tag.presence * tag.zones[number] * rate
                expected += chance
                variance += chance * (1.0 - chance)
                heard += epc in told
    return expected, heard, sqrt(variance)


def _believed(zone: str, beliefs: Iterable[Belief]) -> float:
    """Units that are believed in the zone, also those whose tags are not followed or not known well."""
    return sum(by_zone(belief).get(zone, 0.0) if belief.tags else mean(belief) for belief in beliefs)


def turned_off(place: Place, device: str) -> None:
    """A reader said that it goes, or is long overdue."""
    for name, reader in place.readers.items():
        if name.partition("|")[0] == device:
            reader.off = True


def untrusted(place: Place) -> list[str]:
    """Devices of a place that say nothing true just now: decisions there rest on less.

    A reader whose zone another one has swept well since is not missed.
    """
    readers = [name for name, reader in place.readers.items() if _fails(reader) and not _replaced(place, name)]
    cameras = [name for name, known in place.cameras.items() if camera.stuck(known)]
    return sorted({name.partition("|")[0] for name in readers} | set(cameras))


def _fails(reader: Reader) -> bool:
    return reader.deaf or reader.weak or reader.off


def _replaced(place: Place, name: str) -> bool:
    zone = name.partition("|")[2]
    return any(
        other.swept_at_ms > place.readers[name].swept_at_ms and not _fails(other)
        for its, other in place.readers.items()
        if its != name and its.partition("|")[2] == zone
    )
