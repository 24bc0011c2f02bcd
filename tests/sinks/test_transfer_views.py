"""What transfers brought, beside what was held out to compare them with."""

import math
from datetime import timedelta

import numpy as np
import pytest

from restockd.explaining.said import NotFound, find, outcome_of
from schemas.facts import Transfer, TransferOutcome
from sinks.clickhouse import queries
from sinks.clickhouse.archive import Archive
from tests.sinks.conftest import NOON, batch, fact_id


def outcome(
    number: int, sold: int = 0, *, held: bool = False, judged: bool = True, **changed: object
) -> TransferOutcome:
    plain: dict[str, object] = {
        "fact_id": fact_id(number),
        "occurred_at": NOON,
        "order_id": f"order-{number // 2}",
        "origin": "W1",
        "destination": "S1",
        "sku": "SHIRT-M",
        "style": "SHIRT",
        "arrived_at": NOON,
        "days": 6,
        "proposed_units": 8,
        "shipped_units": 8 * judged,
        "received_units": 8 * judged,
        "destination_demand_units": 10.0,
        "origin_demand_units": 0.0,
        "sold_units": 4.0 * judged,
        "lost_units": 0.0,
        "expected_gain": 30.0,
        "expected_cost": 5.0,
        "earned": 20.0 * judged,
        "destination_sold_units": sold,
        "destination_expected_units": 10.0,
        "holdout_share": 0.5,
        "held_out": held,
        "judged": judged,
        "held_until": NOON + timedelta(days=8) if held else None,
        "reason": "" if judged else "sold out before the supplier could deliver",
        "log_partition": 0,
        "log_offset": number,
    }
    return TransferOutcome(**(plain | changed))  # type: ignore[arg-type]


def fact_of_transfer(order_id: str) -> Transfer:
    return Transfer(
        fact_id=fact_id(99), occurred_at=NOON, order_id=order_id, revision=1, idempotency_key=f"{order_id}:1",
        status="received", origin="W1", destination="S1", sku="SHIRT-M", style="SHIRT", quantity=8, expected_gain=30.0,
        expected_cost=5.0, reason="8 of 8 units received", input_appended_at=NOON,
    )  # fmt: skip


def test_where_nothing_is_moved_is_seen_until_it_is_judged(archive: Archive) -> None:
    held = outcome(2, held=True, judged=False)
    archive.write_many([batch([held, outcome(4, held=True, judged=False)])])
    assert len(queries.held_out(archive.database)) == 2
    assert queries.held_out(archive.database, "S2") == []
    archive.write_many([batch([outcome(3, held=True)], first=5)])
    (row,) = queries.held_out(archive.database, "S1")
    assert (row["order_id"], row["destination"], row["sku"], row["units"]) == ("order-2", "S1", "SHIRT-M", 8)
    assert (row["reason"], row["held_until"]) == (held.reason, NOON + timedelta(days=8))
    shown = queries.transfer_outcome(archive.database, "order-1")
    assert shown is not None
    assert shown["judged"], "what came of it, not that it was held out"


def _told(archive: Archive, name: str) -> str:
    with pytest.raises(NotFound) as told:
        find(archive.database, name)
    return str(told.value)


def test_what_is_held_out_is_explained_by_its_id_before_and_after_it_is_judged(archive: Archive) -> None:
    """Expected are 30 - 5; it would have earned 20 - 5."""
    archive.write_many([batch([outcome(2, held=True, judged=False)])])
    before = _told(archive, "order-1")
    assert before.startswith("order-1, 8 units of SHIRT-M from W1 to S1, is held out until 2011-03-15 12:00 UTC: it is")
    assert before.endswith("It was planned because: sold out before the supplier could deliver")
    archive.write_many([batch([outcome(3, held=True)], first=5)])
    after = _told(archive, "order-1")
    assert "was held out until 2011-03-15 12:00 UTC" in after
    assert after.endswith(
        "planned because: sold out before the supplier could deliver. Sent, it would have sold 4.0 units more at S1 "
        "and 0.0 fewer at W1, and earned 15.00 EUR after costs; 25.00 were expected"
    )
    assert {_told(archive, "orde"), _told(archive, fact_id(2)), _told(archive, fact_id(3))} == {after}
    assert "no order, transfer, alert, task or fact 'ord'" in _told(archive, "ord"), "four letters at least"
    archive.write_many([batch([outcome(4, held=True, judged=False), outcome(6, held=False)], first=9)])
    assert _told(archive, "orde") == "'orde' is the name of 2 orders: give more of the id (order-1, order-2)"
    assert "order-2, 8 units" in _told(archive, "order-2"), "what was sent has no part in it"


def test_nothing_sold_has_no_sign(archive: Archive) -> None:
    told = [outcome(2, held=True, judged=False), outcome(3, held=True, sold_units=-0.0, lost_units=-0.0)]
    archive.write_many([batch(told)])
    assert "0.0 units more at S1 and 0.0 fewer at W1" in _told(archive, "order-1")
    assert "-0.0" not in _told(archive, "order-1")


def test_what_came_of_a_transfer_is_found_with_it(archive: Archive) -> None:
    sent = fact_of_transfer("order-1")
    assert outcome_of(archive.database, sent) is None
    archive.write_many([batch([outcome(2)])])
    assert outcome_of(archive.database, sent) == outcome(2)


def test_what_ended_without_a_comparison_says_so(archive: Archive) -> None:
    told = [outcome(2, held=True, judged=False), outcome(3, held=True, shipped_units=0, received_units=0)]
    archive.write_many([batch(told)])
    assert "Nothing is compared with it" in _told(archive, "order-1")


def test_what_was_held_out_is_no_part_of_what_transfers_brought(archive: Archive) -> None:
    told = [outcome(2), outcome(4, held=True, judged=False), outcome(5, held=True), outcome(6, holdout_share=0.0)]
    archive.write_many([batch(told)])
    (row,) = archive.database.rows("SELECT * FROM transfer_uplift")
    assert (row["transfers"], row["expected_net"], row["actual_net"]) == (2, 50.0, 30.0)


def test_groups_are_those_chance_made_and_bounds_are_theirs(archive: Archive) -> None:
    """Sold of ten expected: 8, 6, 10 where goods were sent, 5 and 3 where not; others were not drawn, or not moved."""
    moved, held = [8, 6, 10], [5, 3]
    told = [outcome(10 + 2 * at, sold) for at, sold in enumerate(moved)]
    told += [outcome(30 + 2 * at, sold, held=True) for at, sold in enumerate(held)]
    told += [
        outcome(50, 99, holdout_share=0.0),
        outcome(52, 99, received_units=0),
        outcome(54, held=True, judged=False),
    ]
    archive.write_many([batch(told)])
    groups = {row["what"]: row for row in archive.database.rows("SELECT * FROM transfer_groups")}
    assert (groups["moved"]["transfers"], groups["held_out"]["transfers"]) == (3, 2)
    assert (groups["moved"]["expected_net"], groups["moved"]["reckoned_net"]) == (75.0, 45.0)
    (row,) = archive.database.rows("SELECT * FROM transfer_holdout")
    assert (row["moved"], row["held_out"], row["verdict"]) == (3, 2, "too_early")
    assert (row["sold_moved"], row["sold_held_out"], row["uplift"]) == pytest.approx((0.8, 0.4, 0.4))
    wide = _half_width(moved) + _half_width(held)
    assert (row["low"], row["high"]) == pytest.approx((0.4 - wide, 0.4 + wide))


def _half_width(sold: list[int]) -> float:
    """Theorem 2.2 of Waudby-Smith et al. (2024) for the mean of what was sold of each expected unit, at 0.01."""
    shares, n = np.array(sold) / 10.0, len(sold)
    scale = (-2 * math.log(0.01) + math.log(1 - 2 * math.log(0.01))) / 100
    grown = n * scale + 1
    return float(shares.std(ddof=1) * math.sqrt(2 * grown / (n * n * scale) * math.log(math.sqrt(grown) / 0.01)))


@pytest.mark.parametrize(
    ("moved", "held", "verdict"),
    [(9, 4, "moving_sells_more"), (4, 9, "moving_sells_less"), (5, 5, "undecided")],
)
def test_a_verdict_takes_twenty_of_each(archive: Archive, moved: int, held: int, verdict: str) -> None:
    """Every other one sells one unit more."""
    told = [outcome(100 + 2 * at, moved + at % 2) for at in range(20)]
    told += [outcome(200 + 2 * at, held + at % 2, held=True) for at in range(20)]
    archive.write_many([batch(told[:-1])])
    assert archive.database.rows("SELECT verdict FROM transfer_holdout") == [{"verdict": "too_early"}]
    archive.write_many([batch(told[-1:], first=90)])
    assert archive.database.rows("SELECT verdict FROM transfer_holdout") == [{"verdict": verdict}]
