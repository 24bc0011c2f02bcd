"""The closed loop: its world by hand, peers that do not look ahead, the product in it, and the command line."""

import csv
import gzip
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.closed_loop import perfect, policies, product
from benchmarks.closed_loop.compare import reaching
from benchmarks.closed_loop.policies import Classic, DynamicBuffers, StaticMinMax, View, in_packs
from benchmarks.closed_loop.scene import Chances, Drawn, Money, Scene, scene
from benchmarks.closed_loop.scores import fill_rate, moving, profit, scores
from benchmarks.closed_loop.tags import Tags
from benchmarks.closed_loop.world import World, blank

HISTORY, PLAYED = 60, 40
FEW = 3


def drawn(seed: int = 0, skus: int = FEW, stores: int = 2, played: int = PLAYED) -> Drawn:
    random = np.random.default_rng(seed)
    n, days = skus * stores, HISTORY + played
    demand = random.poisson(np.linspace(0.5, 3.0, n)[:, None], (n, days))
    names = [f"SKU-{at}" for at in range(skus)]
    return Drawn(
        date(2024, 1, 1), names, ["FOODS"] * skus, ["FOODS_1"] * skus, [f"S{at}" for at in range(stores)],
        demand, np.full((n, days), 10.0),
    )  # fmt: skip


def small(seed: int = 0, **more: Any) -> Scene:
    return scene(drawn(seed), HISTORY, 10, seed, **more)


def by_hand(demand: list[int], **more: Any) -> Scene:
    """One SKU in one store, pack 1, cost 6 and price 10, a history of one a day, nothing stolen or counted."""
    days = len(demand)
    units = np.array([[1] * HISTORY + demand])
    told = Drawn(date(2024, 1, 1), ["a"], ["FOODS"], ["F"], ["S0"], units, np.full((1, HISTORY + days), 10.0))
    made = scene(told, HISTORY, 0, 0, money=Money(gross_margin=0.4, holding_share_per_year=0.365))
    nothing = np.zeros((1, days), dtype=np.int64)
    plain = {"stolen": nothing, "counted": nothing.astype(np.bool_), "lead_days": np.full((1, days), 2)}
    one = [made.items[0]._replace(pack=1)]
    return replace(made, **{"items": one, "opening": np.array([5]), **plain, **more})


def test_a_scene_follows_from_its_seed_alone() -> None:
    one, same, other = small(4), small(4), small(5)
    assert np.array_equal(one.lead_days, same.lead_days)
    assert np.array_equal(one.stolen, same.stolen)
    assert not np.array_equal(one.lead_days, other.lead_days)
    assert one.lead_days.min() >= 1


def test_costs_packs_and_openings_know_nothing_of_the_days_played() -> None:
    told = drawn()
    later = told.demand.copy()
    later[:, HISTORY:] *= 9
    one, other = scene(told, HISTORY, 0, 1), scene(told._replace(demand=later), HISTORY, 0, 1)
    assert one.items == other.items
    assert np.array_equal(one.opening, other.opening)
    assert np.array_equal(one.stolen, other.stolen)


def test_lead_times_have_the_mean_and_deviation_of_the_category() -> None:
    """FOODS: 2 days, 0.7; rounding to whole days, of which there is at least one, adds about 1/12 to the variance."""
    told = drawn(played=4000)
    days = scene(told, HISTORY, 0, 3).lead_days
    assert days.mean() == pytest.approx(2.0, abs=0.03)
    assert days.std() == pytest.approx((0.7**2 + 1 / 12) ** 0.5, abs=0.05)


def test_an_order_comes_after_its_lead_time() -> None:
    """Placed at the end of day 0 with two days: there before day 3 opens."""
    world = World(by_hand([0] * 6))
    came = []
    for day in range(6):
        came.append(int(world.open()[0]))
        world.trade()
        if day == 0:
            assert world.order(np.array([7])).tolist() == [3]
            assert world.on_order.tolist() == [7]
        world.close()
    assert came == [0, 0, 0, 7, 0, 0]


def test_customers_come_before_thieves_and_books_do_not_know_thieves() -> None:
    world = World(by_hand([3, 9], stolen=np.array([[1, 9]]), counted=np.array([[False, True]])))
    world.open()
    sold, stolen = world.trade()
    assert (sold.tolist(), stolen.tolist(), world.on_hand.tolist(), world.book.tolist()) == ([3], [1], [1], [2])
    world.close()
    world.open()
    assert world.book.tolist() == [1], "a count sets the book right"
    sold, stolen = world.trade()
    assert (sold.tolist(), stolen.tolist(), world.on_hand.tolist()) == ([1], [0], [0])


def test_a_transfer_takes_what_is_there_and_comes_the_next_morning() -> None:
    world = World(small())
    world.open()
    there = int(world.on_hand[0])
    assert world.move(0, FEW, there + 5) == there
    assert world.move(0, FEW, 1) == 0
    before = int(world.on_hand[FEW])
    world.close()
    world.open()
    assert int(world.on_hand[FEW]) == before + there
    assert world.record.moves == [(0, 0, FEW, there)]


@pytest.mark.parametrize("made", [lambda s: StaticMinMax(s, 3.0), lambda s: Classic(s, 0.95), DynamicBuffers])
def test_units_are_conserved_and_runs_repeat(made: Any) -> None:
    world = small(2)
    record = policies.play(world, made(world))
    assert_conserved(world, record)
    again = policies.play(world, made(world))
    assert np.array_equal(record.ordered, again.ordered)
    assert record.ordered.sum() > 0
    assert (record.ordered % world.pack[:, None] == 0).all()


@pytest.mark.parametrize("made", [lambda s: StaticMinMax(s, 3.0), lambda s: Classic(s, 0.95), DynamicBuffers])
def test_nobody_looks_ahead(made: Any) -> None:
    """With other demand, thefts and lead times from day 20 on the orders of the days before are the same."""
    one = small(3)
    demand, stolen, lead_days = one.demand.copy(), one.stolen.copy(), one.lead_days.copy()
    demand[:, HISTORY + 20 :] += 5
    stolen[:, 20:] += 1
    lead_days[:, 20:] += 2
    other = replace(one, demand=demand, stolen=stolen, lead_days=lead_days)
    orders = [policies.play(world, made(world)).ordered for world in (one, other)]
    assert np.array_equal(orders[0][:, :20], orders[1][:, :20])
    assert not np.array_equal(orders[0], orders[1])


def test_a_static_minimum_by_hand() -> None:
    """One a day, two days of lead time, one of review and three of cover: 6 and 7; at 6 one is asked for, at 7 none."""
    static = StaticMinMax(by_hand([1]), 3.0)
    assert (static.minimum.tolist(), static.maximum.tolist()) == ([6], [7])
    for book, on_order, needed in ((6, 0, 1), (7, 0, 0), (2, 4, 1), (-3, 0, 7)):
        view = View(0, np.array([book]), np.array([on_order]), np.ones((1, HISTORY), dtype=np.int64))
        assert static.needs(view).tolist() == [needed]


def test_a_buffer_grows_in_the_red_and_shrinks_in_the_green() -> None:
    """One a day: lead and review take 3 days, the target is 4.5. Growth needs 3 reviews in the red and a rest of 3."""
    buffers, sales = DynamicBuffers(by_hand([1])), np.ones((1, HISTORY), dtype=np.int64)
    targets = []
    for _ in range(4):
        buffers.needs(View(0, np.array([0]), np.array([0]), sales))
        targets.append(float(buffers.target[0]))
    assert targets == [4.5, 4.5, 4.5, 6.0]
    for _ in range(9):
        buffers.needs(View(0, np.array([9]), np.array([0]), sales))
    assert buffers.target[0] == pytest.approx(4.0)


def test_packs_are_rounded_up() -> None:
    assert in_packs(np.array([1, 6, 7, 0, -4]), np.array([6, 6, 6, 6, 6])).tolist() == [6, 6, 12, 0, 0]


def test_the_cover_is_the_least_that_reaches_the_service() -> None:
    world = small(6)
    cover = reaching(StaticMinMax, world, fill_rate, 0.9, -5.0, 60.0)
    served = [fill_rate(world, policies.play(world, StaticMinMax(world, at))) for at in (cover, cover - 1)]
    assert served[0] >= 0.9 > served[1]


def test_scores_by_hand() -> None:
    """Five to begin with, none ordered: 2 + 3 of 2 + 4 + 1 + 0 are sold. Cost 6, margin 4, 0.006 a unit and night."""
    world = by_hand([2, 4, 1, 0])
    record = policies.play(world, nobody(world))
    told = scores(world, record, 10.0)
    earned = 4 * 5 - 0.006 * 3
    assert profit(world, record) == pytest.approx(earned)
    assert told["fill_rate"] == pytest.approx(5 / 7, abs=1e-4)
    assert told["stockout_rate"] == 2 / 4, "days 3 and 4 open with none"
    assert told["short_day_rate"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["average_stock"] == (4.0 + 1.5) / 4
    assert told["lost_margin"] == 8.0
    assert told["profit_share"] == pytest.approx(earned / 10.0, abs=1e-4)


def test_a_trip_carries_all_of_a_lane_and_day() -> None:
    """Two SKUs one way are one trip, the way back another; nothing before the scored days counts."""
    world = small(money=Money(per_trip=3.0, per_unit_moved=0.5))
    record = blank(world)
    record.moves += [(9, 0, FEW, 8), (10, 0, FEW, 2), (10, 1, FEW + 1, 1), (10, FEW, 0, 1)]
    assert moving(world, record) == 2 * 3.0 + 0.5 * 4


def test_perfect_information_by_hand() -> None:
    """Packs of 4. Nothing ordered comes before day 3, so 6 are there from the start; a pack comes before day 3.

    Left over night are 4, 1 and 0, then 0 and 0.
    """
    world = by_hand([2, 3, 1, 4, 0])
    world = replace(world, items=[world.items[0]._replace(pack=4)])
    record = perfect.play(world)
    assert record.sold[0].tolist() == [2, 3, 1, 4, 0]
    assert record.closed_with[0].tolist() == [4, 1, 0, 0, 0]
    assert profit(world, record) == pytest.approx(4 * 10 - 0.006 * 5)


def test_nobody_earns_more_than_perfect_information() -> None:
    for seed in range(3):
        world = small(seed)
        best = profit(world, perfect.play(world))
        for policy in (*(StaticMinMax(world, cover) for cover in range(0, 20, 4)), DynamicBuffers(world)):
            assert profit(world, policies.play(world, policy)) < best


def test_tags_go_with_units_and_readers_miss_some() -> None:
    world = small(chances=Chances(read_rate=0.9, stray_share=0.05))
    tags = Tags(world)
    made = tags.make(0, 500)
    gone = tags.take(0, 100)
    heard = {seen.epc for seen in tags.sweep(0, 5)}
    own = heard & set(made)
    assert not own & set(gone)
    assert len(own) == pytest.approx(0.9 * 400, abs=20)
    assert len(heard - own) == pytest.approx(0.05 * 400, abs=14)


@pytest.mark.parametrize("name", ["restockd", "restockd_without_belief"])
def test_the_product_keeps_the_store_and_its_tags_in_step(name: str) -> None:
    """What is ordered comes, units are conserved, and there is a tag for each unit."""
    world = scene(drawn(played=16), HISTORY, 4, 1, chances=Chances(stolen_share=0.1, sweep_every_days=4))
    play = product._Play(world, product.VARIANTS[name], {"order_cover_days": 0.0})
    record = play.run()
    assert_conserved(world, record)
    assert record.ordered.sum() > 0
    assert (record.ordered % world.pack[:, None] == 0).all()
    assert [len(tags) for tags in play._tags.there] == play._world.on_hand.tolist()
    stocks = {(sku, at): stock for sku, of in play._ear.state.skus.items() for at, stock in of.locations.items()}
    swept = {stock.belief.swept_at_ms >= 0 for stock in stocks.values()}
    assert swept == {name == "restockd"}
    books = [stocks[named].ledger.on_hand for named in play._say.names]
    assert books == play._world.book.tolist()
    on_order = [stocks[named].book.on_order for named in play._say.names]
    standing = sum(order.quantity for order in play._ear.orders.values())
    coming = sum(one.units for due in play._due.values() for one in due if one.origin < 0)
    assert sum(on_order) == coming + standing


def test_the_product_does_not_look_ahead_and_runs_repeat() -> None:
    one = scene(drawn(7, skus=2, stores=1, played=12), HISTORY, 2, 1)
    demand = one.demand.copy()
    demand[:, HISTORY + 6 :] += 4
    other = replace(one, demand=demand)
    orders = [product.play(world, product.Variant(), {}).ordered for world in (one, one, other)]
    assert np.array_equal(orders[0], orders[1])
    assert np.array_equal(orders[0][:, :6], orders[2][:, :6])
    assert not np.array_equal(orders[0], orders[2])


def test_a_store_that_is_empty_is_rescued_over_a_lane() -> None:
    """A SKU that is plenty in one store and gone in the other, with a week until the supplier comes."""
    told = drawn(1, skus=1, stores=2, played=10)
    told = told._replace(categories=["HOBBIES"], demand=np.maximum(told.demand, 2), price=told.price * 10)
    plenty = replace(scene(told, HISTORY, 0, 1), opening=np.array([90, 2]))
    with_lanes = product.play(plenty, product.Variant(), {})
    without = product.play(plenty, product.Variant(transfers=False), {})
    assert [move[1:3] for move in with_lanes.moves][:1] == [(0, 1)]
    assert without.moves == []
    assert with_lanes.sold[1].sum() > without.sold[1].sum()


def test_the_command_line_plays_a_small_chain(tmp_path: Path) -> None:
    write_m5(tmp_path / "m5", days=220)
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.closed_loop", "--data", str(tmp_path), "--skus", "2", "--stores", "2",
            "--days", "5", "--first-day", "100", "--only", "restockd", "--rule", "cycle_service_level=0.97", "--json",
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout.splitlines()[-1])
    told = answer["policies"]
    names = {"static_min_max", "z_formula", "dynamic_buffers", "restockd", "perfect_information"}
    assert set(told) == names
    assert told["perfect_information"]["profit_share"] == 1.0
    assert all(of["profit_share"] <= 1.0 and 0.0 <= of["fill_rate"] <= 1.0 for of in told.values())
    same = answer["same_service"]
    assert same["fill_rate"]["static_min_max"]["fill_rate"] >= told["restockd"]["fill_rate"] - 1e-4
    assert same["stockout_rate"]["static_min_max"]["stockout_rate"] <= told["restockd"]["stockout_rate"] + 1e-4
    assert answer["setting"]["rules"]["cycle_service_level"] == 0.97


def nobody(world: Scene) -> policies.BookPolicy:
    """Never orders."""

    class Nobody:
        def needs(self, view: View) -> Any:
            return np.zeros(len(world.item), dtype=np.int64)

    return Nobody()


def assert_conserved(world: Scene, record: Any) -> None:
    """Opening + received = sold + stolen + sent + there at the end, for every series."""
    sent = np.zeros(len(world.item), dtype=np.int64)
    for _, origin, _, units in record.moves:
        sent[origin] += units
    there = world.opening + record.received.sum(axis=1) - record.sold.sum(axis=1) - record.stolen.sum(axis=1) - sent
    assert np.array_equal(there, record.closed_with[:, -1])
    assert (record.opened_with >= 0).all()
    assert (record.sold <= world.demand[:, world.history_days :]).all()


def write_m5(folder: Path, days: int) -> None:
    """Files as the benchmark of M5 reads them: four SKUs in two stores."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(3)
    pairs = [(f"FOODS_1_00{item}", store) for store in ("CA_1", "TX_1") for item in range(4)]
    weeks = days // 7 + 1
    np.savez(
        folder / f"m5_d1-{days}.npz",
        sales=random.poisson(1.5, (len(pairs), days)).astype(np.uint16),
        price_cents=np.full((len(pairs), weeks), 400, dtype=np.uint16),
        day_week=(np.arange(days) // 7).astype(np.int16),
    )
    with gzip.open(folder / "ids.csv.gz", "wt", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item_id", "dept_id", "cat_id", "store_id", "state_id"])
        rows.writerows([item, "FOODS_1", "FOODS", store, store[:2]] for item, store in pairs)
    with (folder / "calendar.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["date", "event_name_1", "event_name_2", "snap_CA", "snap_TX"])
        rows.writerows([(date(2024, 1, 1) + timedelta(day)).isoformat(), "", "", 0, 0] for day in range(days))
