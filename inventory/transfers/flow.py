"""The best units of one SKU over lanes that are open anyway: exact marginal greedy.

One unit after the other goes where it gains most, where a floor is to be reached
before anywhere else. The way of a unit may run over
units already planned, taking them back from one destination for a better one
(augmenting paths), which makes the sum optimal as in a minimum cost flow: values
at the ends only fall. Ties go to the lane that sorts first.
"""

from collections.abc import Mapping, Sequence

from inventory.transfers.lanes import Lane, Place

LEAST_GAIN = 1e-9

Flow = dict[Lane, int]


class SkuFlow:
    """Units of one SKU on lanes, and how much each place gave and took."""

    def __init__(self, places: Mapping[str, Place], lanes: Sequence[Lane], charges: Mapping[Lane, float]) -> None:
        self.places = places
        self.charges = charges
        self.lanes = [lane for lane in sorted(lanes) if _useful(places, lane)]
        self.units: Flow = {}
        self.given = dict.fromkeys(places, 0)
        self.taken = dict.fromkeys(places, 0)
        self.gain = 0.0
        self.floors = 0

    def solve(self) -> "SkuFlow":
        """Send units while one gains."""
        while self._send_one():
            pass
        return self

    def alone(self, lane: Lane) -> float:
        """What a further lane would gain by itself, after what is sent already."""
        gives, takes = self._left_to_give(lane.origin), self._left_to_take(lane.destination)
        charge = self.charges[lane]
        gains = (won - lost - charge for lost, won in zip(gives, takes, strict=False))
        return sum(gain for gain in gains if gain > LEAST_GAIN)

    def without(self, lane: Lane) -> float:
        """What the units of one lane gain beside all others: lost if they stayed."""
        units = self.units.get(lane, 0)
        origin, destination = self.places[lane.origin], self.places[lane.destination]
        lost = origin.gives[self.given[lane.origin] - units : self.given[lane.origin]]
        won = destination.takes[self.taken[lane.destination] - units : self.taken[lane.destination]]
        return sum(won) - sum(lost) - units * self.charges[lane]

    def _left_to_give(self, location: str) -> tuple[float, ...]:
        place = self.places.get(location)
        return () if place is None or self.taken[location] else place.gives[self.given[location] :]

    def _left_to_take(self, location: str) -> tuple[float, ...]:
        place = self.places.get(location)
        return () if place is None or self.given[location] else place.takes[self.taken[location] :]

    def _send_one(self) -> bool:
        """The unit, by the way, that gains most; one for a floor before any other."""
        reached, came_by = self._ways()
        best, end = (False, LEAST_GAIN), ""
        for location in sorted(reached):
            takes = self._left_to_take(location)
            gain = reached[location] + takes[0] if takes else 0.0
            here = (self.taken[location] < self.places[location].floor, gain)
            if gain > LEAST_GAIN and here > best:
                best, end = here, location
        if not end:
            return False
        floor, gain = best
        self.floors += floor
        self.gain += gain
        self.taken[end] += 1
        self.given[self._book(end, came_by)] += 1
        return True

    def _ways(self) -> tuple[dict[str, float], dict[str, tuple[Lane, Lane | None]]]:
        """For each taker the least loss of bringing it a unit, and by which lane (after taking back which)."""
        out = {place: -gives[0] for place in sorted(self.places) if (gives := self._left_to_give(place))}
        before: dict[str, Lane | None] = dict.fromkeys(out)
        reached: dict[str, float] = {}
        came_by: dict[str, tuple[Lane, Lane | None]] = {}
        for _ in range(2 * len(self.places)):
            changed = False
            for lane in self.lanes:
                value = out.get(lane.origin, -float("inf")) - self.charges[lane]
                if (
                    value > reached.get(lane.destination, -float("inf")) + LEAST_GAIN
                    and not self.given[lane.destination]
                ):
                    reached[lane.destination] = value
                    came_by[lane.destination] = (lane, before[lane.origin])
                    changed = True
            for lane in self.lanes:
                if self.units.get(lane, 0) and lane.destination in reached:
                    value = reached[lane.destination] + self.charges[lane]
                    if value > out.get(lane.origin, -float("inf")) + LEAST_GAIN:
                        out[lane.origin], before[lane.origin] = value, lane
                        changed = True
            if not changed:
                break
        return reached, came_by

    def _book(self, end: str, came_by: Mapping[str, tuple[Lane, Lane | None]]) -> str:
        """Put the unit on its way, back from its end; returns who gives it."""
        while True:
            lane, taken_back = came_by[end]
            self.units[lane] = self.units.get(lane, 0) + 1
            if taken_back is None:
                return lane.origin
            self.units[taken_back] -= 1
            end = taken_back.destination


def _useful(places: Mapping[str, Place], lane: Lane) -> bool:
    origin, destination = places.get(lane.origin), places.get(lane.destination)
    return origin is not None and destination is not None and bool(origin.gives) and bool(destination.takes)
