"""Demand per period, learned online: three memories of the product's learner, the one with least past error believed."""

from dataclasses import dataclass, field

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.replenishment.distribution import Distribution, counts

DAY = 86_400_000
HALF_LIVES = (2.0, 6.0, 28.0)
STATED_PERIODS = 6
ERROR_MEMORY = 0.9


@dataclass
class Forecast:
    """Demand of one market; ``stated`` is what reference data says, and counts as some periods seen."""

    stated: float
    period: int = 0
    memories: list[DailyDemand] = field(default_factory=lambda: [DailyDemand() for _ in HALF_LIVES])
    errors: list[float] = field(default_factory=lambda: [0.0] * len(HALF_LIVES))

    def __post_init__(self) -> None:
        for _ in range(STATED_PERIODS):
            self._tell(round(self.stated))

    def observe(self, units: float) -> None:
        """Learn the demand of a period, after scoring what each memory expected."""
        for place, memory in enumerate(self.memories):
            mean, _ = daily.forecast(memory)
            self.errors[place] = ERROR_MEMORY * self.errors[place] + (units - mean) ** 2 / max(mean, 1.0)
        self._tell(round(units))

    def per_period(self) -> tuple[float, float]:
        """Mean and variance of the periods to come, by the memory that was least wrong."""
        best = min(range(len(self.memories)), key=lambda place: (self.errors[place], -place))
        return daily.forecast(self.memories[best])

    def over(self, periods: int) -> Distribution:
        """Demand over some periods together."""
        mean, variance = self.per_period()
        return counts(mean * periods, variance * periods)

    def _tell(self, units: int) -> None:
        for memory, half_life in zip(self.memories, HALF_LIVES, strict=True):
            daily.observe(memory, units, self.period * DAY, half_life)
            daily.close_days(memory, self.period + 1, half_life)
        self.period += 1
