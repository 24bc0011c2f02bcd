"""Strays mixed in: tags of a walk elsewhere, heard from afar."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from benchmarks.rfid_counts.walks import Read, Recorded, heard_by

SHARE = 0.16
"""Of all tags heard: what walks of a sister set heard beside their own."""

FARTHER_DB = 8.0
"""By how much the strays' reads are weakened; reads below the weakest one the reader ever reported are lost."""


def with_strays(walks: Sequence[Recorded], seed: int = 1) -> list[Recorded]:
    """Each walk with tags of another one, if possible of another place, so that ``SHARE`` of the tags are strays."""
    random = Random(seed)
    floor = min((rssi for walk in walks for _, _, rssi in walk.reads), default=0)
    return [_mixed(walk, _another(walk, walks, random), floor, random) for walk in walks]


def _another(walk: Recorded, walks: Sequence[Recorded], random: Random) -> Recorded | None:
    others = [other for other in walks if other is not walk]
    elsewhere = [other for other in others if other.place != walk.place] or others
    long = [other for other in elsewhere if other.passes >= walk.passes] or elsewhere
    return random.choice(long) if long else None


def _mixed(walk: Recorded, other: Recorded | None, floor: int, random: Random) -> Recorded:
    if other is None:
        return walk
    weak = [_weakened(read, walk.passes) for read in other.reads if read[2] - FARTHER_DB >= floor]
    heard = heard_by(weak)
    wanted = round(SHARE / (1.0 - SHARE) * len(heard_by(walk.reads)))
    chosen = frozenset(random.sample(heard, min(wanted, len(heard))))
    reads = tuple(read for read in weak if read[1] in chosen)
    return replace(walk, reads=walk.reads + reads, strays=walk.strays | chosen)


def _weakened(read: Read, passes: int) -> Read:
    at_pass, epc, rssi = read
    return min(at_pass, passes - 1), f"elsewhere {epc}", int(rssi - FARTHER_DB)
