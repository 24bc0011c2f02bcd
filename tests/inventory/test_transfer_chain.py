"""Plans from the state of the core: what counts as free, as coming, and until when."""

import msgspec
import pytest

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.outlook import PLAIN, Demand, demand_of
from inventory.replenishment.orders import Order, OrderBook
from inventory.replenishment.reorder import Terms
from inventory.state import LocationStock, OpenTransfer, PartitionState, SkuState
from inventory.stock.ledger import Ledger
from inventory.transfers.chain import PlanTerms, market_of, plan_for
from inventory.transfers.guards import Moved
from inventory.transfers.lanes import Line
from schemas.observations import ItemDefined, LaneDefined
from tests.inventory.logs import DAY, START

ITEM = ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0)
NOW = START + 30 * DAY
STEADY = Demand(4.0, 4.0, 30, 1, PLAIN)
TERMS = PlanTerms(NOW, supply_days=8.0)
LANES = [LaneDefined(a, b, 0, 1.0, 1.0, 10.0) for a, b in (("lyon", "paris"), ("paris", "lyon"))]


def stock(on_hand: int, per_day: int, every: int = 1, *, known: bool = True, reserved: int = 0) -> LocationStock:
    """A month of ``per_day`` sold each ``every`` days."""
    demand = DailyDemand()
    for day in range(30):
        daily.observe(demand, per_day if day % every == 0 else 0, START + day * DAY, 28.0)
    daily.close_days(demand, NOW // DAY, 28.0)
    return LocationStock(Ledger(on_hand=on_hand, opening_known=known, reserved=reserved), demand, OrderBook())


def plainly(sku: SkuState, location: str) -> Demand:
    return demand_of(PartitionState(0), sku, location, sku.locations[location])


def chain(paris: LocationStock, lyon: LocationStock, item: ItemDefined = ITEM) -> SkuState:
    return SkuState(item, {"paris": paris, "lyon": lyon})


def test_an_empty_store_gets_what_another_will_not_sell() -> None:
    (trip,) = plan_for([chain(stock(0, 4), stock(50, 1, 10))], LANES, plainly, TERMS)
    assert (trip.origin, trip.destination) == ("lyon", "paris")
    assert trip.lines == (Line("jeans-32", 20),), "of 28 or so, as many as may be taken"
    assert trip.net > 0.0


def test_a_unit_sold_brings_its_price_and_one_left_over_what_it_cost() -> None:
    """Until the supplier delivers; to the season's end, if that is sooner, a leftover is worth what is told."""
    market = market_of(ITEM, STEADY, TERMS)
    assert (market.horizon_days, market.margin, market.leftover_value) == (8.0, 50.0, 20.0)
    ending = msgspec.structs.replace(ITEM, season_end_ms=NOW + 3 * DAY)
    market = market_of(ending, STEADY, PlanTerms(NOW, 8.0, Terms(leftover_share=0.3)))
    assert (market.horizon_days, market.margin, market.leftover_value) == (3.0, 50.0, 6.0)


@pytest.mark.parametrize(
    "lyon",
    [
        stock(50, 1, 10, known=False),
        stock(50, 1, 10, reserved=50),
        stock(40, 7),
        stock(3, 1, 10),
    ],
    ids=["opening unknown", "reserved", "sells it itself", "on display"],
)
def test_what_is_not_free_stays(lyon: LocationStock) -> None:
    item = msgspec.structs.replace(ITEM, shelf_minimum_units=3)
    assert plan_for([chain(stock(0, 4), lyon, item)], LANES, plainly, TERMS) == []


def test_what_is_promised_or_on_its_way_counts() -> None:
    paris, lyon = stock(0, 4), stock(50, 1, 10)
    paris.transfers.append(OpenTransfer("t", "lyon", 45, "proposed"))
    assert plan_for([chain(paris, lyon)], LANES, plainly, TERMS) == []
    paris.transfers.clear()
    paris.book.orders.append(Order("o", "acknowledged", 60, START, expected_at_ms=NOW + DAY // 2))
    assert plan_for([chain(paris, lyon)], LANES, plainly, TERMS) == []


def test_retired_lanes_are_not_used_and_slow_ones_less() -> None:
    retired = [msgspec.structs.replace(lane, retired=True) for lane in LANES]
    assert plan_for([chain(stock(0, 4), stock(50, 1, 10))], retired, plainly, TERMS) == []
    three = SkuState(ITEM, {"paris": stock(0, 1), "lyon": stock(9, 1, 10), "nice": stock(9, 1, 10)})
    lanes = [LaneDefined("lyon", "paris", 0, 5.0, 1.0, 10.0), LaneDefined("nice", "paris", 0, 1.0, 1.5, 10.0)]
    assert [trip.origin for trip in plan_for([three], lanes, plainly, TERMS)] == ["nice"]


def test_what_was_moved_rests() -> None:
    full, empty = stock(20, 1, 10), stock(0, 4)
    moved = (Moved("jeans-32", "paris", "lyon", 20, NOW // DAY - 2),)
    rested = msgspec.structs.replace(TERMS, moved=moved)
    assert plan_for([chain(empty, full)], LANES, plainly, rested) == []
    later = msgspec.structs.replace(rested, now_ms=NOW + 6 * DAY)
    (trip,) = plan_for([chain(empty, full)], LANES, plainly, later)
    assert trip.origin == "lyon"


def test_sizes_of_a_style_share_their_trip() -> None:
    """A trip of 450 pays for neither alone, but for both together."""
    dear = [msgspec.structs.replace(lane, cost_per_trip=450.0) for lane in LANES]
    sizes = [
        SkuState(msgspec.structs.replace(ITEM, sku=name), {"paris": stock(0, 2), "lyon": stock(30, 1, 10)})
        for name in ("jeans-32", "jeans-34")
    ]
    assert plan_for(sizes[:1], dear, plainly, TERMS) == []
    (trip,) = plan_for(sizes, dear, plainly, TERMS)
    assert [line.sku for line in trip.lines] == ["jeans-32", "jeans-34"]
