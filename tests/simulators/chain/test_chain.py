"""The simulated chain: it repeats itself, its truth adds up, and nothing it says gives the truth away."""

from collections import Counter
from dataclasses import fields, replace

import pytest

from schemas import topics
from simulators.chain import PRESETS, Account, Chain, Settings, Truth, preset
from simulators.records import Record

START_MS = 1_767_225_600_000  # 2026-01-01, a Thursday
DAY_MS = 86_400_000


def small(**changes: object) -> Settings:
    return replace(preset("demo"), **{"stores": 3, "styles": 4, "warehouse_units_per_sku": 10, **changes})


def run(settings: Settings, days: int = 2) -> tuple[list[Record], Truth]:
    chain = Chain(settings)
    records = [*chain.start(START_MS), *chain.advance(START_MS + days * DAY_MS), *chain.flush()]
    return records, chain.truth()


@pytest.fixture(scope="module")
def ran() -> tuple[list[Record], Truth]:
    return run(small(), days=9)


def test_the_same_seed_says_the_same_bytes_and_another_does_not() -> None:
    records, truth = run(small())
    assert run(small()) == (records, truth)
    assert run(small(seed=2))[0] != records


def test_how_time_is_cut_changes_nothing() -> None:
    whole, truth = run(small())
    chain = Chain(small())
    pieces = list(chain.start(START_MS))
    for at_ms in range(START_MS, START_MS + 2 * DAY_MS + 1, DAY_MS // 37):
        pieces += chain.advance(at_ms)
    pieces += [*chain.advance(START_MS + 2 * DAY_MS), *chain.flush()]
    assert pieces == whole
    assert chain.truth() == truth


@pytest.mark.parametrize("name", PRESETS)
def test_truth_adds_up_in_every_preset(name: str) -> None:
    _, truth = run(replace(preset(name), stores=2, styles=3), days=8)
    for key, account in truth.accounts.items():
        assert truth.true_on_hand[key] == account.moved
        assert truth.true_on_hand[key] >= 0
    assert sum(truth.true_by_zone.values()) == sum(truth.true_on_hand.values())


def test_book_and_truth_part_only_by_what_is_hidden(ran: tuple[list[Record], Truth]) -> None:
    """Over the chain, misscans cancel out: what one SKU is booked too many, another is too few.

    A void of a misscanned sale corrects the book of the one and the truth of the other alike.
    """
    total = totals(ran[1])
    booked = sum(ran[1].booked.values())
    true = sum(ran[1].true_on_hand.values())
    assert booked - true == (
        total["stolen"] - total["receipt_errors"] + total["adjustments"] + total["count_corrections"]
    )


def test_everything_that_should_happen_happens(ran: tuple[list[Record], Truth]) -> None:
    records, truth = ran
    total = totals(truth)
    for name in ("receipts", "sales", "returns", "stolen", "misscanned", "lost_sales", "count_corrections"):
        assert total[name] != 0, name
    kinds = {record.kind for record in records}
    assert kinds >= {
        *("basket", "return_basket", "cancelled_basket", "zone_move", "count", "shipment", "receipt"),
        *("overhead_reads", "handheld_reads", "exit_reads", "sweep_started", "section_read", "sweep_ended"),
        *("camera", "clock", "footfall", "duplicate", "malformed"),
    }


def test_every_message_is_counted_once_and_every_dirty_one_too(ran: tuple[list[Record], Truth]) -> None:
    records, truth = ran
    reference = {topic.name for topic in topics.REFERENCE}
    said = Counter(record.kind for record in records if record.topic.name not in reference)
    dirty = {"duplicate", "malformed", "wrong_clock"}
    assert {kind: n for kind, n in said.items() if kind not in dirty} == truth.expected_events
    assert {kind: n for kind, n in said.items() if kind in dirty} == {
        kind: n for kind, n in truth.dirt.items() if kind in dirty
    }


def test_units_over_the_tills_are_those_of_the_accounts(ran: tuple[list[Record], Truth]) -> None:
    """An exchange nets to nothing in units, and in the accounts: one sold, one returned."""
    records, truth = ran
    total = totals(truth)
    over_the_till = total["sales"] - total["returns"] - total["damaged_returns"] - total["voids"]
    assert sum(record.units for record in records) == over_the_till + truth.dirt["unknown_item"]


def test_records_come_in_the_order_they_are_sent(ran: tuple[list[Record], Truth]) -> None:
    times = [record.event_time_ms for record in ran[0]]
    assert times == sorted(times)


def test_nothing_that_is_said_names_what_is_hidden(ran: tuple[list[Record], Truth]) -> None:
    hidden = (b"theft", b"stolen", b"steal", b"misscan", b"stray", b"ghost", b"astray", b"misplaced", b"untagged")
    for record in ran[0]:
        assert not any(word in record.value for word in hidden)


def test_theft_changes_no_book() -> None:
    """Without tills' own tags and door readers, a chain of thieves only says what an honest one says at the start."""
    settings = small(theft_per_unit_day=0.5, sale_rate_least_per_day=0.0, sale_rate_mean_per_day=1e-9)
    quiet = replace(settings, counted_share_per_day=0.0, own_order_share=0.0, warehouse_units_per_sku=0)
    still = replace(quiet, adjustments_per_store_day=0.0, write_off_per_unit_day=0.0)
    _, truth = run(replace(still, supplier_returns_per_store_day=0.0, reservations_per_store_hour=0.0))
    total = totals(truth)
    assert total["stolen"] > 0
    assert all(account.booked == account.opening for account in truth.accounts.values())
    assert sum(truth.true_on_hand.values()) == total["opening"] - total["stolen"]


def test_tags_are_those_of_units_in_stock_and_read_about_as_often_as_told() -> None:
    _, truth = run(replace(preset("hard"), stores=4), days=1)
    units = sum(truth.true_on_hand.values())
    assert units * 0.95 < len(truth.tags) < units * 1.05
    mean = sum(tag.detection_rate for tag in truth.tags.values()) / len(truth.tags)
    assert mean == pytest.approx(0.95, abs=0.02)


def test_no_unit_is_ever_in_two_places() -> None:
    """Where every unit has exactly one tag, there are as many tags in stock as units."""
    radio = replace(preset("easy").radio, handheld_days=None)
    busy = small(radio=radio, void_share=0.2, return_share=0.4, cancelled_share=0.1, misplaced_share=0.3)
    _, truth = run(busy, days=9)
    assert len(truth.tags) == sum(truth.true_on_hand.values())


def test_a_chain_is_started_once_and_does_not_go_back() -> None:
    chain = Chain(small())
    with pytest.raises(RuntimeError, match="not been started"):
        chain.advance(START_MS)
    chain.start(START_MS)
    with pytest.raises(RuntimeError, match="already"):
        chain.start(START_MS)
    with pytest.raises(ValueError, match="cannot advance"):
        chain.advance(START_MS - 1)


def totals(truth: Truth) -> Counter[str]:
    names = [field.name for field in fields(Account)]
    return Counter({name: sum(getattr(a, name) for a in truth.accounts.values()) for name in names})
