"""Files of JSON lines: what is wrong is named before anything is sent, and what is right goes in order of time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from restockd.checked_lines import PART_MS, Checked, check, in_order
from restockd.line_files import read_lines
from schemas.errors import InvalidSettings
from schemas.references import References
from tests.cli.conftest import Run

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)

ITEM = {"sku": "TEE-S", "style": "TEE", "supplier": "acme"}
SHOP = {"location": "ALPHA", "timezone": "Europe/Paris"}
SALE = {
    "transaction_id": "t1",
    "store": "ALPHA",
    "occurred_at": "2026-11-20T10:00:00Z",
    "lines": [{"line_no": 1, "type": "sale", "item_id": "TEE-S", "quantity": 1}],
}
RECEIPT = {
    "movement_id": "m1",
    "type": "receipt",
    "location": "ALPHA",
    "item_id": "TEE-S",
    "quantity": 5,
    "occurred_at": "2026-11-20T09:00:00Z",
}


def _write(folder: Path, **files: list[object]) -> None:
    """``readings_pos`` is ``readings.pos.jsonl``."""
    for name, lines in files.items():
        text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        (folder / f"{name.replace('_', '.')}.jsonl").write_text(text, encoding="utf-8")


def _checked(folder: Path) -> Checked:
    return check(read_lines([folder]), References(), NOW_MS)


def _told(checked: Checked) -> list[str]:
    return [f"{fault.line.file.name}:{fault.line.number}: {fault.problem}" for fault in checked.faults]


def _line(**changes: object) -> dict[str, object]:
    return {**SALE, "lines": [{**SALE["lines"][0], **changes}]}  # type: ignore[dict-item, index]


@pytest.mark.parametrize(
    ("sale", "told"),
    [
        (_line(item_id="TEE-SS"), "lines[0].item_id: no item has the SKU, GTIN or alias TEE-SS; did you mean TEE-S?"),
        (_line(quantity=1.5), "lines[0].quantity: 1.5: Input should be a whole number from 1 to 1000000000"),
        (
            _line(type="sales"),
            "lines[0].type: 'sales': Input should be 'sale', 'return', 'void' or 'exchange'; did you mean sale?",
        ),
        ({**SALE, "store": "ALPAH"}, "store: no location has the id, GLN or alias ALPAH; did you mean ALPHA?"),
        (
            {"occured_at" if name == "occurred_at" else name: value for name, value in SALE.items()},
            "occurred_at: Field required; is it in occured_at?",
        ),
        ({**SALE, "occurred_at": "2026-11-20T12:00:01Z"}, "occurred_at: 2026-11-20T12:00:01+00:00 is in the future"),
        ('{"transaction_id": ', "Invalid JSON: EOF while parsing a value at line 1 column 18"),
    ],
)
def test_a_wrong_line_is_named_by_file_line_field_value_and_what_was_meant(
    tmp_path: Path, sale: object, told: str
) -> None:
    _write(tmp_path, reference_items=[ITEM], reference_locations=[SHOP], readings_pos=[SALE, sale, _line(line_no=2)])
    checked = _checked(tmp_path)
    assert _told(checked) == [f"readings.pos.jsonl:2: {told}"]
    assert [ready.line.number for ready in checked.ready if ready.line.topic.name == "readings.pos"] == [1, 3]


def test_nothing_is_sent_of_a_line_that_is_wrong_in_part_and_each_part_is_named(tmp_path: Path) -> None:
    lines = [*SALE["lines"], {**SALE["lines"][0], "line_no": 2, "quantity": 0}]  # type: ignore[misc, index]
    _write(tmp_path, reference_items=[ITEM], reference_locations=[SHOP], readings_pos=[{**SALE, "lines": lines}])
    checked = _checked(tmp_path)
    assert [fault.field for fault in checked.faults] == ["lines[1].quantity"]
    assert [ready.line.topic.name for ready in checked.ready] == ["reference.items", "reference.locations"]


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({**ITEM, "prise": 3}, "prise: 3: is no field there is; did you mean price?"),
        ({**ITEM, "currency": "EUX"}, "currency: 'EUX' is no currency of ISO 4217; it is taken as it stands"),
    ],
)
def test_reference_data_is_held_against_what_intake_asks_of_it(tmp_path: Path, item: object, told: str) -> None:
    _write(tmp_path, reference_items=[item])
    assert _told(_checked(tmp_path)) == [f"reference.items.jsonl:1: {told}"]


def test_what_reference_data_names_and_nobody_told_of_is_noted_and_sent_all_the_same(tmp_path: Path) -> None:
    _write(tmp_path, reference_items=[ITEM], reference_locations=[SHOP])
    checked = _checked(tmp_path)
    assert [str(unknown) for unknown in checked.unknown] == ["item TEE-S: supplier 'acme' is not known"]
    assert (len(checked.ready), checked.faults) == (2, [])


def test_names_cannot_be_wrong_where_none_are_known(tmp_path: Path) -> None:
    _write(tmp_path, readings_pos=[SALE, _line(quantity=0)])
    checked = _checked(tmp_path)
    assert (len(checked.ready), checked.unlooked) == (1, 2)
    assert [fault.field for fault in checked.faults] == ["lines[0].quantity"]


def test_reference_data_goes_first_and_readings_of_all_topics_by_their_time(tmp_path: Path) -> None:
    later = [
        {**SALE, "transaction_id": f"t{n}", "occurred_at": (NOW - timedelta(days=n)).isoformat()} for n in range(3)
    ]
    opening = {**RECEIPT, "type": "opening", "occurred_at": (NOW - timedelta(days=3)).isoformat()}
    _write(
        tmp_path,
        readings_pos=later,
        readings_erp=[RECEIPT, opening],
        reference_items=[ITEM],
        reference_locations=[SHOP],
    )
    parts = list(in_order(_checked(tmp_path).ready))
    assert [ready.line.topic.name for ready in parts[0]] == ["reference.items", "reference.locations"]
    times = [ready.at_ms or 0 for part in parts[1:] for ready in part]
    assert (times, len(times)) == (sorted(times), 5)
    assert [len({time // PART_MS for time in (ready.at_ms or 0 for ready in part)}) for part in parts] == [1] * 6


def test_files_may_have_any_name_if_their_topic_is_told(tmp_path: Path) -> None:
    file = tmp_path / "monday.txt"
    file.write_text(f"\n{json.dumps(SALE)}\n\n", encoding="utf-8")
    assert [(line.topic.name, line.number) for line in read_lines([file], "readings.pos")] == [("readings.pos", 2)]


@pytest.mark.parametrize(
    ("name", "topic", "told"),
    [
        ("reading.pos.jsonl", "", "its name begins with no topic; did you mean readings.pos?"),
        ("readings.pos.jsonl", "reading.pos", "to a topic 'reading.pos'; did you mean readings.pos?"),
        ("x", "orders.reorders", "nothing can be sent to a topic 'orders.reorders'"),
    ],
)
def test_a_topic_that_is_none_is_told_with_the_one_that_was_meant(
    tmp_path: Path, name: str, topic: str, told: str
) -> None:
    (tmp_path / name).write_text("{}\n", encoding="utf-8")
    with pytest.raises(InvalidSettings) as refused:
        read_lines([tmp_path / name], topic)
    assert told in str(refused.value)


def test_a_directory_without_files_and_a_file_that_is_not_there_are_named(restockd: Run, place: Path) -> None:
    (place / "empty").mkdir()
    for path, told in (("empty", "there is no file *.jsonl in empty"), ("readings.pos.jsonl", "cannot be read")):
        outcome = restockd("send", "--check", path)
        assert (outcome.code, told in outcome.err) == (2, True), outcome.err


def test_checking_needs_no_kafka_and_sends_nothing(restockd: Run, place: Path) -> None:
    _write(place, reference_items=[ITEM], reference_locations=[SHOP], readings_pos=[SALE, _line(quantity=0)])
    outcome = restockd("send", "--check", ".")
    assert outcome.code == 1
    assert outcome.out.splitlines() == ["3 lines could be sent, 1 refused"]
    assert "readings.pos.jsonl:2: lines[0].quantity" in outcome.err
    answer = restockd("send", "--check", "--json", ".").json
    assert (answer["sent"], answer["refused"], answer["faults"][0]["line"]) == (False, 1, 2)
    needs = restockd("send", ".")
    assert (needs.code, "restockd kafka start" in needs.err) == (2, True)


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    """Editors of Windows put one before what they write."""
    (tmp_path / "reference.locations.jsonl").write_text(json.dumps(SHOP), encoding="utf-8-sig")
    assert _told(_checked(tmp_path)) == []
