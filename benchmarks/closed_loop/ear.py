"""The product's fold, and what it wants done by now."""

from collections.abc import Iterable
from typing import TypeVar

from inventory import fold
from inventory.facts import origin_of
from inventory.state import PartitionState
from schemas import observations as log
from schemas.facts import Fact, Reorder, Task, Transfer
from schemas.observations import Entry, Observation, ObservationBatch, Source

_SOURCE = "readings.pos"
_STANDS = {"proposed", "amended"}
_COUNTS = {"look", "count"}

T = TypeVar("T")


class Ear:
    """One log partition; ``orders`` and ``transfers`` are suggestions that stand, ``counts`` tasks to go and count."""

    def __init__(self) -> None:
        self.state = PartitionState(0)
        self.orders: dict[str, Reorder] = {}
        self.transfers: dict[str, Transfer] = {}
        self.counts: dict[str, Task] = {}

    def hear(self, at_ms: int, observations: Iterable[Observation]) -> None:
        """Fold them as one message, if there are any."""
        told = tuple(observations)
        if not told:
            return
        last = self.state.core.sources.get(f"{_SOURCE}|0", -1)
        source = Source(_SOURCE, 0, last, last + 1, last + 1)
        batch = ObservationBatch(log.VERSION, source, (Entry(last + 1, at_ms, told),))
        offset = self.state.core.applied + 1
        for fact in fold.step(self.state, batch, origin_of("closed-loop", 0, offset, b"%d" % offset)):
            self._note(fact)

    def _note(self, fact: Fact) -> None:
        if isinstance(fact, Reorder):
            _keep(self.orders, fact.order_id, fact, stands=fact.status in _STANDS)
        elif isinstance(fact, Transfer):
            _keep(self.transfers, fact.order_id, fact, stands=fact.status in _STANDS)
        elif isinstance(fact, Task) and fact.kind in _COUNTS:
            _keep(self.counts, fact.task_id, fact, stands=fact.status == "open")


def _keep(kept: dict[str, T], key: str, fact: T, *, stands: bool) -> None:
    if stands:
        kept[key] = fact
    else:
        kept.pop(key, None)
