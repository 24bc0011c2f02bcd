"""A warehouse with less than its stores need: shared as ``rationing`` shares, floors first, less what is held back."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from inventory.transfers.lanes import Lane, Place
from inventory.transfers.plan import plan
from schemas.facts import Transfer
from schemas.observations import ItemDefined, LaneDefined, LocationDefined, SupplierDefined, Tick
from tests.inventory.logs import DAY, HOUR, START, Log
from tests.inventory.rationing import Claim, ration
from tests.inventory.transfers import inputs_of

SKU = "jeans-32"
STORES = {"lyon": 1, "metz": 2, "nice": 4, "paris": 7}
PRICE, COST, UNIT_COST = 50.0, 20.0, 1.0


def _taking(drawn: list[tuple[list[float], int]]) -> list[Place]:
    """No two units are worth the same."""
    stores = []
    for at, (worths, floor) in enumerate(drawn):
        apart = [worth + 0.01 * at + 0.001 * unit for unit, worth in enumerate(worths)]
        stores.append(Place(f"store-{at}", "s", takes=tuple(sorted(apart, reverse=True)), floor=floor))
    return stores


@settings(deadline=None)
@given(
    some.lists(some.tuples(some.lists(some.integers(0, 90).map(float), max_size=5), some.integers(0, 3)), max_size=4),
    some.integers(0, 12),
)
def test_units_of_one_warehouse_go_as_the_oracle_shares_them(
    drawn: list[tuple[list[float], int]], available: int
) -> None:
    """Each unit is worth 10.5 where it is, and its way costs 1: no unit that goes is worth nothing."""
    stores = _taking(drawn)
    lanes = [Lane("dc", store.location, 1.0) for store in stores]
    trips = plan([Place("dc", "s", gives=(10.5,) * available), *stores], lanes)
    claims = [Claim(one.location, tuple(worth - 11.5 for worth in one.takes), floor=one.floor) for one in stores]
    sent = {trip.destination: trip.lines[0].units for trip in trips}
    assert sent == {store: units for store, units in ration(available, claims).items() if units}


def test_a_floor_goes_before_what_is_worth_more_but_not_at_a_loss() -> None:
    stores = [Place("a", "s", takes=(9.0, 8.0)), Place("b", "s", takes=(5.0,), floor=1)]
    dc = Place("dc", "s", gives=(1.0, 1.0))

    def sent(trip_cost: float) -> dict[str, int]:
        trips = plan([dc, *stores], [Lane("dc", "a", 0.0, 1.0), Lane("dc", "b", 0.0, trip_cost)])
        assert all(trip.net > 0.0 for trip in trips)
        return {trip.destination: trip.lines[0].units for trip in trips}

    assert sent(1.0) == {"a": 1, "b": 1}
    assert sent(4.5) == {"a": 2}, "the trip costs more than the unit earns"


def test_a_floor_earns_its_trip_beside_what_else_is_on_it() -> None:
    """Plans that choose among trips keep to the floors as well; no trip loses, nothing is given that is not there."""
    chance = Random(4)
    for _ in range(60):
        places = [Place("dc", "s", gives=(1.0,) * chance.randrange(1, 8))]
        for store in "abcd":
            takes = sorted((chance.uniform(0.0, 20.0) for _ in range(4)), reverse=True)
            places.append(Place(store, "s", takes=tuple(takes), floor=chance.choice((0, 1, 2))))
        lanes = [Lane("dc", store, 0.5, chance.choice((0.0, 3.0, 9.0))) for store in "abcd"]
        trips = plan(places, lanes)
        assert all(trip.net > 0.0 for trip in trips)
        assert sum(trip.lines[0].units for trip in trips) <= len(places[0].gives)
        assert trips == plan(places[::-1], lanes[::-1])


def _short(log: Log, in_warehouse: int, *, holdback_share: float = 0.0, display: int = 0) -> None:
    """Four stores sell their last, more at each; the warehouse has too little for the week until the supplier comes."""
    log.tell(ItemDefined(SKU, "jeans", 0, price=PRICE, cost=COST, supplier="mill", shelf_minimum_units=display))
    log.tell(SupplierDefined("mill", 0, lead_time_days=7.0))
    log.tell(LocationDefined("dc", "warehouse", 0, holdback_share=holdback_share))
    log.tell(log.measured("opening", in_warehouse, location="dc"))
    for store, a_day in STORES.items():
        log.tell(LocationDefined(store, "store", 0))
        log.tell(log.measured("opening", 6 * a_day, location=store))
    for day in range(6):
        for store, a_day in STORES.items():
            log.tell(log.sale(a_day, START + day * DAY + 12 * HOUR, store))
        log.tell(Tick(START + (day + 1) * DAY))
    log.tell(*(LaneDefined("dc", store, 0, 1.0, UNIT_COST, 0.0) for store in STORES))


def _planned(log: Log, day: int) -> dict[str, Transfer]:
    said = len(log.said(Transfer))
    log.tell(Tick(START + day * DAY))
    return {fact.destination: fact for fact in log.said(Transfer)[said:] if fact.status == "proposed"}


def _claim(fact: Transfer, display: int) -> Claim:
    """By the receipt's demand alone: the k-th unit at an empty store is sold with P(demand of the days left >= k)."""
    known = inputs_of(fact)
    days = known.horizon_days - known.days_to_arrive
    mean, variance = known.destination_mean_per_day * days, known.destination_variance_per_day * days
    if variance > mean * (1.0 + 1e-9):
        demand = stats.nbinom(mean**2 / (variance - mean), mean / variance)
    else:
        demand = stats.poisson(mean)
    gains = tuple((PRICE - COST) * float(demand.sf(unit - 1)) - UNIT_COST for unit in range(1, 120))
    return Claim(fact.destination, gains, floor=display)


@pytest.mark.parametrize("display", [0, 5])
@pytest.mark.parametrize("holdback_share", [0.0, 0.25])
@pytest.mark.parametrize("in_warehouse", [9, 30, 60])
def test_a_shortage_is_shared_among_four_stores(
    log: Log, in_warehouse: int, holdback_share: float, display: int
) -> None:
    """Demand of stores that get nothing is that of a log with plenty, which is the same but for the warehouse."""
    plenty = Log()
    _short(plenty, 500, display=display)
    claims = [_claim(fact, display) for fact in _planned(plenty, 7).values()]
    assert len(claims) == len(STORES)
    _short(log, in_warehouse, holdback_share=holdback_share, display=display)
    sent = {store: fact.quantity for store, fact in _planned(log, 7).items()}
    shared = ration(in_warehouse, claims, holdback_share)
    assert sent == {store: units for store, units in shared.items() if units}
    assert sum(sent.values()) == in_warehouse - int(in_warehouse * holdback_share + 0.5), "it is a shortage"


def test_what_is_held_back_stays_day_after_day_until_more_comes(log: Log) -> None:
    """Of 40, 10 stay whatever is asked for; of the 10 and 70 that come 20, and of those none when nothing is held."""
    _short(log, 40, holdback_share=0.25)
    for day in range(7, 10):
        for store, fact in _planned(log, day).items():
            named = {"order_id": fact.order_id}
            at_ms = START + day * DAY + HOUR
            log.tell(log.moved("transfer_out", -fact.quantity, at_ms, "dc", counterpart=store, **named))
            log.tell(log.moved("transfer_in", fact.quantity, at_ms, store, counterpart="dc", **named))
            log.tell(log.sale(fact.quantity, at_ms + HOUR, store))
    assert log.at("dc").ledger.on_hand == 10
    log.tell(log.moved("receipt", 70, START + 9 * DAY + 9 * HOUR, "dc"))
    assert sum(fact.quantity for fact in _planned(log, 10).values()) == 60
    log.tell(LocationDefined("dc", "warehouse", 0))
    promised = sum(one.quantity for store in STORES for one in log.at(store).transfers)
    assert promised == 60
    assert log.at("dc").ledger.on_hand == 80
