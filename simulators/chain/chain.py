"""A simulated chain of fashion stores, put together."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulators.chain.cameras import Cameras
from simulators.chain.orders import Orders
from simulators.chain.readers import Readers
from simulators.chain.reference import reference
from simulators.chain.settings import Settings
from simulators.chain.signals import Signals
from simulators.chain.staff import Staff, Thieves
from simulators.chain.supply import Supply
from simulators.chain.till import Till
from simulators.chain.truth import Truth, look
from simulators.chain.world import make_world
from simulators.records import Record


class Chain:
    """The chain; the settings and what is said to it decide every byte.

    Records come in the order in which they are sent, which is ``event_time_ms``; a late basket's own
    time is earlier. Call ``start`` once, then ``advance`` with ever later times.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._world = make_world(settings)
        self._supply = Supply(self._world)
        self._orders = Orders(self._world, self._supply)
        self._readers = Readers(self._world)
        self._till = Till(self._world, self._readers.leave)
        self._thieves = Thieves(self._world, self._readers.leave)
        self._parts = (self._supply, self._readers, self._till, self._thieves)
        self._others = (Staff(self._world), Cameras(self._world), Signals(self._world))
        self._now_ms: int | None = None

    @property
    def now_ms(self) -> int:
        """Simulated time; raises ``RuntimeError`` before ``start``."""
        if self._now_ms is None:
            raise RuntimeError("the chain has not been started")
        return self._now_ms

    def start(self, at_ms: int) -> Iterator[Record]:
        """Reference data, then the opening stock."""
        if self._now_ms is not None:
            raise RuntimeError("the chain has been started already")
        self._now_ms = at_ms
        for part in (*self._parts, *self._others):
            part.begin(at_ms)
        openings = self._world.outbox.sent_until(at_ms)
        return iter([*reference(self._settings, self._world.assortment, at_ms), *openings])

    def advance(self, until_ms: int) -> list[Record]:
        """Everything sent after the last call, up to and including ``until_ms``."""
        if until_ms < self.now_ms:
            raise ValueError(f"simulated time is {self.now_ms} already, cannot advance to {until_ms}")
        self._world.agenda.run_until(until_ms)
        self._now_ms = until_ms
        return self._world.outbox.sent_until(until_ms)

    def flush(self) -> list[Record]:
        """What has happened but is sent later: late baskets, the rest of a sweep. Time stands still.

        After this the records given out so far are all that the truth speaks of.
        """
        return self._world.outbox.sent_until(None)

    def on_reorder(self, message: Mapping[str, Any]) -> None:
        """A record of ``orders.reorders``; what comes of it is in later ``advance`` calls."""
        self._orders.on_reorder(message, self.now_ms)

    def on_transfer(self, message: Mapping[str, Any]) -> None:
        """A record of ``orders.transfers``; what comes of it is in later ``advance`` calls."""
        self._orders.on_transfer(message, self.now_ms)

    def sale_rates(self) -> dict[tuple[str, str], float]:
        """True units a day while on the shelf, per store and SKU."""
        assortment = self._world.assortment
        return {
            (assortment.sites[store], article.sku): float(assortment.rates[store, article.number])
            for store in assortment.stores
            for article in assortment.articles
        }

    def truth(self) -> Truth:
        """The true answer as of now."""
        return look(self._world, self._supply.in_transit)
