"""What a sweep teaches about its reader."""

import numpy as np

from inventory.stock.belief import detection
from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.entries import Entries
from inventory.stock.belief.state import Chain, Reader


def learn_detection(chain: Chain, reader: Reader, seen: Entries, skipped: Mask) -> Mask:
    """Tags that before the sweep were almost surely here tell how well the reader hears; returns which."""
    sure: Mask = (seen.presence > 0.9) & (seen.here > 0.85) & seen.listed & ~skipped
    if sure.any():
        missed = (seen.misses + seen.run)[sure]
        detection.learn(chain, reader, (seen.presence * seen.here)[sure], seen.hits[sure], missed, seen.heard[sure])
    return sure


def learn_heard_again(chain: Chain, reader: Reader, seen: Entries, zone: int, here: Array, sure: Mask) -> None:
    """And so do those that are heard again where they were."""
    again = seen.heard & seen.listed & (seen.home == zone) & (here > 0.9) & ~sure
    if again.any():
        detection.learn_again(chain, reader, seen.hits[again], seen.misses[again], seen.run[again])


def learn_strays(reader: Reader, seen: Entries, zone: int) -> None:
    """Strays and loudness of the reader, each tag weighed by where it now seems to be."""
    presence = np.array([tag.presence for tag in seen.tags])
    here = presence * np.array([tag.zones[zone] for tag in seen.tags])
    there = presence - here
    heard = seen.heard
    reader.near += float((there * heard).sum())
    reader.near_looks += float(there.sum())
    strangers = (~seen.listed) & (presence < 0.5)
    reader.ghosts += float(((1 - presence) * heard * strangers).sum())
    reader.ghost_looks += float(((1 - presence) * strangers).sum())
    for number in np.flatnonzero(heard).tolist():
        rssi = seen.rssi[number]
        if rssi is not None and rssi > -1e9:
            detection.learn_loudness(reader, rssi, float(here[number]))
