"""What all parts of the simulation share."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from schemas import topics
from simulators.chain.agenda import Agenda
from simulators.chain.assortment import Article, Assortment, make_assortment
from simulators.chain.books import Account, Books
from simulators.chain.outbox import Outbox, rfc3339
from simulators.chain.settings import Settings
from simulators.chain.stock import Factory, SiteStock, Unit


@dataclass
class World:
    """The chain's state. All chance comes from ``random`` (single draws) and ``generator`` (many at once).

    ``happened`` counts what no reading says: sweeps with skips, strays, units misplaced, ...
    """

    settings: Settings
    assortment: Assortment
    stock: list[SiteStock]
    factory: Factory
    books: Books
    agenda: Agenda
    outbox: Outbox
    random: Random
    generator: np.random.Generator
    happened: Counter[str]
    promoted: dict[int, int]
    erp_documents: int = 0

    def article(self, number: int) -> Article:
        return self.assortment.articles[number]

    def site(self, number: int) -> str:
        return self.assortment.sites[number]

    def account(self, site: int, article: int) -> Account:
        return self.books.of(site, article)

    def chance(self, share: float) -> bool:
        """True with that probability."""
        return share > 0 and self.random.random() < share

    def between(self, low_ms: float, high_ms: float) -> int:
        """Any time between the two."""
        return int(low_ms + self.random.random() * (high_ms - low_ms))

    def papers(self, units: Iterable[Unit]) -> dict[str, list[str]]:
        """What a delivery note says of the tags of these units."""
        return {"epcs": [epc for unit in units for epc in unit.papers]} if self.settings.epcs_on_papers else {}

    def move(self, kind: str, site: int, article: int, quantity: int, at_ms: int, **more: Any) -> None:
        """The ERP says a movement; ``more`` are further fields of the reading."""
        self.erp_documents += 1
        message = {
            "movement_id": f"M{self.erp_documents:08d}",
            "type": kind,
            "location": self.site(site),
            "item_id": self.article(article).sku,
            "quantity": quantity,
            "occurred_at": rfc3339(at_ms),
            **more,
        }
        self.outbox.say(topics.ERP, self.site(site), message, at_ms, kind)


def make_world(settings: Settings) -> World:
    """An empty chain, decided by the seed."""
    generator = np.random.default_rng(settings.seed)
    random = Random(int(generator.integers(2**62)))
    assortment = make_assortment(settings, generator)
    articles = len(assortment.articles)
    return World(
        settings=settings,
        assortment=assortment,
        stock=[SiteStock(articles) for _ in assortment.sites],
        factory=Factory(assortment.articles, settings.radio, random),
        books=Books(len(assortment.sites), articles),
        agenda=Agenda(),
        outbox=Outbox(settings.dirt, random),
        random=random,
        generator=generator,
        happened=Counter(),
        promoted={},
    )
