"""Quantities as large as intake lets in are decided about as others are: in little time and memory."""

import resource
import time
from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from inventory.replenishment.distribution import convolved, counts, exactly, lot_of
from inventory.replenishment.lead_time import stated
from inventory.replenishment.policies.named import NAMES
from inventory.replenishment.rounding import Lots
from inventory.replenishment.sourcing import Offer, landed_costs
from inventory.transfers.chain import MOST_MOVED
from inventory.transfers.value import Market, chance_of_running_out, expected_sales, worth_of_units
from schemas.facts import Reorder, Transfer
from schemas.observations import (
    ItemDefined,
    LaneDefined,
    Observation,
    OfferDefined,
    OrderAcknowledged,
    RulesChanged,
    SupplierDefined,
    Tick,
)
from schemas.readings.fields import LARGEST_QUANTITY
from tests.inventory.logs import DAY, HOUR, START, Log, fold_all

SHOPS = ("paris", "lyon", "nice")
SECONDS, BYTES = 15.0, 1_500_000_000
"""Of processor time for a whole log, on the slowest machine that runs this; before, one decision took a minute, or all
memory there is."""
ITEM = ItemDefined("jeans-32", "jeans", 0, price=50.0, cost=20.0, supplier="mill")
HUGE = some.sampled_from((3, 10_000, 2_000_000, LARGEST_QUANTITY))


class Sizes(msgspec.Struct, frozen=True):
    """How many units each thing is of."""

    sale: int = 3
    stock: int = 40
    receipt: int = 3
    reserved: int = 1
    pack: int = 1
    minimum: int = 0
    offered: int = 0


def told(log: Log, sizes: Sizes, policy: str, rounding: str) -> Iterator[Observation]:
    """Three shops with lanes between all of them, two suppliers, a season that ends; four days of it."""
    item = msgspec.structs.replace(ITEM, pack=sizes.pack, minimum_order_units=sizes.minimum)
    yield RulesChanged("other", {"policy": policy, "rounding": rounding, "order_cost": 5.0}, START)
    yield SupplierDefined("mill", 0)
    yield SupplierDefined("weaver", 0, lead_time_days=3.0, review_period_days=7.0)
    yield OfferDefined("weaver", "jeans", 19.5, 0, freight_per_order=10.0, minimum_order_units=sizes.offered)
    yield msgspec.structs.replace(item, season_end_ms=START + 90 * DAY if policy == "newsvendor" else None)
    for origin in SHOPS:
        yield from (LaneDefined(origin, place, 0, 1.0, 1.0, 10.0) for place in SHOPS if place != origin)
    for place in SHOPS:
        yield log.measured("opening", sizes.stock if place == "lyon" else 40, location=place)
        yield log.sale(2, location=place)
    yield log.sale(sizes.sale, START + HOUR)
    yield log.moved("receipt", sizes.receipt, START + 2 * HOUR)
    yield log.reserved(sizes.reserved, START + 2 * HOUR)
    yield log.sale(sizes.sale, START + 3 * HOUR, location="nice")
    for day in range(1, 5):
        yield Tick(START + day * DAY)
        yield from (log.sale(5, START + day * DAY + HOUR, location=place) for place in ("paris", "lyon"))


def folded(sizes: Sizes, policy: str = "periodic_min_max", rounding: str = "up") -> Log:
    """In the time and the memory that it may take."""
    log, began, held = Log(), time.process_time(), most_held()
    for observation in told(log, sizes, policy, rounding):
        log.tell(observation)
    assert time.process_time() - began < SECONDS
    assert most_held() - held < BYTES
    return log


def most_held() -> int:
    """Bytes of memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@settings(max_examples=5, deadline=None)
@given(some.builds(Sizes, HUGE, HUGE, HUGE, HUGE, HUGE, HUGE, HUGE))
def test_any_quantities_are_decided_about_and_folded_again_the_same(sizes: Sizes) -> None:
    log = folded(sizes)
    assert fold_all(log.messages)[1] == [msgspec.json.encode(fact) for fact in log.facts]


@pytest.mark.parametrize("what", Sizes.__struct_fields__)
def test_one_mistyped_quantity_alone(what: str) -> None:
    log = folded(Sizes(**{what: LARGEST_QUANTITY}))
    assert all(fact.quantity <= MOST_MOVED for fact in log.said(Transfer))
    if what == "sale":
        assert max(fact.quantity for fact in log.said(Reorder)) > 1_000_000, "it is believed, and seen"


@pytest.mark.parametrize("policy", NAMES)
def test_every_policy_with_economic_rounding(policy: str) -> None:
    folded(Sizes(sale=LARGEST_QUANTITY), policy, "economic")
    folded(Sizes(reserved=LARGEST_QUANTITY, pack=LARGEST_QUANTITY, stock=LARGEST_QUANTITY), policy, "economic")


def test_a_transfer_that_the_erp_made_as_large_is_thought_about_again(log: Log) -> None:
    log.tell(ITEM, SupplierDefined("mill", 0), LaneDefined("lyon", "paris", 0, 1.0, 1.0, 10.0))
    log.tell(log.measured("opening", 9), log.measured("opening", LARGEST_QUANTITY, location="lyon"))
    log.tell(log.sale(8))
    (transfer,) = log.said(Transfer)
    began = time.process_time()
    taken = OrderAcknowledged(transfer.order_id, "acknowledged", START + HOUR, quantity=LARGEST_QUANTITY)
    log.tell(taken, log.sale(1, START + HOUR))
    assert log.said(Transfer)[-1].quantity < 200, "as many as Paris may sell before the supplier delivers"
    assert time.process_time() - began < SECONDS


def test_honest_volumes_on_a_lane() -> None:
    log = folded(Sizes(sale=10_000, stock=200_000))
    assert max(fact.quantity for fact in log.said(Transfer)) == MOST_MOVED


@pytest.mark.parametrize(("mean", "ratio"), [(3e5, 1.0), (3e5, 30.0), (2e6, 400.0)])
def test_what_is_counted_in_lots_is_near_what_the_normal_says(mean: float, ratio: float) -> None:
    """Demand is near normal there: sales of exactly the mean miss it by ``sd / sqrt(2 pi)`` on average."""
    lot = lot_of(mean, mean * ratio)
    assert lot > 1
    sd = (max(mean * ratio, mean * lot)) ** 0.5
    market = Market(mean, mean * ratio, 1.0, margin=30.0, leftover_value=5.0)
    assert expected_sales(market, int(mean)) == pytest.approx(mean - sd / 6.283185**0.5, rel=2e-3)
    assert chance_of_running_out(market, int(mean)) == pytest.approx(0.5, abs=0.02)
    assert worth_of_units(market, int(mean - 4 * sd), 0.0, 1)[0] == pytest.approx(30.0, abs=0.01)
    assert worth_of_units(market, int(mean + 5 * sd), 0.0, 1)[0] == pytest.approx(5.0, abs=0.01)


def test_landed_costs_per_unit_do_not_depend_on_how_units_are_counted() -> None:
    """Ten times the demand in lots of ten: relative scatter and costs per unit stay, counted or not."""
    offers = [Offer("near", 20.0, stated(4, 1), 7.0, 0.0, 0.0, 0.98), Offer("far", 19.0, stated(12, 4), 7.0, 0.1)]
    few, many = (landed_costs(offers, mean, mean * mean / 9, 10.0, 0.25, 0.95) for mean in (1_000.0, 1_000_000.0))
    assert [cost.supplier for cost in few] == [cost.supplier for cost in many]
    for one, other in zip(few, many, strict=True):
        assert other.total == pytest.approx(one.total, rel=1e-3)
        assert other.order_up_to_level == pytest.approx(1_000 * one.order_up_to_level, rel=1e-2)
    capped = landed_costs(
        [Offer("near", 20.0, stated(4, 1), lots=Lots(LARGEST_QUANTITY, LARGEST_QUANTITY))], 3, 3, 1, 1, 0.9
    )
    assert capped[0].holding > 1e6


def test_a_convolution_by_transform_is_the_one_by_sums() -> None:
    left, right = counts(3_000, 9_000).pmf, counts(2_000, 80_000).pmf
    assert len(left) * len(right) > 1 << 22
    sums = convolved(left, right)
    assert sums == pytest.approx(np.convolve(left, right), abs=1e-15)
    stock = exactly(2_500).less(counts(2_500, 50_000))
    assert stock.mean == pytest.approx(counts(2_500, 50_000).leftover(2_500), rel=1e-9)


@given(
    some.integers(0, 12),
    some.lists(some.tuples(some.sampled_from((0.5, 1.0, 2.0, 3.0, 9.0)), some.integers(0, 6)), max_size=4),
    some.sampled_from((0.0, 1.0, 2.5)),
    some.floats(0.2, 4.0),
)
def test_a_unit_is_worth_what_it_adds_to_expected_sales(
    on_hand: int, arrivals: list[tuple[float, int]], day: float, mean: float
) -> None:
    market = Market(mean, 1.7 * mean, 5.0, margin=30.0, leftover_value=5.0)
    sales = [expected_sales(market, on_hand, [*arrivals, (day, units)]) for units in range(6)]
    worth = worth_of_units(market, on_hand, day, 5, arrivals)
    added = [5.0 + 25.0 * (more - less) for less, more in pairwise(sales)]
    assert worth == pytest.approx(added, abs=1e-6)
