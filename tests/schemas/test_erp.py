"""ERP movements: signs, what a type requires, whose receipts count."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.observations import QuantityMeasured, QuantityMoved, StockReserved, Supplied
from schemas.readings import Meaning

Understand = Callable[[str, Any], Meaning]

ERP = "readings.erp"
AT_MS = 1_795_168_800_000  # 2026-11-20T10:00:00Z


def movement(movement_type: str, quantity: Any = 3, **more: Any) -> dict[str, Any]:
    return {
        "movement_id": "M-1",
        "type": movement_type,
        "location": "S1",
        "item_id": "SHIRT-M",
        "quantity": quantity,
        "occurred_at": "2026-11-20T10:00:00Z",
        **more,
    }


def only(meaning: Meaning) -> Any:
    assert meaning.rejections == []
    (routed,) = meaning.observations
    assert routed.style == "SHIRT"
    return routed.observation


@pytest.mark.parametrize(
    ("movement_type", "more", "reason", "quantity"),
    [
        ("receipt", {}, "receipt", 3),
        ("transfer_received", {"counterpart": "W1"}, "transfer_in", 3),
        ("transfer_shipped", {"counterpart": "S2"}, "transfer_out", -3),
        ("write_off", {}, "write_off", -3),
        ("supplier_return", {}, "supplier_return", -3),
        ("zone_move", {"zone": "back_room", "to_zone": "sales_floor"}, "zone_move", 3),
    ],
)
def test_the_type_gives_the_sign(
    understand: Understand, movement_type: str, more: dict[str, Any], reason: str, quantity: int
) -> None:
    moved = only(understand(ERP, movement(movement_type, **more)))
    assert isinstance(moved, QuantityMoved)
    assert (moved.reason, moved.quantity, moved.location, moved.occurred_at_ms) == (reason, quantity, "S1", AT_MS)


@pytest.mark.parametrize("quantity", [4, -4])
def test_an_adjustment_is_signed(understand: Understand, quantity: int) -> None:
    moved = only(understand(ERP, movement("adjustment", quantity)))
    assert (moved.reason, moved.quantity) == ("adjustment", quantity)


@pytest.mark.parametrize(
    ("movement_type", "status"), [("ordered", "ordered"), ("shipment", "shipped"), ("order_cancelled", "cancelled")]
)
def test_orders_with_suppliers(understand: Understand, movement_type: str, status: str) -> None:
    told = {"document": "D", "order_id": "O", "counterpart": "ACME", "expected_at": "2026-11-20T10:00:01Z"}
    supplied = only(understand(ERP, movement(movement_type, **told)))
    assert supplied == Supplied(
        key=supplied.key,
        location="S1",
        sku="SHIRT-M",
        style="SHIRT",
        status=status,
        quantity=3,
        occurred_at_ms=AT_MS,
        document="D",
        order_id="O",
        supplier="ACME",
        expected_at_ms=AT_MS + 1000,
    )


@pytest.mark.parametrize("source", ["opening", "count"])
@pytest.mark.parametrize("quantity", [0, 7])
def test_counts_may_be_nought(understand: Understand, source: str, quantity: int) -> None:
    measured = only(understand(ERP, movement(source, quantity, zone="back_room")))
    assert isinstance(measured, QuantityMeasured)
    assert (measured.source, measured.quantity, measured.zone) == (source, quantity, "back_room")


@pytest.mark.parametrize(("movement_type", "quantity"), [("reservation", 3), ("release", -3)])
def test_reservations(understand: Understand, movement_type: str, quantity: int) -> None:
    reserved = only(understand(ERP, movement(movement_type, document="web-1")))
    assert isinstance(reserved, StockReserved)
    assert (reserved.quantity, reserved.document) == (quantity, "web-1")


def test_the_other_end_of_a_transfer_is_a_location_by_any_name(understand: Understand) -> None:
    assert only(understand(ERP, movement("transfer_shipped", counterpart="9521321000025"))).counterpart == "S2"
    assert only(understand(ERP, movement("receipt", counterpart="ACME"))).counterpart == "ACME"


def test_both_ends_of_a_transfer_may_have_one_number(understand: Understand) -> None:
    shipped = only(understand(ERP, movement("transfer_shipped", counterpart="S2")))
    received = only(understand(ERP, movement("transfer_received", location="S2", counterpart="S1")))
    again = only(understand(ERP, movement("transfer_shipped", counterpart="S2", reason="sent twice")))
    assert shipped.key == again.key != received.key


@pytest.mark.parametrize(
    ("record", "reason", "field", "value", "units"),
    [
        (movement("receipt", 0), "invalid_value", "quantity", 0, 0),
        (movement("receipt", -3), "invalid_value", "quantity", -3, -3),
        (movement("count", -1), "invalid_value", "quantity", -1, -1),
        (movement("adjustment", 0), "invalid_value", "quantity", 0, 0),
        (movement("write_off", 1.5), "invalid_value", "quantity", 1.5, -1.5),
        (movement("write_off", "many"), "invalid_value", "quantity", "many", None),
        (movement("teleport", 4), "invalid_value", "type", "teleport", 4),
        (movement("transfer_shipped"), "missing_field", "counterpart", "", -3),
        (movement("transfer_shipped", counterpart="NO"), "unknown_location", "counterpart", "NO", -3),
        (movement("receipt", location="NO"), "unknown_location", "location", "NO", 3),
        (movement("write_off", item_id="NO"), "unknown_item", "item_id", "NO", -3),
        (movement("zone_move", zone="exit"), "missing_field", "to_zone", "", 3),
        (movement("zone_move", zone="exit", to_zone="exit"), "invalid_value", "to_zone", "exit", 3),
        (movement("receipt", occurred_at="2026-11-20 10:00"), "naive_time", "occurred_at", "2026-11-20 10:00", 3),
        (movement("receipt", occurred_at="1970-01-01T00:00Z"), "clock_unset", "occurred_at", "1970-01-01T00:00Z", 3),
    ],
)
def test_an_error_names_the_field_and_the_value(
    understand: Understand, record: dict[str, Any], reason: str, field: str, value: Any, units: float | None
) -> None:
    meaning = understand(ERP, record)
    (rejected,) = meaning.rejections
    assert meaning.observations == []
    assert (rejected.reason, rejected.field, rejected.value, rejected.units) == (reason, field, value, units)
    assert rejected.message.startswith(f"{field}: ")


@pytest.mark.parametrize(
    "record", [movement("receipt"), movement("transfer_received", counterpart="S2"), movement("supplier_return")]
)
def test_where_epcis_keeps_the_book_receipts_and_shipments_do_not_count(
    understand: Understand, record: dict[str, Any]
) -> None:
    assert only(understand(ERP, record | {"location": "ERP1"})).location == "ERP1"
    assert understand(ERP, record | {"location": "EPC1"}) == Meaning(latest_ms=AT_MS)


def test_where_epcis_keeps_the_book_the_rest_still_counts(understand: Understand) -> None:
    assert only(understand(ERP, movement("adjustment", location="EPC1"))).quantity == 3
