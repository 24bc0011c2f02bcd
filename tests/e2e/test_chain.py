"""A simulated chain through the whole system, on both brokers: the book equals the truth kept aside."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from inventory import fold
from inventory.demand.day_book import DayBook
from inventory.facts import origin_of
from inventory.state import PartitionState
from restockd import stack as stacks
from restockd import wiring
from restockd.chain_driver import ChainDriver
from restockd.configuration import Settings
from restockd.demo_figures import figures
from restockd.draining import drain, until_decided
from schemas.observations import SaleMade, decode
from simulators.chain import Chain, preset
from simulators.chain.settings import Dirt
from sinks.clickhouse import queries
from streams.kept_log import kept
from tests.e2e.conftest import Configure

SECONDS = 12.0
SPEED = 12 * 3_600.0
DAY_MS = 86_400_000


def test_conservation_holds_against_the_truth(broker_address: str, configure: Configure) -> None:
    small = replace(preset("demo", seed=11), stores=3, styles=4)
    with (
        stacks.running(configure(broker_address), 1, lambda _: None) as stack,
        ChainDriver(Chain(small), stack.broker, stack.cluster, SPEED) as driver,
    ):
        driver.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            driver.step()
            stack.check()
        driver.finish()
        drain(stack, 60.0, lambda _: None)
        truth = driver.chain.truth()
        levels = queries.stock(stack.database, limit=100_000)
        gaps = queries.conservation_gaps(stack.database)
        orders = queries.orders(stack.database, state="all", limit=100_000)
        transfers = queries.transfers(stack.database, state="all", limit=100_000)
        dead = queries.dead_letters_by_reason(stack.database)
    assert gaps == []
    assert {(row["location"], row["sku"]): row["on_hand"] for row in levels} == truth.booked
    # Days pass in two seconds: what is amended meanwhile may not be answered yet, but what was taken is noted.
    assert {row["status"] for row in orders} & {"acknowledged", "shipped", "received"} or driver.sent["orders.acks"]
    assert 0 < len(driver.reorders) <= len(orders)  # counted once each, however many states they have had
    assert len(driver.transfers) <= len(transfers)
    assert sum(row["letters"] for row in dead) >= truth.dirt["malformed"]


@pytest.mark.usefixtures("tmp_path")
def test_level_facts_never_run_ahead_of_their_log(configure: Configure) -> None:
    """A demo of a few seconds leaves no error and no order without its inputs."""
    small = replace(preset("demo", seed=3), stores=2, styles=3)
    with (
        stacks.running(configure("embedded"), 1, lambda _: None) as stack,
        ChainDriver(Chain(small), stack.broker, stack.cluster, SPEED) as driver,
    ):
        driver.start()
        end = time.monotonic() + 5.0
        while time.monotonic() < end:
            driver.step()
        driver.finish()
        drain(stack, 60.0, lambda _: None)
        late = stack.database.rows(
            "SELECT count() AS n FROM orders_reorders FINAL WHERE input_appended_at > appended_at + INTERVAL 5 SECOND"
        )
        without = stack.database.rows(
            "SELECT count() AS n FROM orders_reorders FINAL WHERE status = 'proposed' AND input_policy = ''"
        )
    assert late[0]["n"] == 0
    assert without[0]["n"] == 0


def test_a_history_is_played_before_the_stores_live(configure: Configure) -> None:
    """Its days are over and learned, its orders answered; what is counted is what was lived after."""
    days = 5
    small = replace(preset("demo", seed=3), stores=2, styles=3, devices_after_days=days)
    with (
        stacks.running(configure("embedded"), 1, lambda _: None) as stack,
        ChainDriver(Chain(small), stack.broker, stack.cluster, 120.0, days) as driver,
    ):
        driver.start()
        opened = driver.simulated_time
        passed: list[int] = []
        driver.pass_days(lambda: until_decided(stack, 60.0), passed.append)
        drain(stack, 60.0, lambda _: None)
        driver.live()
        assert driver.simulated_time - opened == timedelta(days=days)
        assert not driver.sent
        driver.step()
        driver.finish()
        drain(stack, 60.0, lambda _: None)
        told = figures(stack, driver, driver.lived_seconds, [])
        of_all = stack.database.rows("SELECT uniqExact(order_id) AS n FROM orders_reorders")[0]["n"]
        learned = stack.database.rows("SELECT max(days_observed) AS days FROM demand_forecasts FINAL")
        orders = queries.orders(stack.database, state="all", limit=100_000)
        truth = driver.chain.truth()
    assert passed == list(range(1, days + 1))
    assert learned[0]["days"] >= days - 1
    assert {row["status"] for row in orders} & {"shipped", "received"}
    assert sum(told["events_in"].values()) == sum(driver.sent.values())
    assert told["reorders"] < of_all
    assert sum(told["events_in"].values()) < sum(truth.expected_events.values())


def test_a_history_teaches_every_day_what_was_sold_on_it(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Topics are read unevenly, half a day at once; each day's demand is its own nevertheless.

    But for a basket or two that come when their day has been learned: those count for the next.
    """
    days, settings = 5, configure("embedded")
    clean = {"dirt": Dirt(), "void_share": 0.0, "cancelled_share": 0.0}
    small = replace(preset("demo", seed=5), stores=3, styles=4, devices_after_days=days, epcs_on_papers=False, **clean)
    with (
        stacks.running(settings, 1, lambda _: None) as stack,
        ChainDriver(Chain(small), stack.broker, stack.cluster, 120.0, days) as driver,
    ):
        driver.start()
        driver.pass_days(lambda: until_decided(stack, 60.0), lambda _: None)
        ends_on = int(driver.simulated_time.timestamp() * 1000) // DAY_MS
        driver.finish()
        drain(stack, 60.0, lambda _: None)
    learned = _learned(settings, monkeypatch)
    assert sum(learned.values())
    sold = {day: units for day, units in _sold(settings).items() if day < ends_on}
    assert learned.keys() == sold.keys()
    assert [learned[day] for day in sold] == pytest.approx(list(sold.values()), abs=3)
    assert sum(sold.values()) - 3 <= sum(learned.values()) <= sum(sold.values())


def _messages(settings: Settings) -> Iterator[tuple[int, int, bytes]]:
    folder = wiring.log_folder(settings)
    for partition in range(settings.topics.partitions):
        yield from ((partition, offset, value) for offset, value in kept(folder, partition))


def _sold(settings: Settings) -> dict[int, int]:
    """Units by day, as the log has them."""
    sales: dict[int, SaleMade] = {}
    for _, _, value in _messages(settings):
        seen = (seen for entry in decode(value).entries for seen in entry.observations)
        sales |= {one.key: one for one in seen if isinstance(one, SaleMade) and one.line_type == "sale"}
    units: Counter[int] = Counter()
    for one in sales.values():
        units[one.occurred_at_ms // DAY_MS] += one.quantity
    return units


def _learned(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """Units by day, as the learners took them when they folded the log."""
    units: Counter[int] = Counter()
    take = DayBook.take

    def noting(book: DayBook, day: int, n: int) -> Any:
        taken = take(book, day, n)
        units[day] += round(taken[0].sum())
        return taken

    monkeypatch.setattr(DayBook, "take", noting)
    states: dict[int, PartitionState] = {}
    for partition, offset, value in _messages(settings):
        state = states.setdefault(partition, PartitionState(partition))
        fold.step(state, decode(value), origin_of("log", partition, offset, value))
    return units
