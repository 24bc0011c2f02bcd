"""The examples of CONTRIBUTING.md do what they are said to do."""

import doctest
import json
import types
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import schemas.readings
from inventory import reordering
from inventory.replenishment import policies
from inventory.replenishment.policies import named as naming
from inventory.rules import PolicyName
from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading, Unavailable
from schemas.facts import Reorder
from schemas.observations import ItemDefined, ItemsSeen
from schemas.readings.dialects import Dialect
from schemas.readings.rfid import RfidFormat
from schemas.readings.rfid_batch import RfidReport
from schemas.reference import Device, Item, Location
from tests.docs.blocks import ROOT, named_block
from tests.inventory.logs import Log
from tests.sinks.examples import EXAMPLES

PAGE = ROOT / "CONTRIBUTING.md"
EPC = "urn:epc:id:sgtin:0614141.812345.6789"


def _module(name: str) -> types.ModuleType:
    module = types.ModuleType(Path(name).stem)
    exec(compile(named_block(PAGE, name), name, "exec"), module.__dict__)  # noqa: S102  # our own documentation
    return module


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RfidFormat:
    """The format of RFID with the example as one more file in its package."""
    name = "schemas/readings/rfid_acme.py"
    (tmp_path / "rfid_acme.py").write_text(named_block(PAGE, name), encoding="utf-8")
    monkeypatch.setattr(schemas.readings, "__path__", [*schemas.readings.__path__, str(tmp_path)])
    return RfidFormat()


def _said(**changed: object) -> bytes:
    return json.dumps({"acme": "R1", "at": "2026-11-20T10:00:00Z", "tags": [EPC]} | changed).encode()


def test_a_dialect_is_found_and_its_reads_are_understood(acme: RfidFormat) -> None:
    catalogue = Catalogue()
    for record in (
        Location(location="S1"),
        Item(sku="SHIRT-M", style="SHIRT", gtin="80614141123458"),
        Device(device="R1", kind="reader", location="S1", zone="sales_floor"),
    ):
        catalogue.add(record)
    (reading,) = acme.decode([_said()])
    assert isinstance(reading, RfidReport)
    ((style, seen),) = acme.interpret(reading, catalogue).observations
    assert isinstance(seen, ItemsSeen)
    assert (style, seen.sku, seen.location, seen.zone) == ("SHIRT", "SHIRT-M", "S1", "sales_floor")


def test_its_bad_messages_are_rejected_and_others_are_not_its(acme: RfidFormat) -> None:
    (bad,) = acme.decode([_said(at="yesterday")])
    assert isinstance(bad, RejectedReading)
    assert bad.field == "at"
    spoken: Dialect[RfidReport] = acme.dialects.spoken_in(b'{"reader": "R1", "reads": []}')
    assert spoken.name != "rfid_acme"


def test_a_policy_is_a_struct_that_decides_and_is_followed(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = _module("inventory/replenishment/policies/days_of_cover.py")
    known = policies.AnyPolicy | policy.DaysOfCover
    monkeypatch.setattr(naming, "AnyPolicy", known)
    found = naming.named("days_of_cover", 0.95, 7.0, 0.98)
    assert isinstance(found, policy.DaysOfCover)
    monkeypatch.setattr(reordering, "_policy", lambda *_: found)
    log.tell(ItemDefined("jeans-32", "jeans", 0))
    log.tell(log.measured("opening", 10))
    log.tell(log.sale(4))
    order = log.said(Reorder)[-1]
    # No supplier: 7 days to receipt and 1 to review, 7 of cover; 4 a day from the one day that is known.
    # Below 4 x 8 = 32 order up to 32 + 28 = 60; 6 are there.
    assert order.inputs is not None
    assert (order.inputs.policy, order.inputs.reorder_point, order.quantity) == ("days_of_cover", 32, 54)


def test_its_doctest_holds() -> None:
    policy = _module("inventory/replenishment/policies/days_of_cover.py")
    test = doctest.DocTestParser().get_doctest(policy.DaysOfCover.__doc__, policy.__dict__, "DaysOfCover", None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


def test_rules_can_choose_every_policy() -> None:
    assert set(get_args(PolicyName)) == set(naming.NAMES)


def test_a_sink_writes_each_revision_once_and_hands_back_what_is_no_order(tmp_path: Path) -> None:
    sink = _module("sinks/order_file.py").OrderFile(tmp_path / "orders")
    order = next(fact for fact in EXAMPLES if isinstance(fact, Reorder))
    later = msgspec.structs.replace(order, revision=order.revision + 1, idempotency_key="later")
    first, second = msgspec.json.encode(order), msgspec.json.encode(later)
    assert sink.write([first, b"{}", first]) == [b"{}"]
    assert sink.write([first, second]) == []
    assert (tmp_path / "orders").read_bytes().splitlines() == [first, second]


def test_a_sink_without_its_place_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="order file"):
        _module("sinks/order_file.py").OrderFile(tmp_path / "nowhere" / "orders").write([])
