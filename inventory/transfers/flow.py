"""The best units of one SKU over lanes that are open anyway: exact marginal greedy.

One unit after the other goes where it gains most, where a floor is to be reached
before anywhere else. The way of a unit may run over
units already planned, taking them back from one destination for a better one
(augmenting paths), which makes the sum optimal as in a minimum cost flow: values
at the ends only fall. Ties go to the lane that sorts first.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from inventory.transfers.lanes import Lane, Place

LEAST_GAIN = 1e-9

Flow = dict[Lane, int]

_NO_WAY = -math.inf


class SkuFlow:
    """Units of one SKU on lanes, and how much each place gave and took; ``parts`` of it that share no place."""

    def __init__(
        self, places: Mapping[str, Place], charges: Mapping[Lane, float], parts: Iterable["SkuFlow"] = ()
    ) -> None:
        self.places = places
        self.charges = charges
        self.units: Flow = {}
        self.given: dict[str, int] = {}
        self.taken: dict[str, int] = {}
        self.gain = 0.0
        self.floors = 0
        for part in parts:
            self.units |= part.units
            self.given |= part.given
            self.taken |= part.taken
            self.gain += part.gain
            self.floors += part.floors

    def alone(self, lane: Lane) -> float:
        """What a further lane would gain by itself, after what is sent already."""
        origin, destination = self.places.get(lane.origin), self.places.get(lane.destination)
        if origin is None or destination is None or self.taken.get(lane.origin) or self.given.get(lane.destination):
            return 0.0
        given, taken, charge = self.given.get(lane.origin, 0), self.taken.get(lane.destination, 0), self.charges[lane]
        total = 0.0
        for lost, won in zip(islice(origin.gives, given, None), islice(destination.takes, taken, None), strict=False):
            gain = won - lost - charge
            if gain <= LEAST_GAIN:
                break
            total += gain
        return total

    def without(self, lane: Lane) -> float:
        """What the units of one lane gain beside all others: lost if they stayed."""
        units = self.units.get(lane, 0)
        origin, destination = self.places[lane.origin], self.places[lane.destination]
        given, taken = self.given.get(lane.origin, 0), self.taken.get(lane.destination, 0)
        lost = origin.gives[given - units : given]
        won = destination.takes[taken - units : taken]
        return sum(won) - sum(lost) - units * self.charges[lane]


class SkuWays:
    """The lanes of one SKU. What is best over some of them is found once for each of the parts they fall into."""

    def __init__(self, places: Mapping[str, Place], charges: Mapping[Lane, float]) -> None:
        self.places = places
        self.charges = charges
        self._best: dict[tuple[Lane, ...], SkuFlow] = {}

    def best(self, open_lanes: Iterable[Lane]) -> SkuFlow:
        """The flow of most gain over those of the lanes that are among its own."""
        parts = parts_of(lane for lane in open_lanes if lane in self.charges)
        return SkuFlow(self.places, self.charges, map(self._part, parts))

    def _part(self, lanes: tuple[Lane, ...]) -> SkuFlow:
        found = self._best.get(lanes)
        if found is None:
            found = self._best[lanes] = self._solved(lanes)
        return found

    def _solved(self, lanes: tuple[Lane, ...]) -> SkuFlow:
        sending = _Sending(self.places, self.charges, lanes)
        sending.solve()
        flow = SkuFlow(self.places, self.charges)
        flow.units = {lane: units for lane, units in zip(lanes, sending.units, strict=True) if units}
        flow.given = dict(zip(sending.names, sending.given, strict=True))
        flow.taken = dict(zip(sending.names, sending.taken, strict=True))
        flow.gain, flow.floors = sending.gain, sending.floors
        return flow


class _Sending:
    """A flow in the making over lanes of which all are open; places and lanes by their number."""

    def __init__(self, places: Mapping[str, Place], charges: Mapping[Lane, float], lanes: Sequence[Lane]) -> None:
        self.names = sorted({place for lane in lanes for place in (lane.origin, lane.destination)})
        number = {name: at for at, name in enumerate(self.names)}
        self.places = [places[name] for name in self.names]
        self.lanes = [(number[lane.origin], number[lane.destination], charges[lane]) for lane in lanes]
        self.units = [0] * len(lanes)
        self.given, self.taken = [0] * len(self.names), [0] * len(self.names)
        self.gain = 0.0
        self.floors = 0

    def solve(self) -> None:
        """Send units while one gains."""
        while self._send_one():
            pass

    def _send_one(self) -> bool:
        """The unit, by the way, that gains most; one for a floor before any other."""
        reached, came_by = self._ways()
        best, end = (False, LEAST_GAIN), -1
        for at, place in enumerate(self.places):
            if reached[at] > _NO_WAY and not self.given[at] and self.taken[at] < len(place.takes):
                gain = reached[at] + place.takes[self.taken[at]]
                here = (self.taken[at] < place.floor, gain)
                if gain > LEAST_GAIN and here > best:
                    best, end = here, at
        if end < 0:
            return False
        floor, gain = best
        self.floors += floor
        self.gain += gain
        self.taken[end] += 1
        self.given[self._book(end, came_by)] += 1
        return True

    def _ways(self) -> tuple[list[float], list[tuple[int, int]]]:
        """For each taker the least loss of bringing it a unit, and by which lane (after taking back which)."""
        out = [
            -place.gives[given] if not taken and given < len(place.gives) else _NO_WAY
            for place, given, taken in zip(self.places, self.given, self.taken, strict=True)
        ]
        before = [-1] * len(out)
        reached = [_NO_WAY] * len(out)
        came_by = [(-1, -1)] * len(out)
        for _ in range(2 * len(out)):
            changed = False
            for lane, (origin, destination, charge) in enumerate(self.lanes):
                value = out[origin] - charge
                if value > reached[destination] + LEAST_GAIN and not self.given[destination]:
                    reached[destination] = value
                    came_by[destination] = (lane, before[origin])
                    changed = True
            for lane, (origin, destination, charge) in enumerate(self.lanes):
                if self.units[lane] and reached[destination] + charge > out[origin] + LEAST_GAIN:
                    out[origin], before[origin] = reached[destination] + charge, lane
                    changed = True
            if not changed:
                break
        return reached, came_by

    def _book(self, end: int, came_by: Sequence[tuple[int, int]]) -> int:
        """Put the unit on its way, back from its end; returns who gives it."""
        while True:
            lane, taken_back = came_by[end]
            self.units[lane] += 1
            if taken_back < 0:
                return self.lanes[lane][0]
            self.units[taken_back] -= 1
            end = self.lanes[taken_back][1]


def parts_of(lanes: Iterable[Lane]) -> list[tuple[Lane, ...]]:
    """The lanes, sorted, apart where they share no place: what one part does the others do not feel.

    >>> [[lane.origin + lane.destination for lane in part] for part in parts_of(map(Lane, "acb", "bdd"))]
    [['ab', 'bd', 'cd']]
    >>> [[lane.origin + lane.destination for lane in part] for part in parts_of(map(Lane, "ac", "bd"))]
    [['ab'], ['cd']]
    """
    part_at: dict[str, list[Lane]] = {}
    for lane in lanes:
        one, other = part_at.get(lane.origin, []), part_at.get(lane.destination, [])
        joined = [*one, *(other if other is not one else ()), lane]
        part_at.update(dict.fromkeys([place for part in joined for place in (part.origin, part.destination)], joined))
    parts = {id(part): part for part in part_at.values()}
    return sorted(tuple(sorted(part)) for part in parts.values())
