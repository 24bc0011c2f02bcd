"""The tags that matter in one sweep, as columns."""

from collections.abc import Sequence

import numpy as np

from inventory.stock.belief import cells as units
from inventory.stock.belief import tags
from inventory.stock.belief.arrays import Array, Mask
from inventory.stock.belief.deliveries import begin, zone_shares
from inventory.stock.belief.state import LARGE, Held, Tag, Where

_LEAST = 1e-5

Beliefs = Sequence[Held]
"""The beliefs of a place."""


class Entries:
    """Every tag that matters in this sweep, as columns; ``owner`` is the place of its belief in the list.

    ``group`` numbers the tags of either sort of each belief: twice the owner, one more for hidden ones.
    """

    def __init__(self, beliefs: Beliefs, zone: int, zone_name: str, where: Where, at_ms: int) -> None:
        self.tags: list[Tag] = []
        owner, section, rssi, unnamed = [], [], [], []
        sections: dict[str, int] = {}
        for number, (style, belief, losses) in enumerate(beliefs):
            told = belief.heard.pop(zone_name, {})
            if not belief.cells:
                begin(belief, where._replace(losses=losses), zone_name, told, at_ms)
            if units.mean(belief.cells, units.total) > LARGE:
                continue  # too many to tell single tags apart
            strangers = sorted((epc for epc in told if epc not in belief.tags), key=lambda epc: -told[epc])
            for epc in strangers:
                claimed = tags.claim(belief, epc, zone_shares(where, zone_name))
                claimed.zones = zone_shares(where, zone_name)
            for key, tag in belief.tags.items():
                if key in told or tag.presence > _LEAST:
                    self.tags.append(tag)
                    owner.append(number)
                    section.append(sections.setdefault(style, len(sections)))
                    rssi.append(told.get(key))
                    unnamed.append(tags.is_slot(key))
        self.beliefs, self.at_ms = beliefs, at_ms
        self.owner = np.array(owner, dtype=np.int64)
        self.group = 2 * self.owner + np.array([tag.hidden for tag in self.tags], dtype=np.int64)
        self.section = np.array(section, dtype=np.int64)
        self.rssi = rssi
        self.heard: Mask = np.array([one is not None for one in rssi], dtype=np.bool_)
        self.presence: Array = np.clip(np.array([tag.presence for tag in self.tags]), 1e-9, 1 - 1e-9)
        self.here: Array = np.array([tag.zones[zone] for tag in self.tags])
        self.listed: Mask = np.array([tag.listed for tag in self.tags], dtype=np.bool_)
        self.hits: Array = np.array([tag.hits for tag in self.tags])
        self.misses: Array = np.array([tag.misses for tag in self.tags])
        self.home = np.array([tag.home for tag in self.tags], dtype=np.int64)
        # That a tag nobody named was never heard tells of its absence, not that it is hard to hear.
        self.run: Array = np.where(unnamed, 0.0, np.array([tag.run for tag in self.tags]))
