"""EPCIS events: envelopes, business steps, retraction, and who keeps the book."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.observations import ItemsSeen, QuantityMeasured, QuantityMoved, Signal, StockReserved, Supplied
from schemas.readings import Meaning
from schemas.reference import Device

Understand = Callable[[str, Any], Meaning]
Text = Callable[[str], bytes]

EPCIS = "readings.epcis"
AT_MS = 1_795_168_800_000  # 2026-11-20T10:00:00Z
M1, M2 = "urn:epc:id:sgtin:0614141.812345.1", "urn:epc:id:sgtin:0614141.812345.2"
TAGS_M = ("(01)80614141123458(21)1", "(01)80614141123458(21)2")
S1, S2, W1, NOWHERE = (f"urn:epc:id:sgln:9521321.0000{number}.0" for number in (1, 2, 3, 9))
CLASS_L = "urn:epc:idpat:sgtin:0614141.812346.*"


def event(step: str = "receiving", disposition: str = "", **more: Any) -> dict[str, Any]:
    common = {
        "type": "ObjectEvent",
        "eventID": "e-1",
        "action": "OBSERVE",
        "eventTime": "2026-11-20T10:00:00Z",
        "epcList": [M1, M2],
        "bizStep": step,
        "bizLocation": {"id": S1},
        **({"disposition": disposition} if disposition else {}),
    }
    return {key: value for key, value in (common | more).items() if value is not None}


def places(field: str, *texts: str, kind: str = "location") -> dict[str, Any]:
    return {f"{field}List": [{"type": kind, field: text} for text in texts]}


def said(meaning: Meaning) -> list[Any]:
    return [routed.observation for routed in meaning.observations]


def only(meaning: Meaning) -> Any:
    assert meaning.rejections == []
    (observation,) = said(meaning)
    return observation


def reasons(meaning: Meaning) -> list[tuple[str, str]]:
    return [(rejected.reason, rejected.field) for rejected in meaning.rejections]


def moved(meaning: Meaning) -> list[tuple[str, str, str, int]]:
    assert meaning.rejections == []
    moves = said(meaning)
    assert all(isinstance(move, QuantityMoved) for move in moves)
    return [(move.location, move.sku, move.reason, move.quantity) for move in moves]


def test_receiving_counts_tags_and_pieces(understand: Understand, fixture_text: Text) -> None:
    meaning = understand(EPCIS, fixture_text("epcis/receiving.json"))
    assert moved(meaning) == [("S1", "SHIRT-M", "receipt", 2), ("S1", "SHIRT-L", "receipt", 11)]
    shirts_m, shirts_l = said(meaning)
    assert (shirts_m.epcs, shirts_l.epcs) == (TAGS_M, ("(01)80614141123465(21)1",))
    assert (shirts_m.zone, shirts_m.document, shirts_m.order_id) == ("back_room", "DN-12", "PO-7")
    assert shirts_m.occurred_at_ms == meaning.latest_ms == AT_MS
    assert [routed.style for routed in meaning.observations] == ["SHIRT", "SHIRT"]


def test_shipping_to_a_place_of_ours_is_a_transfer(understand: Understand, fixture_text: Text) -> None:
    meaning = understand(EPCIS, fixture_text("epcis/shipping.json"))
    assert moved(meaning) == [("S1", "SHIRT-M", "transfer_out", -2)]
    assert said(meaning)[0].counterpart == "S2"


def test_an_error_declaration_retracts_the_very_observations(understand: Understand, fixture_text: Text) -> None:
    first = said(understand(EPCIS, fixture_text("epcis/receiving.json")))
    again = said(understand(EPCIS, fixture_text("epcis/error_declaration.json")))
    retracted, corrected = again[:2], again[2:]
    assert [move.key for move in retracted] == [move.key for move in first]
    assert [(move.retracts, move.quantity) for move in retracted] == [(True, 2), (True, 11)]
    assert [(move.retracts, move.quantity) for move in corrected] == [(False, 2), (False, 10)]
    assert not {move.key for move in corrected} & {move.key for move in first}


def test_digital_links_say_the_same_as_urns(understand: Understand, fixture_text: Text) -> None:
    meaning = understand(EPCIS, fixture_text("epcis/digital_link.json"))
    assert moved(meaning) == [("S1", "SHIRT-M", "receipt", 2), ("S1", "SHIRT-L", "receipt", 10)]
    assert said(meaning)[0].epcs == TAGS_M


def test_a_query_document_is_the_sum_of_its_events(understand: Understand, fixture_text: Text) -> None:
    alone = [said(understand(EPCIS, fixture_text(f"epcis/{name}.json"))) for name in ("receiving", "shipping")]
    assert said(understand(EPCIS, fixture_text("epcis/query_document.json"))) == alone[0] + alone[1]


def test_a_bare_event_says_the_same_as_one_in_a_document(understand: Understand) -> None:
    document = {"type": "EPCISDocument", "epcisBody": {"eventList": [event()]}}
    assert said(understand(EPCIS, event())) == said(understand(EPCIS, document))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (event("arriving"), ("S1", "receipt", 2, "", "")),
        (event("receiving", "sellable_accessible"), ("S1", "receipt", 2, "sales_floor", "")),
        (event(**places("source", W1)), ("S1", "transfer_in", 2, "", "W1")),
        (event(**places("source", NOWHERE)), ("S1", "receipt", 2, "", NOWHERE)),
        (event(**places("source", S1)), ("S1", "receipt", 2, "", S1)),
        (event(bizLocation=None, readPoint={"id": S2}), ("S2", "receipt", 2, "", "")),
        (event(bizLocation={"id": NOWHERE}, readPoint={"id": S2}), ("S2", "receipt", 2, "", "")),
        (event("departing", **places("destination", S2)), ("S1", "transfer_out", -2, "", "S2")),
        (event("shipping"), ("S1", "transfer_out", -2, "", "")),
        (event("shipping", **places("source", W1), **places("destination", S2)), ("W1", "transfer_out", -2, "", "S2")),
        (event("shipping", **places("destination", NOWHERE)), ("S1", "supplier_return", -2, "", NOWHERE)),
        (event("void_shipping", **places("destination", S2)), ("S1", "transfer_out", 2, "", "S2")),
        (event("decommissioning", action="DELETE"), ("S1", "write_off", -2, "", "")),
        (event("destroying"), ("S1", "write_off", -2, "", "")),
        (event("inspecting", "disposed"), ("S1", "write_off", -2, "", "")),
        (event("other", "stolen"), ("S1", "write_off", -2, "", "")),
        (event(type="TransactionEvent"), ("S1", "receipt", 2, "", "")),
        (event(type="AggregationEvent", epcList=None, childEPCs=[M1, M2]), ("S1", "receipt", 2, "", "")),
        (event(epcList=[M1, M1, M2]), ("S1", "receipt", 2, "", "")),
    ],
)
def test_what_moves_the_book(understand: Understand, record: dict[str, Any], expected: tuple[Any, ...]) -> None:
    move = only(understand(EPCIS, record))
    assert isinstance(move, QuantityMoved)
    assert (move.location, move.reason, move.quantity, move.zone, move.counterpart) == expected


def test_stocking_is_a_move_to_the_sales_floor(understand: Understand) -> None:
    move = only(understand(EPCIS, event("stocking", "sellable_accessible")))
    assert (move.reason, move.quantity, move.zone, move.to_zone) == ("zone_move", 2, "back_room", "sales_floor")


def test_a_suppliers_shipment_is_on_its_way_to_us(understand: Understand) -> None:
    record = event("shipping", bizLocation=None, readPoint={"id": NOWHERE}, **places("source", NOWHERE))
    supplied = only(understand(EPCIS, record | places("destination", S2)))
    assert isinstance(supplied, Supplied)
    assert (supplied.location, supplied.status, supplied.quantity, supplied.supplier) == ("S2", "shipped", 2, NOWHERE)


@pytest.mark.parametrize(
    ("step", "disposition", "zone"),
    [
        ("cycle_counting", "", ""),
        ("stock_taking", "sellable_accessible", "sales_floor"),
        ("storing", "sellable_not_accessible", "back_room"),
        ("retail_selling", "retail_sold", ""),
        ("decommissioning", "retail_sold", ""),
        ("inspecting", "", ""),
        ("packing", "in_progress", ""),
        ("", "", ""),
    ],
)
def test_what_is_only_evidence(understand: Understand, step: str, disposition: str, zone: str) -> None:
    record = event(step, disposition)
    seen = only(understand(EPCIS, record if step else {key: record[key] for key in record if key != "bizStep"}))
    assert isinstance(seen, ItemsSeen)
    assert (seen.location, seen.sku, seen.zone, seen.disposition) == ("S1", "SHIRT-M", zone, disposition)
    assert tuple(tag.epc for tag in seen.tags) == TAGS_M


def test_pieces_counted_are_a_count(understand: Understand) -> None:
    quantities = [{"epcClass": CLASS_L, "quantity": 7}, {"epcClass": CLASS_L, "quantity": 0}]
    seen, measured = said(understand(EPCIS, event("cycle_counting", "sellable_accessible", quantityList=quantities)))
    assert isinstance(seen, ItemsSeen)
    assert isinstance(measured, QuantityMeasured)
    assert (measured.source, measured.sku, measured.quantity, measured.zone) == ("count", "SHIRT-L", 7, "sales_floor")


def test_nothing_there_is_a_count_too(understand: Understand) -> None:
    record = event("stock_taking", epcList=None, quantityList=[{"epcClass": CLASS_L, "quantity": 0}])
    assert only(understand(EPCIS, record)).quantity == 0


def test_reserving(understand: Understand) -> None:
    reserved = only(understand(EPCIS, event("reserving")))
    released = only(understand(EPCIS, event("reserving", errorDeclaration={"declarationTime": "2026-11-20T11:00:00Z"})))
    assert isinstance(reserved, StockReserved)
    assert (reserved.quantity, released.quantity) == (2, -2)
    assert reserved.key != released.key


def test_a_registered_read_point_says_its_zone(understand: Understand, catalogue: Catalogue) -> None:
    catalogue.add(Device(device="gate-7", kind="reader", location="S2", zone="exit"))
    seen = only(understand(EPCIS, event("inspecting", bizLocation=None, readPoint={"id": "gate-7"})))
    assert (seen.location, seen.zone, seen.reader) == ("S2", "exit", "gate-7")


@pytest.mark.parametrize(
    "record",
    [
        event("receiving", epcList=["urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:giai:4000001.111"]),
        event("inspecting", epcList=["urn:epc:id:sgtin:4006381.033393.5"]),
        event("inspecting", bizLocation={"id": NOWHERE}),
        event("receiving", action="DELETE", bizLocation=None),
        event("reserving", action="DELETE", bizLocation=None),
        event(type="AssociationEvent", epcList=None, childEPCs=[M1]),
        event(type="TransformationEvent", action=None, epcList=None, inputEPCList=[M1], outputEPCList=[M2]),
        event(type="example:Event", action=None),
        event("https://example.com/bizStep/dancing", bizLocation=None),
    ],
)
def test_what_has_no_effect_on_stock_is_accepted(understand: Understand, record: dict[str, Any]) -> None:
    assert understand(EPCIS, record) == Meaning(latest_ms=AT_MS)


@pytest.mark.parametrize(
    ("record", "reason", "field", "value", "units"),
    [
        (event(bizLocation={"id": NOWHERE}), "unknown_location", "bizLocation.id", NOWHERE, 2),
        (event(bizLocation=None), "missing_field", "bizLocation.id", None, 2),
        (
            event("shipping", bizLocation=None, readPoint={"id": NOWHERE}),
            "unknown_location",
            "readPoint.id",
            NOWHERE,
            -2,
        ),
        (
            event("shipping", bizLocation=None, **places("source", NOWHERE)),
            "unknown_location",
            "sourceList",
            NOWHERE,
            -2,
        ),
        (
            event(epcList=["urn:epc:id:sgtin:0614141.8.1"]),
            "epc_malformed",
            "epcList[0]",
            "urn:epc:id:sgtin:0614141.8.1",
            1,
        ),
    ],
)
def test_what_moves_stock_must_be_known(
    understand: Understand, record: dict[str, Any], reason: str, field: str, value: str | None, units: float
) -> None:
    meaning = understand(EPCIS, record)
    assert said(meaning) == []
    (rejected,) = meaning.rejections
    assert (rejected.reason, rejected.field, rejected.value, rejected.units) == (reason, field, value, units)


def test_unknown_items_are_rejected_once_per_gtin_and_the_rest_counts(understand: Understand) -> None:
    strangers = [f"urn:epc:id:sgtin:4006381.033393.{serial}" for serial in range(30)]
    meaning = understand(EPCIS, event("shipping", epcList=[*strangers, M1]))
    assert [move.quantity for move in said(meaning)] == [-1]
    (rejected,) = meaning.rejections
    assert (rejected.reason, rejected.field, rejected.value, rejected.units) == (
        "unknown_item",
        "epcList[0]",
        strangers[0],
        -30,
    )


@pytest.mark.parametrize(
    ("element", "reason", "field"),
    [
        ({"quantity": 200, "uom": "KGM"}, "invalid_quantity", "quantityList[0].quantity"),
        ({"quantity": 1.5}, "invalid_quantity", "quantityList[0].quantity"),
        ({}, "invalid_quantity", "quantityList[0].quantity"),
        (
            {"epcClass": "urn:epc:idpat:sgtin:4006381.033393.*", "quantity": 4},
            "unknown_item",
            "quantityList[0].epcClass",
        ),
    ],
)
def test_a_quantity_that_is_no_number_of_known_pieces(
    understand: Understand, element: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(EPCIS, event(quantityList=[{"epcClass": CLASS_L} | element]))
    assert [(move.sku, move.quantity) for move in said(meaning)] == [("SHIRT-M", 2)]
    assert reasons(meaning) == [(reason, field)]


@pytest.mark.parametrize("pieces", [{"quantity": 4}, {"quantity": 4.0, "uom": "EA"}, {"quantity": 4, "uom": "C62"}])
def test_a_quantity_of_pieces(understand: Understand, pieces: dict[str, Any]) -> None:
    record = event(epcList=None, quantityList=[{"epcClass": CLASS_L} | pieces])
    assert moved(understand(EPCIS, record)) == [("S1", "SHIRT-L", "receipt", 4)]


def test_each_event_of_a_document_stands_for_itself(understand: Understand) -> None:
    listed = [
        event(eventID="a"),
        event("recieving", eventID="b"),
        event(eventID="c", eventTime="2026-11-20T10:00:00"),
        event(eventID="d", action=None),
        "event",
        event(eventID="e", bizLocation={"id": NOWHERE}),
        event(eventID="f", eventTime="2026-11-20T10:00:09Z"),
    ]
    meaning = understand(EPCIS, {"epcisBody": {"eventList": listed}})
    assert [move.quantity for move in said(meaning)] == [2, 2]
    assert meaning.latest_ms == AT_MS + 9000
    prefix = "epcisBody.eventList"
    assert sorted(reasons(meaning)) == [
        ("invalid_value", f"{prefix}[1].bizStep"),
        ("invalid_value", f"{prefix}[4]"),
        ("missing_field", f"{prefix}[3].action"),
        ("naive_time", f"{prefix}[2].eventTime"),
        ("unknown_location", f"{prefix}[5].bizLocation.id"),
    ]


@pytest.mark.parametrize(
    ("record", "reason", "field"),
    [
        ({"epcisBody": {}}, "missing_field", "epcisBody.eventList"),
        ({"epcisBody": {"eventList": "none"}}, "missing_field", "epcisBody.eventList"),
        (event(type="PartyEvent"), "invalid_value", "type"),
        (event(epcList=None), "missing_field", "epcList"),
        (event(eventTime="2000-01-01T00:00:00Z"), "clock_unset", "eventTime"),
        (event(disposition="sold_out"), "invalid_value", "disposition"),
        (event(errorDeclaration={}), "missing_field", "errorDeclaration.declarationTime"),
        (b"<epcis/>", "invalid_json", ""),
        ([event()], "invalid_value", ""),
    ],
)
def test_what_is_no_epcis_is_rejected(understand: Understand, record: Any, reason: str, field: str) -> None:
    meaning = understand(EPCIS, record)
    assert said(meaning) == []
    assert reasons(meaning) == [(reason, field)]


def test_without_an_id_the_content_is_the_identity(understand: Understand) -> None:
    def key(**changed: Any) -> int:
        return only(understand(EPCIS, event(eventID=None, **changed))).key

    first = key()
    assert first == key(recordTime="2026-11-20T12:00:00Z") == key(epcList=[M2, M1])
    assert first == key(eventTime="2026-11-20T11:00:00+01:00", eventTimeZoneOffset="+01:00")
    assert first == key(errorDeclaration={"declarationTime": "2026-11-21T10:00:00Z"})
    assert len({first, key(epcList=[M1]), key(eventTime="2026-11-20T10:00:01Z"), key(**{"example:a": 1})}) == 4


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (
            event("cycle_counting", epcList=None, quantityList=[{"epcClass": CLASS_L, "quantity": 7}]),
            "errorDeclaration",
        ),
        (
            event("shipping", bizLocation=None, **places("source", NOWHERE), **places("destination", S2)),
            "errorDeclaration",
        ),
    ],
)
def test_what_cannot_be_taken_back_says_so(understand: Understand, record: dict[str, Any], field: str) -> None:
    assert len(said(understand(EPCIS, record))) == 1
    meaning = understand(EPCIS, record | {"errorDeclaration": {"declarationTime": "2026-11-20T11:00:00Z"}})
    assert said(meaning) == []
    assert reasons(meaning) == [("cannot_retract", field)]


def test_evidence_taken_back_is_nothing(understand: Understand) -> None:
    record = event("inspecting", errorDeclaration={"declarationTime": "2026-11-20T11:00:00Z"})
    assert understand(EPCIS, record) == Meaning(latest_ms=AT_MS)


@pytest.mark.parametrize(
    ("step", "more"), [("receiving", {}), ("shipping", places("destination", S2)), ("void_shipping", {})]
)
def test_where_the_erp_keeps_the_book_receipts_and_shipments_are_evidence(
    understand: Understand, step: str, more: dict[str, Any]
) -> None:
    seen = only(understand(EPCIS, event(step, bizLocation={"id": "ERP1"}, **more)))
    assert isinstance(seen, ItemsSeen)
    assert seen.location == "ERP1"
    assert moved(understand(EPCIS, event(step, bizLocation={"id": "EPC1"}, **more)))


def test_where_the_erp_keeps_the_book_the_rest_still_counts(understand: Understand) -> None:
    assert moved(understand(EPCIS, event("destroying", bizLocation={"id": "ERP1"}))) == [
        ("ERP1", "SHIRT-M", "write_off", -2)
    ]


def sensor(**report: Any) -> dict[str, Any]:
    return {"sensorElementList": [{"sensorMetadata": {"time": "2026-11-20T09:59:00Z"}, "sensorReport": [report]}]}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"type": "Temperature", "value": 21.5, "uom": "CEL"}, ("temperature", 21.5)),
        ({"type": "gs1:Temperature", "value": 212, "uom": "FAH"}, ("temperature", 100.0)),
        (
            {"type": "https://gs1.org/voc/MeasurementType-Temperature", "value": 273.15, "uom": "KEL"},
            ("temperature", 0.0),
        ),
        ({"type": "AbsoluteHumidity", "meanValue": 12.1, "uom": "A93"}, ("absolute_humidity_a93", 12.1)),
        ({"type": "example:Noise", "value": 3}, ("noise", 3)),
    ],
)
def test_sensor_reports_are_signals(
    understand: Understand, report: dict[str, Any], expected: tuple[str, float]
) -> None:
    record = event("sensor_reporting", epcList=None, **sensor(**report))
    name, value = expected
    assert only(understand(EPCIS, record)) == Signal(name, value, AT_MS - 60_000, location="S1")


@pytest.mark.parametrize(
    "record",
    [
        event("sensor_reporting", epcList=None, **sensor(type="Temperature", stringValue="warm")),
        event("sensor_reporting", epcList=None, bizLocation=None, **sensor(type="Temperature", value=1)),
    ],
)
def test_a_report_without_a_number_or_a_place_is_no_signal(understand: Understand, record: dict[str, Any]) -> None:
    assert understand(EPCIS, record) == Meaning(latest_ms=AT_MS)


def test_the_context_is_never_looked_at(understand: Understand) -> None:
    record = {"@context": {"anything": ["https://unreachable.invalid/"]}, "epcisBody": {"eventList": [event()]}}
    assert said(understand(EPCIS, record)) == said(understand(EPCIS, json.dumps(event()).encode()))
