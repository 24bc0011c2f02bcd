"""Record accuracy at a day's end, by hand: a record right, one too high by two, and one nobody sweeps."""

import pytest

from inventory.stock.belief import mean
from schemas.facts import RecordAccuracy
from schemas.observations import DeviceReported, ItemsSeen, TagSeen, Tick
from tests.inventory.logs import DAY, HOUR, START, Log

LOUD = -50.0


def told_of_two_skus() -> Log:
    """Four jeans, all heard day after day; eight shirts in the book, of which two are gone from the fourth day on."""
    log = Log()
    log.tell(Tick(START - 2 * HOUR))
    tags = {"jeans-32": [f"j{n}" for n in range(4)], "shirt": [f"s{n}" for n in range(8)]}
    for sku, mine in tags.items():
        style = sku.partition("-")[0]
        log.tell(log.measured("opening", len(mine), zone="sales_floor", epcs=tuple(mine), sku=sku, style=style))
    log.tell(log.measured("opening", 3, location="lyon"))
    for day in range(24):
        tags["shirt"] = tags["shirt"][: 8 if day < 3 else 6]
        at_ms = START + day * DAY + HOUR
        for sku, mine in tags.items():
            heard = tuple(TagSeen(tag, 1, LOUD, at_ms, at_ms) for tag in mine)
            style = sku.partition("-")[0]
            log.tell(ItemsSeen(log.key(), "paris", sku, style, "sales_floor", "r1", at_ms, heard))
        log.tell(DeviceReported("paris", "sales_floor", "r1", "reader", "sweep_ended", at_ms, "", 10))
        log.tell(Tick(START + (day + 1) * DAY))
    return log


def test_the_last_day_is_as_by_hand() -> None:
    """With j jeans and s shirts believed, the records being 4 and 8; that of the jeans is right, the other is not."""
    log = told_of_two_skus()
    last = log.said(RecordAccuracy)[-1]
    jeans, shirts = mean(log.at("paris", "jeans-32").belief), mean(log.at("paris", "shirt").belief)
    assert (last.location, last.records, last.percentage_records) == ("paris", 2, 2)
    assert 0.9 < last.accurate < 1.2
    assert last.believed_units == pytest.approx(jeans + shirts, abs=0.01)
    assert last.signed_error_units == pytest.approx(4 - jeans + 8 - shirts, abs=0.01)
    assert last.shrink_units == pytest.approx(max(4 - jeans, 0.0) + 8 - shirts, abs=0.01)
    assert last.absolute_error_units == pytest.approx(abs(4 - jeans) + 8 - shirts, abs=0.01)
    assert last.highest_error_units == pytest.approx(8 - shirts, abs=0.01)
    assert last.highest_error_share == pytest.approx((8 - shirts) / shirts, abs=0.01)
    assert last.percentage_errors == pytest.approx(abs(4 - jeans) / jeans + (8 - shirts) / shirts, abs=0.01)
    symmetric = 2 * abs(4 - jeans) / (4 + jeans) + 2 * (8 - shirts) / (8 + shirts)
    assert last.symmetric_errors == pytest.approx(symmetric, abs=0.01)
    assert 1.5 < last.signed_error_units < 2.1


def test_it_is_said_once_a_day_and_only_where_readers_sweep() -> None:
    said = told_of_two_skus().said(RecordAccuracy)
    assert len({fact.fact_id for fact in said}) == len(said)
    assert {fact.location for fact in said} == {"paris"}
    assert [fact.occurred_at.timestamp() * 1000 for fact in said] == [START + (day + 1) * DAY for day in range(24)]
