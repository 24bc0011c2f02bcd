"""Whether one policy earns more than the other by what is known so far, however often one looks.

The view ``shadow_verdicts`` says the same of the archived days; ``tests/sinks`` holds the two against each other.
"""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

LEAST_WEEKS = 8
"""Before that the approximation is not good enough to act on."""
FIRST = (0, 1)
"""Who is in force, and who its shadow, when a comparison begins."""
_DOUBT = 0.02
_TIGHTEST_WEEKS = 12
_SCALE = (-2 * math.log(_DOUBT) + math.log(1 - 2 * math.log(_DOUBT))) / _TIGHTEST_WEEKS
_DAYS = 7


def half_width(weeks: int, variance: float) -> float:
    """Of the mean of so many weeks with this sample variance: an asymptotic confidence sequence of 98 %.

    sqrt(v * 2 (n r + 1) / (n^2 r) * log(sqrt(n r + 1) / a)) with r the scale that makes it tightest after 12 weeks
    (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Annals of Statistics 2024, theorem 2.2).

    >>> round(half_width(12, 1.0), 3), round(half_width(52, 1.0), 3)
    (0.968, 0.478)
    """
    grown = weeks * _SCALE + 1
    return math.sqrt(variance * 2 * grown / (weeks * weeks * _SCALE) * math.log(math.sqrt(grown) / _DOUBT))


class Brought(msgspec.Struct, array_like=True, frozen=True):
    """Of days in one currency: what the shadow earned more than the policy in force, and units of both worlds."""

    more_profit: float = 0.0
    demand: int = 0
    served_in_force: int = 0
    served_by_shadow: int = 0

    def plus(self, other: "Brought") -> "Brought":
        """Added up."""
        return Brought(
            self.more_profit + other.more_profit,
            self.demand + other.demand,
            self.served_in_force + other.served_in_force,
            self.served_by_shadow + other.served_by_shadow,
        )


class Trial(msgspec.Struct, array_like=True):
    """The shadow of one currency held against the policy in force, day by day from ``since`` on (since the epoch).

    Both by their numbers among the contestants, of which 0 is what rules name. Days hang together, so whole weeks are
    counted, those in which anything was asked for; ``squares`` are of the differences a day from their mean.
    """

    since: int
    in_force: int = FIRST[0]
    shadow: int = FIRST[1]
    week: int = 0
    days: int = 0
    open: Brought = Brought()
    """Of the days of the week that is not over."""
    whole: Brought = Brought()
    weeks: int = 0
    squares: float = 0.0

    def pass_day(self, day: int, brought: Brought) -> bool:
        """Take a day in; whether a week was over with it that counts."""
        week = (day - self.since) // _DAYS
        if week != self.week:
            self.week, self.days, self.open = week, 0, Brought()
        self.days, self.open = self.days + 1, self.open.plus(brought)
        if self.days < _DAYS or not self.open.demand:
            return False
        before, more = self.more_profit_a_day, self.open.more_profit / _DAYS
        self.weeks, self.whole = self.weeks + 1, self.whole.plus(self.open)
        self.squares = max(self.squares + (more - before) * (more - self.more_profit_a_day), 0.0)  # rounding
        return True

    @property
    def more_profit_a_day(self) -> float:
        """Of the shadow, on the average."""
        return self.whole.more_profit / (_DAYS * self.weeks) if self.weeks else 0.0

    @property
    def doubt(self) -> float:
        """How far from that it may be; without end where nothing is known."""
        return half_width(self.weeks, self.squares / (self.weeks - 1)) if self.weeks > 1 else math.inf

    @property
    def shadow_earns_more(self) -> bool:
        """And no luck."""
        return self.weeks >= LEAST_WEEKS and self.more_profit_a_day > self.doubt

    @property
    def shadow_earns_less(self) -> bool:
        """And no bad luck."""
        return self.weeks >= LEAST_WEEKS and self.more_profit_a_day < -self.doubt

    @property
    def more_fill(self) -> float:
        """What the shadow serves more of all demand, as a share."""
        return (self.whole.served_by_shadow - self.whole.served_in_force) / max(self.whole.demand, 1)


class Trials(dict[str, Trial]):
    """By currency, since money of two cannot be added up."""

    def plain(self) -> Any:
        """For the checkpoint."""
        return msgspec.to_builtins(dict(sorted(self.items())))

    @classmethod
    def restored(cls, remembered: Mapping[str, Any]) -> "Trials":
        """What ``plain`` gave."""
        return cls(msgspec.convert(remembered, dict[str, Trial]))
