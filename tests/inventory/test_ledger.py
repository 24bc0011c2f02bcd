"""The book: conserved at every step, and the same whatever is heard first."""

import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.stock import ledger as book
from inventory.stock.ledger import MILLISECONDS_PER_HOUR, MOST_RECENT, Ledger
from tests.inventory.logs import HOUR, START, Log

MEMORY_HOURS = 72.0
FLOOR, BACK = "sales_floor", "back_room"

at = st.integers(1, 6).map(lambda hour: START + hour * HOUR)
zone = st.sampled_from([FLOOR, BACK])
counter = st.sampled_from(["sales", "receipts", "returns", "transfers_in", "transfers_out", "adjustments"])
events = st.one_of(
    st.tuples(st.just("move"), at, counter, st.integers(-6, 6), zone),
    st.tuples(st.just("zone_move"), at, st.integers(1, 4), zone, zone),
    st.tuples(st.just("count"), at, st.integers(0, 20), st.sampled_from(["", "", FLOOR, BACK]), st.booleans()),
)


def _apply(ledger: Ledger, key: int, event: tuple[Any, ...]) -> int:
    before = ledger.on_hand
    if event[0] == "move":
        change = book.move(ledger, event[2], event[3], event[1], event[4], MEMORY_HOURS)
    elif event[0] == "zone_move":
        change = book.move_zone(ledger, event[2], event[1], event[3], event[4], MEMORY_HOURS)
    else:
        change = book.count(ledger, event[2], event[1], key, event[3], MEMORY_HOURS, opening=event[4])
    assert ledger.on_hand - before == change
    assert ledger.balance() == ledger.on_hand == sum(ledger.zones.values())
    return change


def _on_hand_by_definition(told: list[tuple[int, tuple[Any, ...]]]) -> int:
    """Everything in order of time, counts after movements of their time, full counts last."""

    def moment(keyed: tuple[int, tuple[Any, ...]]) -> tuple[int, int, int]:
        key, event = keyed
        rank = 0 if event[0] != "count" else (1 if event[3] else 2)
        return event[1], rank, key if rank else 0

    total, zones = 0, {FLOOR: 0, BACK: 0}
    for _, event in sorted(told, key=moment):
        if event[0] == "move":
            zones[event[4]] += event[3]
        elif event[0] == "zone_move":
            zones[event[3]] -= event[2]
            zones[event[4]] += event[2]
        elif event[3]:
            zones[event[3]] = event[2]
        else:
            missing = sum(zones.values()) - event[2]
            if missing < 0:
                zones[BACK] -= missing
                missing = 0
            for name in (FLOOR, BACK):
                part = min(max(zones[name], 0), missing)
                zones[name] -= part
                missing -= part
            zones[FLOOR] -= missing
        total = sum(zones.values())
    return total


@settings(max_examples=150, deadline=None)
@given(st.lists(events, max_size=12), st.randoms(use_true_random=False))
def test_any_order_of_events_gives_the_same_books(told: list[tuple[Any, ...]], chance: random.Random) -> None:
    keyed = list(enumerate(told, start=1))
    ledgers = []
    for _ in range(3):
        ledger = Ledger()
        for key, event in keyed:
            _apply(ledger, key, event)
        ledgers.append(ledger)
        chance.shuffle(keyed)
    assert ledgers[0] == ledgers[1] == ledgers[2]
    assert ledgers[0].on_hand == _on_hand_by_definition(keyed)


def test_every_permutation_around_two_counts() -> None:
    """Opening 10 at 1 h, 2 sold at 2 h, 3 came at 3 h, 9 counted at 4 h, 1 sold at 5 h: 8 are left."""
    told = [
        ("count", START + 1 * HOUR, 10, "", True),
        ("move", START + 2 * HOUR, "sales", -2, FLOOR),
        ("move", START + 3 * HOUR, "receipts", 3, BACK),
        ("count", START + 4 * HOUR, 9, "", False),
        ("move", START + 5 * HOUR, "sales", -1, FLOOR),
    ]
    for order in itertools.permutations(enumerate(told, start=1)):
        ledger = Ledger()
        for key, event in order:
            _apply(ledger, key, event)
        got = (ledger.on_hand, ledger.opening, ledger.sales, ledger.receipts, ledger.adjustments)
        assert got == (8, 10, 3, 3, 2), order


def test_a_sale_before_the_opening_is_in_it_already() -> None:
    ledger = Ledger()
    book.move(ledger, "sales", -2, START, FLOOR, MEMORY_HOURS)
    book.count(ledger, 10, START + HOUR, 1, "", MEMORY_HOURS, opening=True)
    assert (ledger.on_hand, ledger.opening, ledger.sales, ledger.adjustments) == (10, 10, 2, -2)


def test_openings_of_two_zones_add_up() -> None:
    ledger = Ledger()
    book.count(ledger, 3, START, 1, FLOOR, MEMORY_HOURS, opening=True)
    book.count(ledger, 5, START, 2, BACK, MEMORY_HOURS, opening=True)
    assert (ledger.opening, ledger.on_hand, ledger.adjustments) == (8, 8, 0)


def test_missing_units_come_off_zones_that_have_some() -> None:
    ledger = Ledger()
    book.move(ledger, "receipts", 1, START, FLOOR, MEMORY_HOURS)
    book.move(ledger, "receipts", 5, START, BACK, MEMORY_HOURS)
    book.count(ledger, 2, START + HOUR, 1, "", MEMORY_HOURS, opening=False)
    assert ledger.zones == {BACK: 2}


def test_memory_is_bounded_in_time_and_number_and_loses_no_unit() -> None:
    slow, quick = Ledger(), Ledger()
    for hour in range(2_000):
        book.move(slow, "sales", -1, START + hour * MILLISECONDS_PER_HOUR, FLOOR, MEMORY_HOURS)
        book.move(quick, "sales", -1, START + hour, FLOOR, MEMORY_HOURS)
    assert len(slow.recent) <= 72 + 32
    assert len(quick.recent) <= MOST_RECENT + 32
    for ledger in (slow, quick):
        assert ledger.on_hand == ledger.balance() == -2_000
        last = ledger.recent[-1].at_ms
        book.count(ledger, 7, last, 1, "", MEMORY_HOURS, opening=False)
        assert (ledger.on_hand, ledger.balance()) == (7, 7)


def test_movements_older_than_the_memory_still_count_unless_counted_since() -> None:
    ledger = Ledger()
    for hour in range(200):
        book.move(ledger, "sales", -1, START + hour * HOUR, FLOOR, MEMORY_HOURS)
    assert book.move(ledger, "receipts", 5, START, BACK, MEMORY_HOURS) == 5
    assert book.count(ledger, 0, START + 200 * HOUR, 9, "", MEMORY_HOURS, opening=False) == 195
    assert book.move(ledger, "receipts", 5, START, BACK, MEMORY_HOURS) == 0
    assert ledger.on_hand == ledger.balance() == 0


def test_an_opening_told_late_is_before_everything_forgotten() -> None:
    ledger = Ledger()
    for hour in range(200):
        book.move(ledger, "sales", -1, START + hour * HOUR, FLOOR, MEMORY_HOURS)
    book.count(ledger, 300, START, 9, "", MEMORY_HOURS, opening=True)
    assert (ledger.on_hand, ledger.balance(), ledger.opening) == (100, 100, 300)


def test_there_is_no_other_counter() -> None:
    with pytest.raises(ValueError, match="no such counter: gifts"):
        book.move(Ledger(), "gifts", 1, START, FLOOR, MEMORY_HOURS)


def test_a_late_movement_says_what_the_count_had_noticed(log: Log) -> None:
    log.tell(log.measured("count", 7, START + HOUR))
    log.tell(log.sale(2, START))
    said = [(fact.kind, fact.quantity) for fact in log.facts if type(fact).__name__ == "StockMovement"]
    assert said == [("count_correction", 7), ("sale", -2), ("count_correction", 2)]
