"""Rare sorts of units in deliveries: untagged ones and ones with a second tag, at rates that are learned."""

from typing import NamedTuple

from inventory.stock.belief import cells as units
from inventory.stock.belief.state import Belief, Chain

PAPERS_WRONG = 0.03
"""How often one unit more or less arrives than is booked."""

MOST = 10
_PRIOR_FOUND, _PRIOR_UNITS = 0.5, 25.0


class Rare(NamedTuple):
    """Something that befalls a few of the units: a gamma posterior of its rate per unit."""

    shape: float
    units: float

    @property
    def rate(self) -> float:
        """The expected rate per unit."""
        return self.shape / self.units

    def chances(self, quantity: int) -> list[float]:
        """P(0), P(1), ... among ``quantity`` units: negative binomial, since the rate itself is not known."""
        fails = self.units / (self.units + quantity)
        chances = [fails**self.shape]
        for count in range(1, MOST):
            chances.append(chances[-1] * (self.shape + count - 1) / count * (1.0 - fails))
        return chances


def rare(found: float, received: float) -> Rare:
    return Rare(_PRIOR_FOUND + max(found, 0.0), _PRIOR_UNITS + received)


def untagged(chain: Chain) -> Rare:
    return rare(chain.untagged, chain.received)


def listed_seconds(chain: Chain) -> Rare:
    return rare(chain.listed_seconds, chain.received)


def seldom(found: float, chain: Chain) -> Rare:
    """Where no papers tell: about one in a hundred, as elsewhere in the trade."""
    return Rare(2.0 + max(found, 0.0), 200.0 + chain.received)


def unlisted_seconds(chain: Chain) -> Rare:
    """Tags found that nobody had named, less the units that came without being booked."""
    return rare(chain.unlisted_seconds - chain.receipts * PAPERS_WRONG / 2, chain.received)


def second_not_unit(belief: Belief, chain: Chain) -> float:
    """How likely a tag nobody told of is a second one, and not that of a unit that came past the books."""
    seconds = unlisted_seconds(chain).rate * units.mean(belief.cells, units.total)
    return seconds / (seconds + PAPERS_WRONG / 2)


def note_papers(chain: Chain, quantity: int, named: int, wrong: float) -> None:
    chain.received += quantity
    chain.receipts += wrong / PAPERS_WRONG
    chain.listed_seconds += max(named - quantity, 0)
    chain.untagged += max(quantity - named, 0)


def note_second_rate(belief: Belief, chain: Chain, quantity: int) -> None:
    rate = unlisted_seconds(chain).rate
    known = units.mean(belief.cells, units.total) if belief.cells else 0.0
    share = quantity / (quantity + known) if quantity else 0.0
    belief.second_rate = rate if not belief.second_rate else belief.second_rate ** (1.0 - share) * rate**share


def learn_seconds(belief: Belief, chain: Chain) -> None:
    """Second tags nobody names prove to be more or less usual than was thought when the units came."""
    if not belief.second_rate or not belief.cells:
        return
    ratio = unlisted_seconds(chain).rate / belief.second_rate
    if not 0.9 < ratio < 1.1:
        belief.cells = units.weighted(belief.cells, lambda cell: ratio ** units.parts(cell).hidden)
        belief.second_rate *= ratio
