"""Which trips to make, and with what: buying, moving and waiting in one objective.

Given the lanes that are open the units are optimal (``flow``). Lanes are opened
one by one, the one that gains most beyond its trip first, then closed and
exchanged while that raises the whole; what reaches a floor goes before money, as
long as every trip pays. A trip is made only if the plan is worse
without it, so none is made at a loss. Nothing is left to chance or to a solver.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import takewhile
from typing import TypeVar

from inventory.transfers.flow import LEAST_GAIN, SkuFlow, SkuWays
from inventory.transfers.lanes import Lane, Line, Place, Trip

Candidate = TypeVar("Candidate")
Delays = Mapping[tuple[str, str, str], float]

_SLOPE_ROUNDS = 8
_MOST_EXCHANGED = 400
"""Lanes of SKUs; among more of them lanes are only opened and closed one by one."""
_MOST_WEIGHED = 300
"""Sets of open lanes, from one start, after which no further exchange is looked for: a bound of the time it takes."""


def plan(
    places: Iterable[Place],
    lanes: Iterable[Lane],
    delays: Delays | None = None,
    opened: Collection[tuple[str, str]] = (),
) -> list[Trip]:
    """The trips to make, sorted by lane; ``delays`` (origin, destination, SKU) cost more per unit for coming late.

    Where a similar plan is known already, ``opened`` are the ends of its trips, to begin with.

    >>> dest, origin = Place("d", "s", takes=(9.0, 4.0)), Place("o", "s", gives=(1.0, 2.0))
    >>> [(trip.lines[0].units, trip.gain, trip.cost) for trip in plan([dest, origin], [Lane("o", "d", 1.0, 5.0)])]
    [(2, 10.0, 7.0)]
    """
    return _Planner(places, lanes, delays or {}).trips(frozenset(opened))


class _Planner:
    def __init__(self, places: Iterable[Place], lanes: Iterable[Lane], delays: Delays) -> None:
        self.places: dict[str, dict[str, Place]] = {}
        for place in sorted(places, key=lambda place: (place.sku, place.location)):
            self.places.setdefault(place.sku, {})[place.location] = place
        self.lanes = sorted(lanes)
        self.few = False
        self.weighed = 0
        self.charges = {
            sku: {
                lane: lane.cost_per_unit + delays.get((lane.origin, lane.destination, sku), 0.0) for lane in self.lanes
            }
            for sku in self.places
        }
        self.useful = {
            lane: [sku for sku in self.places if _may_gain(self.places[sku], lane, self.charges[sku][lane])]
            for lane in self.lanes
        }
        used = {sku for skus in self.useful.values() for sku in skus}
        self.skus = [sku for sku in self.places if sku in used]
        self.lanes_of = {sku: {lane for lane in self.lanes if sku in self.useful[lane]} for sku in self.skus}
        self.floors = any(place.floor for sku in self.skus for place in self.places[sku].values())
        self.ways = {
            sku: SkuWays(self.places[sku], {lane: self.charges[sku][lane] for lane in self.lanes_of[sku]})
            for sku in self.skus
        }
        self.flows: dict[str, SkuFlow] = {}
        self.open: frozenset[Lane] = frozenset()
        self._start(self.open)
        # Before anything is sent a lane gains the most it ever can: units are worth less one by one.
        self.lanes = [lane for lane in self.lanes if self._alone(lane) > LEAST_GAIN]
        self.few = sum(len(self.useful[lane]) for lane in self.lanes) <= _MOST_EXCHANGED

    def trips(self, opened: frozenset[tuple[str, str]]) -> list[Trip]:
        """The best of three ways, each exchanged until nothing is better: from no lane, from all, by slopes.

        A plan that is known already is the only start."""
        self._start(frozenset(lane for lane in self.lanes if (lane.origin, lane.destination) in opened))
        self._add()
        self._improve()
        for start in (self._by_slopes, lambda: frozenset(self.lanes)) if self.few and not opened else ():
            before = (self.open, self.flows)
            self._start(start())
            self._improve()
            if not self._beats(self.flows, before[1]):
                self.open, self.flows = before
        while self._close_losing():
            pass
        return [self._trip(lane) for lane in sorted(self._used(self.flows))]

    def _by_slopes(self) -> frozenset[Lane]:
        """Lanes used when the cost of a trip is charged per unit, by the units of the round before (slope scaling)."""
        slopes = dict.fromkeys(self.lanes, 0.0)
        best, found = (0, 0.0), frozenset[Lane]()
        for _ in range(_SLOPE_ROUNDS):
            sloped = [self._sloped(ways, slopes) for ways in self.ways.values()]
            units = {lane: sum(flow.units.get(lane, 0) for flow in sloped) for lane in self.lanes}
            slopes = {lane: lane.cost_per_trip / units[lane] if units[lane] else slopes[lane] for lane in self.lanes}
            self._start(frozenset(lane for lane in self.lanes if units[lane]))
            if self._score(self.flows) > best:
                best, found = self._score(self.flows), self.open
        return found

    def _sloped(self, ways: SkuWays, slopes: Mapping[Lane, float]) -> SkuFlow:
        charges = {lane: ways.charges[lane] + slopes[lane] for lane in self.lanes if lane in ways.charges}
        return SkuWays(ways.places, charges).best(charges)

    def _start(self, open_lanes: frozenset[Lane]) -> None:
        self.flows = {sku: ways.best(open_lanes) for sku, ways in self.ways.items()}
        self.open = frozenset(self._used(self.flows))

    def _improve(self) -> None:
        self.weighed = 0
        while self._exchange():
            self._add()
        self._start(self.open)

    def _flows(self, open_lanes: frozenset[Lane]) -> dict[str, SkuFlow]:
        """The best flows over these lanes."""
        self.weighed += 1
        changed = sorted(open_lanes ^ self.open)
        other = {sku for lane in changed for sku in self.useful[lane] if self._matters(self.flows[sku], lane)}
        return {**self.flows, **{sku: self.ways[sku].best(open_lanes) for sku in sorted(other)}}

    def _matters(self, flow: SkuFlow, lane: Lane) -> bool:
        """Whether a lane can change a flow; among many lanes only if it is used, or would be at once."""
        return self.few or bool(flow.units.get(lane, 0)) or flow.alone(lane) > 0.0

    def _used(self, flows: Mapping[str, SkuFlow]) -> set[Lane]:
        return {lane for flow in flows.values() for lane, units in flow.units.items() if units}

    def _score(self, flows: Mapping[str, SkuFlow]) -> tuple[int, float]:
        """Units that reach a floor, where every trip pays, and money; the first decides."""
        used = sorted(self._used(flows))
        money = sum(flow.gain for flow in flows.values()) - sum(lane.cost_per_trip for lane in used)
        paid = self.floors and all(self._earned(flows, lane) > lane.cost_per_trip for lane in used)
        return (sum(flow.floors for flow in flows.values()) if paid else 0), money

    def _earned(self, flows: Mapping[str, SkuFlow], lane: Lane) -> float:
        """By a trip, beside all others."""
        return sum(flows[sku].without(lane) for sku in self.useful[lane] if flows[sku].units.get(lane, 0))

    def _beats(self, flows: Mapping[str, SkuFlow], others: Mapping[str, SkuFlow], least: float = LEAST_GAIN) -> bool:
        floors, money = self._score(others)
        return self._score(flows) > (floors, money + least)

    def _try(self, open_lanes: frozenset[Lane], least: float = LEAST_GAIN) -> bool:
        """Go over to these lanes if the whole is better by more than ``least``."""
        flows = self._flows(open_lanes)
        if not self._beats(flows, self.flows, least):
            return False
        self.open, self.flows = frozenset(self._used(flows)), flows
        return True

    def _alone(self, lane: Lane) -> float:
        return sum(self.flows[sku].alone(lane) for sku in self.useful[lane]) - lane.cost_per_trip

    def _add(self, but: Lane | None = None) -> None:
        """Open the lane that gains most by itself, while one gains."""
        gains = {lane: self._alone(lane) for lane in self.lanes if lane not in self.open and lane != but}
        while gains:
            best = max(sorted(gains), key=gains.__getitem__)
            if gains.pop(best) <= LEAST_GAIN:
                return
            if self._try(self.open | {best}):
                touched = {best.origin, best.destination}
                for lane in gains:
                    if lane.origin in touched or lane.destination in touched:
                        gains[lane] = self._alone(lane)

    def _exchange(self) -> bool:
        """Close a lane, do without it, open one more, put one in another's place: the first that is better."""
        for lane in sorted(self.open):
            if self._try(self.open - {lane}, -LEAST_GAIN):
                return True
        if not self.few:
            return False
        if any(self._do_without(lane) for lane in self._in_time(sorted(self.open))):
            return True
        closed = [lane for lane in self.lanes if lane not in self.open]
        if any(self._try(self.open | {other}) for other in self._in_time(closed)):
            return True
        pairs = ((lane, other) for lane in sorted(self.open) for other in closed if _meet(lane, other))
        if any(self._try(self.open - {lane} | {other}) for lane, other in self._in_time(pairs)):
            return True
        return any(self._insist(lane) for lane in self._in_time(closed))

    def _in_time(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """One after the other, until enough has been weighed."""
        return takewhile(lambda _: self.weighed < _MOST_WEIGHED, candidates)

    def _insist(self, lane: Lane) -> bool:
        """Open a lane though that loses, and close what gains then; undone unless that is better."""
        before = (self.open, self.flows)
        self.flows = self._flows(self.open | {lane})
        self.open = self.open | {lane}
        for other in sorted(self.open - {lane}):
            self._try(self.open - {other})
        self.open = frozenset(self._used(self.flows))
        self._add()
        if self._beats(self.flows, before[1]):
            return True
        self.open, self.flows = before
        return False

    def _do_without(self, lane: Lane) -> bool:
        """Close a lane and open whatever gains then; undone unless that is better."""
        before = (self.open, self.flows)
        self._start(self.open - {lane})
        self._add(but=lane)
        if self._beats(self.flows, before[1]):
            return True
        self.open, self.flows = before
        return False

    def _close_losing(self) -> bool:
        for lane in sorted(self._used(self.flows)):
            if self._trip(lane).net <= LEAST_GAIN:
                self._start(self.open - {lane})
                return True
        return False

    def _trip(self, lane: Lane) -> Trip:
        lines = [Line(sku, units) for sku, flow in self.flows.items() if (units := flow.units.get(lane, 0))]
        units = sum(line.units for line in lines)
        gains = tuple(self.flows[line.sku].without(lane) + line.units * lane.cost_per_unit for line in lines)
        cost = lane.cost_per_trip + units * lane.cost_per_unit
        return Trip(lane.origin, lane.destination, tuple(lines), sum(gains), cost, gains)


def _meet(lane: Lane, other: Lane) -> bool:
    return lane.origin == other.origin or lane.destination == other.destination


def _may_gain(places: Mapping[str, Place], lane: Lane, charge: float) -> bool:
    """Whether a unit on a lane can ever gain: the last one given is dearer, the last one taken worth less."""
    origin, destination = places.get(lane.origin), places.get(lane.destination)
    if origin is None or destination is None or not origin.gives or not destination.takes:
        return False
    return destination.takes[0] - origin.gives[0] - charge > LEAST_GAIN
