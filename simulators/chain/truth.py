"""The true answer, kept aside from every reading."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp

from simulators.chain.books import Account
from simulators.chain.stock import ZONES
from simulators.chain.world import World


@dataclass(frozen=True, slots=True)
class TrueTag:
    """Where a tag's unit is, and the share of sweeps of its zone in which it is heard."""

    location: str
    zone: str
    sku: str
    detection_rate: float


@dataclass(frozen=True)
class Truth:
    """A snapshot; nothing in it changes later.

    ``accounts``, ``true_on_hand`` and ``booked`` are per (location, SKU), ``true_by_zone`` per (location,
    zone, SKU), ``tags`` per EPC of a unit in stock. ``expected_events`` counts good messages by kind, each
    once; ``dirt`` what was done wrong to them or beside them; ``happened`` what no message says.
    """

    accounts: Mapping[tuple[str, str], Account]
    true_on_hand: Mapping[tuple[str, str], int]
    true_by_zone: Mapping[tuple[str, str, str], int]
    in_transit: Mapping[str, int]
    tags: Mapping[str, TrueTag]
    expected_events: Counter[str]
    dirt: Counter[str]
    happened: Counter[str]

    @property
    def booked(self) -> dict[tuple[str, str], int]:
        """What the book on-hand must be when every good message has been heard once."""
        return {key: account.booked for key, account in self.accounts.items()}


def look(world: World, in_transit: Mapping[int, int]) -> Truth:
    """The truth as of now."""
    by_zone: Counter[tuple[str, str, str]] = Counter()
    tags: dict[str, TrueTag] = {}
    for site, stock in zip(world.assortment.sites, world.stock, strict=True):
        for zone in ZONES:
            for unit in stock.in_zone(zone):
                sku = world.article(unit.article).sku
                by_zone[site, zone, sku] += 1
                for epc, logit in unit.tags:
                    tags[epc] = TrueTag(site, zone, sku, 1 / (1 + exp(-logit)))
    on_hand: Counter[tuple[str, str]] = Counter()
    for (site, _, sku), units in by_zone.items():
        on_hand[site, sku] += units
    accounts = {
        (site, article.sku): replace(world.account(number, article.number))
        for number, site in enumerate(world.assortment.sites)
        for article in world.assortment.articles
    }
    return Truth(
        accounts=accounts,
        true_on_hand={key: on_hand[key] for key in accounts},
        true_by_zone=dict(by_zone),
        in_transit={world.article(number).sku: units for number, units in in_transit.items()},
        tags=tags,
        expected_events=world.outbox.said.copy(),
        dirt=world.outbox.dirt.copy(),
        happened=world.happened.copy(),
    )
