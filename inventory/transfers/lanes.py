"""What a transfer plan is made from: lanes, and what units are worth at their ends."""

import msgspec


class Lane(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """A way goods may go; a trip costs once whatever it carries, a unit each."""

    origin: str
    destination: str
    cost_per_unit: float = 0.0
    cost_per_trip: float = 0.0


class Place(msgspec.Struct, frozen=True):
    """One SKU at one location.

    ``gives[n]`` is the worth lost with the n + 1-th unit given, rising; as many as
    may be given. ``takes[n]`` is the worth won with the n + 1-th unit taken, falling;
    as many as it may take. The first ``floor`` of them go before everybody's further
    ones, if they gain anything. A location gives or takes a SKU in one plan, never
    both; doing nothing is worth 0.
    """

    location: str
    sku: str
    gives: tuple[float, ...] = ()
    takes: tuple[float, ...] = ()
    floor: int = 0

    def scaled(self, share: float) -> "Place":
        """The same with every worth ``share`` of what it is."""
        gives, takes = (tuple(share * worth for worth in worths) for worths in (self.gives, self.takes))
        return Place(self.location, self.sku, gives, takes, self.floor)


class Line(msgspec.Struct, frozen=True):
    """Units of one SKU on one trip."""

    sku: str
    units: int


class Trip(msgspec.Struct, frozen=True):
    """One trip of a plan: its lines with their ``gains``, and what it brings and costs beside the other trips."""

    origin: str
    destination: str
    lines: tuple[Line, ...]
    gain: float
    cost: float
    gains: tuple[float, ...] = ()

    @property
    def net(self) -> float:
        """What would be lost without this trip."""
        return self.gain - self.cost
