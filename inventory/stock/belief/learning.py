"""What a sweep teaches about its reader."""

import numpy as np

from inventory.stock.belief import detection, recapture
from inventory.stock.belief.arrays import Mask
from inventory.stock.belief.entries import Entries
from inventory.stock.belief.passing import MILLISECONDS_PER_DAY, losing_of_tags
from inventory.stock.belief.state import Reader, Where

_SURELY = 0.85
_RESTLESS = 0.97
"""Where fewer stay from one sweep to the next, what is missing has moved too often to tell of losses."""


def learn_detection(where: Where, reader: Reader, seen: Entries, zone: int, skipped: Mask) -> None:
    """Tags that were last heard in the zone tell how well the reader hears, and whether they are still there.

    So do those that were told to have come and have not been looked for elsewhere. SKUs are lost faster or slower than
    the mean of those looked at: that mean itself is what is learned.
    """
    known = (seen.home == zone) & (seen.hits > 0) | ((seen.here > _SURELY) & (seen.run == 0))
    heard_at_ms = np.array([tag.heard_at_ms for tag in seen.tags])
    told: Mask = known & seen.listed & ~skipped & (heard_at_ms >= 0) & (seen.run <= recapture.LONGEST_RUN)
    if not told.any():
        return
    stays = 1.0 - where.chain.moved[zone] / where.chain.found[zone]
    losing = np.array([losing_of_tags(belief, where._replace(losses=losses)) for _, belief, losses in seen.beliefs])
    columns = {
        "days": (seen.at_ms - heard_at_ms) / MILLISECONDS_PER_DAY,
        "unsold": np.array([tag.unsold for tag in seen.tags]),
        "here": np.where((stays > _RESTLESS) & (seen.hits > 0), stays ** (seen.run + 1.0), seen.here),
        "hits": seen.hits,
        "misses": seen.misses,
        "run": seen.run,
        "losing": losing[seen.owner] / losing[seen.owner][told].mean(),
    }
    looks = recapture.Looks(columns, seen.heard).of(told)
    detection.learn(where.chain, reader, looks, of_losses=stays > _RESTLESS)


def learn_strays(reader: Reader, seen: Entries, zone: int) -> None:
    """Strays and loudness of the reader, each tag weighed by where it now seems to be."""
    presence = np.array([tag.presence for tag in seen.tags])
    here = presence * np.array([tag.zones[zone] for tag in seen.tags])
    there = presence - here
    heard = seen.heard
    reader.near += float((there * heard).sum())
    reader.near_looks += float(there.sum())
    strangers = ~seen.listed & ~seen.room & (presence < 0.5)
    reader.ghosts += float(((1 - presence) * heard * strangers).sum())
    reader.ghost_looks += float(((1 - presence) * strangers).sum())
    for number in np.flatnonzero(heard).tolist():
        rssi = seen.rssi[number]
        if rssi is not None and rssi > -1e9:
            detection.learn_loudness(reader, rssi, float(here[number]))
