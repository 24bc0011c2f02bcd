"""Plans from the state of the core: what counts as free, as coming, and until when."""

import msgspec
import pytest

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.outlook import PLAIN, Demand, demand_of
from inventory.replenishment.orders import Order, OrderBook
from inventory.replenishment.reorder import Terms
from inventory.state import Arrived, LocationStock, OpenTransfer, PartitionState, SkuState
from inventory.stock.ledger import Ledger
from inventory.transfers.chain import Setting, Way, market_of, plan_for
from inventory.transfers.lanes import Trip
from inventory.transfers.value import Market
from schemas.observations import ItemDefined
from tests.inventory.logs import DAY, START

ITEM = ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0)
NOW = START + 30 * DAY
STEADY = Demand(4.0, 4.0, 30, 1, PLAIN)
WAYS = [Way(a, b, 1.0, 1.0, 10.0) for a, b in (("lyon", "paris"), ("paris", "lyon"))]


def stock(on_hand: int, per_day: int, every: int = 1, *, known: bool = True, reserved: int = 0) -> LocationStock:
    """A month of ``per_day`` sold each ``every`` days."""
    demand = DailyDemand()
    for day in range(30):
        daily.observe(demand, per_day if day % every == 0 else 0, START + day * DAY, 28.0)
    daily.close_days(demand, NOW // DAY, 28.0)
    return LocationStock(Ledger(on_hand=on_hand, opening_known=known, reserved=reserved), demand, OrderBook())


def planned(skus: list[SkuState], ways: list[Way], now_ms: int = NOW) -> list[Trip]:
    """The plan with 8 days until the supplier would deliver."""

    def market_at(sku: SkuState, location: str) -> Market:
        demand = demand_of(PartitionState(0), sku, location, sku.locations[location])
        return market_of(sku.item, demand, 8.0, now_ms, Terms())

    return plan_for(skus, ways, Setting(now_ms, market_at))


def chain(paris: LocationStock, lyon: LocationStock, item: ItemDefined = ITEM) -> SkuState:
    return SkuState(item, {"paris": paris, "lyon": lyon})


def test_an_empty_store_gets_what_another_will_not_sell() -> None:
    """Paris sells 28 in the 7 days between the trip and the supplier, with luck more; a unit costs 1 and brings 30."""
    (trip,) = planned([chain(stock(0, 4), stock(50, 1, 10))], WAYS)
    assert (trip.origin, trip.destination) == ("lyon", "paris")
    assert 28 <= trip.lines[0].units <= 28 + 2 * 28**0.5
    assert trip.net > 0.0


def test_a_unit_sold_brings_its_price_and_one_left_over_what_it_cost() -> None:
    """Until the supplier delivers; to the season's end, if that is sooner, a leftover is worth what is told."""
    market = market_of(ITEM, STEADY, 8.0, NOW, Terms())
    assert (market.horizon_days, market.margin, market.leftover_value) == (8.0, 50.0, 20.0)
    ending = msgspec.structs.replace(ITEM, season_end_ms=NOW + 3 * DAY)
    market = market_of(ending, STEADY, 8.0, NOW, Terms(leftover_share=0.3))
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
    assert planned([chain(stock(0, 4), lyon, item)], WAYS) == []


def test_what_is_promised_or_on_its_way_counts() -> None:
    paris, lyon = stock(0, 4), stock(50, 1, 10)
    paris.transfers.append(OpenTransfer("t", "lyon", 45, "proposed"))
    assert planned([chain(paris, lyon)], WAYS) == []
    paris.transfers.clear()
    paris.book.orders.append(Order("o", "acknowledged", 60, START, expected_at_ms=NOW + DAY // 2))
    assert planned([chain(paris, lyon)], WAYS) == []


def test_an_overdue_order_comes_tomorrow_at_the_earliest() -> None:
    """Half a day of 4 is bridged: a unit costs 0.1 and brings 30, P(2 >= 7) = 0.0045 and P(2 >= 8) = 0.0011."""
    paris = stock(0, 4)
    paris.book.orders.append(Order("o", "acknowledged", 60, START, expected_at_ms=NOW - DAY))
    ways = [Way("lyon", "paris", 0.5, 0.1, 1.0)]
    (trip,) = planned([chain(paris, stock(50, 1, 10))], ways)
    assert trip.lines[0].units == 7


def test_slow_lanes_are_used_less() -> None:
    three = SkuState(ITEM, {"paris": stock(0, 1), "lyon": stock(9, 1, 10), "nice": stock(9, 1, 10)})
    ways = [Way("lyon", "paris", 5.0, 1.0, 10.0), Way("nice", "paris", 1.0, 1.5, 10.0)]
    assert [trip.origin for trip in planned([three], ways)] == ["nice"]


def test_what_was_moved_rests() -> None:
    """20 units came from Paris to Lyon two days ago: for a week they stay, and Paris takes none."""
    full, empty = stock(20, 1, 10), stock(0, 4)
    full.arrived = [Arrived("paris", 20, NOW - 2 * DAY)]
    assert planned([chain(empty, full)], WAYS) == []
    (trip,) = planned([chain(empty, full)], WAYS, NOW + 6 * DAY)
    assert trip.origin == "lyon"


def test_sizes_of_a_style_share_their_trip() -> None:
    """A trip of 450 pays for neither alone, but for both together."""
    dear = [way._replace(cost_per_trip=450.0) for way in WAYS]
    sizes = [
        SkuState(msgspec.structs.replace(ITEM, sku=name), {"paris": stock(0, 2), "lyon": stock(30, 1, 10)})
        for name in ("jeans-32", "jeans-34")
    ]
    assert planned(sizes[:1], dear) == []
    (trip,) = planned(sizes, dear)
    assert [line.sku for line in trip.lines] == ["jeans-32", "jeans-34"]
