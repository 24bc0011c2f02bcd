"""The tags that matter in one sweep, as columns."""

from collections.abc import Sequence

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief import detection, tags
from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.deliveries import begin, make_room, zone_shares
from inventory.stock.belief.oddities import second_not_unit
from inventory.stock.belief.state import LARGE, Belief, Held, Reader, Tag, Where

_FAINT = 0.08

Beliefs = Sequence[Held]
"""The beliefs of a place."""


class Entries:
    """Every tag that matters in this sweep, as columns; ``owner`` is the place of its belief in the list.

    ``group`` numbers the tags of either sort of each belief: twice the owner, one more for hidden ones. ``room`` is
    that for hidden tags which were never heard, and may not exist.
    """

    def __init__(self, beliefs: Beliefs, zone: int, zone_name: str, where: Where, reader: Reader, at_ms: int) -> None:
        self.tags: list[Tag] = []
        owner, section, rssi, room = [], [], [], []
        sections: dict[str, int] = {}
        for number, (style, belief, losses) in enumerate(beliefs):
            told = belief.heard.pop(zone_name, {})
            own = {epc: detection.own(reader, rssi) for epc, rssi in told.items()}
            if not belief.cells:
                begin(belief, where._replace(losses=losses), zone_name, own, at_ms)
            if units.mean(belief.cells, units.total) > LARGE:
                continue  # too many to tell single tags apart
            make_room(belief, where)
            _claim_strangers(belief, where, own, zone_name)
            for key, tag in belief.tags.items():
                if key in told or tag.presence > tags.LEAST:
                    self.tags.append(tag)
                    owner.append(number)
                    section.append(sections.setdefault(style, len(sections)))
                    rssi.append(told.get(key))
                    room.append(tags.is_slot(key) and tag.hidden)
        self.beliefs, self.styles, self.at_ms = beliefs, list(sections), at_ms
        self.owner = np.array(owner, dtype=np.int64)
        self.group = 2 * self.owner + np.array([tag.hidden for tag in self.tags], dtype=np.int64)
        self.section = np.array(section, dtype=np.int64)
        self.rssi = rssi
        self.heard: Mask = np.array([one is not None for one in rssi], dtype=np.bool_)
        self.presence: Array = np.clip(np.array([tag.presence for tag in self.tags]), 1e-9, 1 - 1e-9)
        self.here: Array = np.array([tag.zones[zone] for tag in self.tags])
        self.room: Mask = np.array(room, dtype=np.bool_)
        self.listed: Mask = np.array([tag.listed for tag in self.tags], dtype=np.bool_)
        self.hits: Array = np.array([tag.hits for tag in self.tags])
        self.misses: Array = np.array([tag.misses for tag in self.tags])
        self.home = np.array([tag.home for tag in self.tags], dtype=np.int64)
        self.run: Array = np.array([tag.run for tag in self.tags])


def _claim_strangers(belief: Belief, where: Where, own: dict[str, float], zone_name: str) -> None:
    """Tags nobody named, the loudest first: a tag that must be here and was never heard may be this one."""
    unknown = [epc for epc in own if epc not in belief.tags or tags.is_stray(belief.tags[epc])]
    zones, second = zone_shares(where, zone_name), second_not_unit(belief, where.chain)
    for epc in sorted(unknown, key=lambda epc: -own[epc]):
        tags.claim(belief, epc, zones, faint=own[epc] < _FAINT, second=second)
