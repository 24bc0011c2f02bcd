"""Scores of one case, added up day by day."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from random import Random

COVERAGES = (50, 80, 95)


@dataclass
class Exactness:
    """How often the mode is the truth, and how often intervals hold it, randomised within the steps.

    The probability integral transform F(n - 1) + u p(n) of a calibrated belief is uniform; it is inside the
    central interval of level c when it is within c / 2 of one half.
    """

    random: Random
    days: int = 0
    exact: int = 0
    book: int = 0
    rfid: int = 0
    covered: dict[int, int] = field(default_factory=lambda: dict.fromkeys(COVERAGES, 0))

    def add(self, chances: Mapping[int, float], truth: int, book: int, heard: int) -> None:
        """One location and SKU at one day's end; ``heard`` is the distinct tags of the last sweep."""
        self.days += 1
        self.exact += max(chances, key=chances.__getitem__, default=0) == truth
        self.book += book == truth
        self.rfid += heard == truth
        below = sum(chance for units, chance in chances.items() if units < truth)
        place = below + self.random.random() * chances.get(truth, 0.0)
        for level in COVERAGES:
            self.covered[level] += abs(place - 0.5) <= level / 200

    def shares(self) -> dict[str, float]:
        """In percent."""
        whole = max(self.days, 1)
        named = {"book_exact": self.book, "rfid_exact": self.rfid, "belief_exact": self.exact}
        named |= {f"coverage_{level}": count for level, count in self.covered.items()}
        return {name: round(100 * count / whole, 2) for name, count in named.items()}


@dataclass
class Phantoms:
    """Episodes of stock that is only in the book, and the alerts about it.

    An episode (true 0, book above 0) is found when the alert fires within ceil(2 / true rate) days of its begin; one
    of a single day counts only if it was found. An alert is right when the truth was 0 at that day's end.
    """

    since: dict[tuple[str, str], int] = field(default_factory=dict)
    hit: set[tuple[str, str]] = field(default_factory=set)
    found: int = 0
    missed: int = 0
    right: int = 0
    wrong: int = 0

    def day(
        self, number: int, at: tuple[str, str], truth: int, book: int, rate: float, *, firing: bool, new: bool
    ) -> None:
        """One location and SKU at the end of day ``number``."""
        phantom = truth == 0 and book > 0
        if new:
            self.right += phantom
            self.wrong += not phantom
        if phantom:
            begun = self.since.setdefault(at, number)
            if firing and at not in self.hit and number - begun <= ceil(2 / rate):
                self.hit.add(at)
        elif at in self.since:
            self._end(at, number)

    def _end(self, at: tuple[str, str], number: int) -> None:
        lasted = number - self.since.pop(at)
        if at in self.hit:
            self.hit.remove(at)
            self.found += 1
        elif lasted > 1:
            self.missed += 1

    def shares(self) -> dict[str, float | None]:
        """Recall and precision; episodes that have not ended count too."""
        found, missed = self.found + len(self.hit), self.missed + len(self.since) - len(self.hit)
        said = self.right + self.wrong
        return {
            "phantom_recall": round(found / (found + missed), 3) if found + missed else None,
            "phantom_precision": round(self.right / said, 3) if said else None,
        }


Tags = dict[tuple[str, str], set[str]]


def empty_tags() -> Tags:
    """Tags by location and SKU."""
    return defaultdict(set)
