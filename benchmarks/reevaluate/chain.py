"""A chain of stores as the core holds it: one state per SKU and location."""

import random
from dataclasses import dataclass

from inventory.demand import daily
from inventory.demand.daily import DailyDemand
from inventory.replenishment.lead_time import LeadTime
from inventory.replenishment.orders import Order, OrderBook
from inventory.replenishment.rounding import Lots
from inventory.replenishment.suppliers import Receipt, Record, lead_time, learn, prior_of
from inventory.state import LocationStock, SkuState
from inventory.stock.ledger import Ledger
from schemas.observations import ItemDefined, SupplierDefined

DAY = 86_400_000
NOW = 20_400 * DAY
HISTORY_DAYS = 56
HALF_LIFE_DAYS = 28.0


@dataclass(frozen=True)
class Pair:
    """One SKU at one location, with what reference data says of it."""

    sku: SkuState
    location: str
    supplier: SupplierDefined
    lead_time: LeadTime

    @property
    def stock(self) -> LocationStock:
        """The state of the pair."""
        return self.sku.locations[self.location]

    @property
    def lots(self) -> Lots:
        """What can be ordered at all."""
        item = self.sku.item
        return Lots(max(item.minimum_order_units, self.supplier.minimum_order_units), item.pack)


def chain(pairs: int, stores: int, seed: int) -> list[Pair]:
    """``pairs`` of SKUs in ``stores``; from one unit in three months to several a day, as in fashion.

    Every supplier has been learned on its lane to every store.
    """
    chance = random.Random(seed)
    suppliers = [_supplier(chance, place) for place in range(12)]
    items = [_item(chance, place, suppliers) for place in range(-(-pairs // stores))]
    by_name = {supplier.supplier: supplier for supplier in suppliers}
    lanes = {
        (supplier.supplier, store): _learned(chance, supplier) for supplier in suppliers for store in range(stores)
    }
    popular = {item.sku: chance.lognormvariate(-1.6, 1.1) for item in items}
    told: list[Pair] = []
    for item in items:
        sku = SkuState(item)
        for store in range(min(stores, pairs - len(told))):
            rate = popular[item.sku] * chance.lognormvariate(0.0, 0.5)
            sku.locations[f"store-{store}"] = _stock(chance, rate, item)
            told.append(Pair(sku, f"store-{store}", by_name[item.supplier], lanes[item.supplier, store]))
    return told


def _learned(chance: random.Random, supplier: SupplierDefined) -> LeadTime:
    """What is known of a lane after a dozen orders."""
    record = Record()
    shape = (supplier.lead_time_days / supplier.lead_time_sd_days) ** 2
    for _ in range(12):
        days = chance.gammavariate(shape, supplier.lead_time_days / shape)
        learn(record, [Receipt(days, 1.0)], days, supplier.lead_time_days)
    return lead_time(record, record, prior_of(supplier.lead_time_days, supplier.lead_time_sd_days))


def _supplier(chance: random.Random, place: int) -> SupplierDefined:
    mean = chance.choice([2.0, 4.0, 7.0, 14.0, 21.0])
    return SupplierDefined(
        f"supplier-{place}", 0, mean, mean * chance.choice([0.15, 0.3, 0.5]), chance.choice([1.0, 7.0])
    )


def _item(chance: random.Random, place: int, suppliers: list[SupplierDefined]) -> ItemDefined:
    cost = round(chance.lognormvariate(2.6, 0.6), 2)
    return ItemDefined(
        f"sku-{place}",
        f"style-{place // 8}",
        0,
        price=round(cost * 2.4, 2),
        cost=cost,
        pack=chance.choice([1, 1, 1, 6]),
        minimum_order_units=chance.choice([0, 0, 4, 12]),
        supplier=chance.choice(suppliers).supplier,
    )


def _stock(chance: random.Random, rate: float, item: ItemDefined) -> LocationStock:
    """Two months of sales a day, whole units around the rate, and a stock of up to five weeks."""
    demand = DailyDemand()
    first = NOW - HISTORY_DAYS * DAY
    for day in range(HISTORY_DAYS):
        units = sum(chance.random() < rate / 8.0 for _ in range(8))
        daily.observe(demand, units, first + day * DAY, HALF_LIFE_DAYS)
    daily.close_days(demand, NOW // DAY, HALF_LIFE_DAYS)
    on_hand = int(rate * chance.uniform(0.0, 35.0))
    orders = [Order("order", "acknowledged", item.pack, NOW - DAY, expected_at_ms=NOW + 3 * DAY)]
    return LocationStock(
        Ledger(on_hand=on_hand, opening_known=True), demand, OrderBook(orders if chance.random() < 0.2 else [])
    )
