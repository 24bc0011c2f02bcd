"""What `restockd explain` says of alerts, tasks and any other fact."""

from datetime import timedelta

import msgspec
import pytest

from restockd.explaining import facts
from restockd.explaining.said import NotFound
from schemas.facts import Alert, StockLevel, Task
from sinks.clickhouse.archive import Archive
from tests.sinks.conftest import NOON, batch, fact_id

GAP = Alert(
    fact_id=fact_id(1),
    occurred_at=NOON,
    alert_id="a1e70000-aaaa",
    fingerprint="gap",
    kind="shelf_gap",
    severity="warning",
    state="firing",
    starts_at=NOON,
    location="S1",
    sku="SHIRT-M",
    summary="empty facing of SHIRT-M while the book says 5",
    money_at_risk_per_hour=0.001,
    input_appended_at=NOON,
)
OVER = msgspec.structs.replace(
    GAP, fact_id=fact_id(2), state="resolved", occurred_at=NOON + timedelta(hours=1), ends_at=NOON + timedelta(hours=1)
)
LOOK = Task(
    fact_id=fact_id(3),
    occurred_at=NOON,
    task_id="7a5c0000-bbbb",
    kind="look",
    status="open",
    location="S1",
    sku="SHIRT-M",
    style="SHIRT",
    reason="the shelf looks empty",
    money_at_risk_per_hour=1.5,
    input_appended_at=NOON,
)
LEVEL = StockLevel(
    fact_id=fact_id(4),
    occurred_at=NOON,
    location="S1",
    sku="SHIRT-M",
    style="SHIRT",
    on_hand=5,
    opening_known=True,
    last_evidence_at=NOON,
    log_partition=0,
    log_offset=4,
    input_appended_at=NOON,
    zones={},
    on_order=2,
    in_transit=0,
    reserved=1,
    backorders=0,
    available=4,
    inventory_position=6,
)


@pytest.fixture
def told(archive: Archive) -> Archive:
    for number, fact in enumerate((GAP, OVER, LOOK, LEVEL)):
        archive.write_many([batch([fact], first=number)])
    return archive


@pytest.mark.parametrize("name", ["a1e70000-aaaa", "a1e7", fact_id(1), fact_id(2)])
def test_an_alert_goes_by_its_id_the_beginning_of_it_or_a_fact_s(told: Archive, name: str) -> None:
    found = facts.find(told.database, name)
    assert found is not None
    said = list(facts.lines(found))
    assert said[:2] == ["resolved: shelf gap of SHIRT-M at S1", "alert a1e70000-aaaa"]
    assert [line.split("  ")[2] for line in said[3:5]] == [
        "firing; empty facing of SHIRT-M while the book says 5",
        "resolved; empty facing of SHIRT-M while the book says 5",
    ]
    assert "there now: book 5, on order 2, reserved 1" in said
    assert "  task 7a5c0000  look: the shelf looks empty" in said
    assert not any("0.00" in line for line in said), "what is at risk is not worth saying"


def test_a_task_is_told_with_what_is_at_risk_and_not_beside_itself(told: Archive) -> None:
    found = facts.find(told.database, "7a5c")
    assert found is not None
    said = list(facts.lines(found))
    assert said[:2] == ["open: look of SHIRT-M at S1", "task 7a5c0000-bbbb"]
    assert said[3].endswith("open; the shelf looks empty; 1.50 EUR an hour at risk")
    assert not any(line.startswith("  task") for line in said)


def test_any_other_fact_is_told_field_by_field(told: Archive) -> None:
    found = facts.find(told.database, fact_id(4))
    assert found is not None
    assert (found.kind, found.name) == ("stock_levels", fact_id(4))
    assert "  inventory_position: 6" in list(facts.lines(found))


def test_what_goes_by_several_names_or_none(told: Archive) -> None:
    told.write_many([batch([msgspec.structs.replace(GAP, fact_id=fact_id(9), alert_id="a1e70000-cccc")], first=9)])
    with pytest.raises(NotFound, match="the name of 2 things"):
        facts.find(told.database, "a1e7")
    for name in ("a1e", "nothing", "", fact_id(77)):
        assert facts.find(told.database, name) is None
