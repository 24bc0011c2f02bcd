"""Baskets: what moves, what is rejected, and that no unit goes missing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.observations import SaleMade
from schemas.readings import Meaning
from schemas.readings.pos import FORMAT

Understand = Callable[[str, Any], Meaning]

POS = "readings.pos"
AT_MS = 1_795_168_800_000  # 2026-11-20T10:00:00Z: 20777 days of 86,400 s and 10 h


def line(line_no: int, line_type: str = "sale", quantity: Any = 1, item_id: str = "SHIRT-M", **more: Any) -> Any:
    return {"line_no": line_no, "type": line_type, "item_id": item_id, "quantity": quantity, **more}


def basket(*lines: Any, **more: Any) -> dict[str, Any]:
    return {
        "transaction_id": "T-1",
        "store": "S1",
        "occurred_at": "2026-11-20T11:00:00+01:00",
        "lines": list(lines),
        **more,
    }


def sales(meaning: Meaning) -> list[SaleMade]:
    return [routed.observation for routed in meaning.observations if isinstance(routed.observation, SaleMade)]


def net_sold(meaning: Meaning) -> int:
    return sum(sale.quantity if sale.line_type == "sale" else -sale.quantity for sale in sales(meaning))


def faults(meaning: Meaning) -> list[tuple[str, str, Any, float | None]]:
    return [(rejected.reason, rejected.field, rejected.value, rejected.units) for rejected in meaning.rejections]


def test_a_sale_says_everything_the_till_said(understand: Understand) -> None:
    meaning = understand(
        POS,
        basket(
            line(1, "sale", 2, "shirt m", unit_price=19.99, epcs=["3074257BF7194E4000001A85"]),
            workstation="3",
            channel="click_and_collect",
            store="9521321000018",
        ),
    )
    (sale,) = sales(meaning)
    assert meaning.rejections == []
    assert meaning.latest_ms == AT_MS
    assert meaning.observations[0].style == "SHIRT"
    assert sale == SaleMade(
        key=sale.key,
        location="S1",
        sku="SHIRT-M",
        style="SHIRT",
        line_type="sale",
        quantity=2,
        occurred_at_ms=AT_MS,
        unit_price=19.99,
        epcs=("(01)80614141123458(21)6789",),
        channel="click_and_collect",
        transaction_id="T-1",
    )


def test_returns_voids_and_damaged_goods(understand: Understand) -> None:
    meaning = understand(
        POS,
        basket(
            line(1, "return", 1, zone="back_room"),
            line(2, "return", 2, disposition="damaged"),
            line(3, "void", 3),
        ),
    )
    said = [(sale.line_type, sale.quantity, sale.zone, sale.sellable) for sale in sales(meaning)]
    assert said == [("return", 1, "back_room", True), ("return", 2, "", False), ("void", 3, "", True)]


def test_an_exchange_is_a_return_and_a_sale(understand: Understand) -> None:
    exchange = line(1, "exchange", 2, returned_item_id="JEANS-32", returned_quantity=1, unit_price=5)
    meaning = understand(POS, basket(exchange))
    said = [(sale.line_type, sale.sku, sale.quantity, sale.unit_price) for sale in sales(meaning)]
    assert said == [("return", "JEANS-32", 1, None), ("sale", "SHIRT-M", 2, 5)]
    assert [routed.style for routed in meaning.observations] == ["JEANS", "SHIRT"]
    assert len({sale.key for sale in sales(meaning)}) == 2


def test_as_many_come_back_as_go_out_unless_an_exchange_says_otherwise(understand: Understand) -> None:
    meaning = understand(POS, basket(line(1, "exchange", 2, returned_item_id="SHIRT-L")))
    assert [sale.quantity for sale in sales(meaning)] == [2, 2]


def test_cancelled_lines_and_baskets_have_no_effect(understand: Understand) -> None:
    assert [sale.quantity for sale in sales(understand(POS, basket(line(1, void_flag=True), line(2, quantity=3))))] == [
        3
    ]
    cancelled = understand(POS, basket(line(1), line(2, item_id="NOBODY"), cancelled=True, store="NOWHERE"))
    assert cancelled == Meaning(latest_ms=AT_MS)


def test_the_key_is_store_workstation_day_transaction_and_line(understand: Understand) -> None:
    def key(**changed: Any) -> int:
        return sales(understand(POS, basket(line(changed.pop("line_no", 1)), **changed)))[0].key

    same = {key(), key(store="store-1"), key(workstation="1"), key(business_day="2026-11-20"), key(currency="EUR")}
    assert len(same) == 1
    others = [
        key(store="S2"),
        key(workstation="2"),
        key(business_day="2026-11-21"),
        key(transaction_id="T-2"),
        key(line_no=2),
    ]
    assert len({*same, *others}) == 6


def test_the_business_day_is_the_tills_own(understand: Understand) -> None:
    """01:30 in Berlin on the 21st is still the 20th in UTC; the key is that of the 21st."""
    late = {"occurred_at": "2026-11-21T01:30:00+01:00"}
    (by_default,) = sales(understand(POS, basket(line(1), **late)))
    (by_name,) = sales(understand(POS, basket(line(1), business_day="2026-11-21", **late)))
    assert by_default.key == by_name.key


def test_an_unknown_item_is_a_rejection_of_its_line_alone(understand: Understand) -> None:
    meaning = understand(
        POS,
        basket(
            line(1, quantity=5),
            line(2, "sale", 2, "NO-SALE"),
            line(3, "return", 3, "NO-RETURN"),
            line(4, "exchange", 4, returned_item_id="NO-RETURN", returned_quantity=1),
        ),
    )
    assert net_sold(meaning) == 5
    assert faults(meaning) == [
        ("unknown_item", "lines[1].item_id", "NO-SALE", 2),
        ("unknown_item", "lines[2].item_id", "NO-RETURN", -3),
        ("unknown_item", "lines[3].returned_item_id", "NO-RETURN", 3),
    ]


def test_an_exchange_must_say_what_came_back(understand: Understand) -> None:
    meaning = understand(POS, basket(line(1, "exchange", 2)))
    assert meaning.observations == []
    assert faults(meaning) == [("missing_field", "lines[0].returned_item_id", None, 0)]


def test_an_unknown_store_is_a_rejection_of_the_basket(understand: Understand) -> None:
    meaning = understand(
        POS, basket(line(1, quantity=5), line(2, "return", 2), line(3, quantity=9, void_flag=True), store="NOWHERE")
    )
    assert meaning.observations == []
    assert meaning.latest_ms == AT_MS
    assert faults(meaning) == [("unknown_location", "store", "NOWHERE", 3)]


def test_a_line_number_that_stands_twice_is_not_lost(understand: Understand) -> None:
    meaning = understand(POS, basket(line(1, quantity=5), line(1, quantity=2)))
    assert net_sold(meaning) == 5
    assert faults(meaning) == [("duplicate_line", "lines[1].line_no", 1, 2)]


@pytest.mark.parametrize(
    ("quantity", "units"), [(1.5, 1.5), (0, 0), (-2, -2), ("abc", None), ("2", None), (None, None), (True, None)]
)
def test_a_bad_quantity_is_a_rejection_of_its_line_alone(
    understand: Understand, quantity: Any, units: float | None
) -> None:
    meaning = understand(POS, basket(line(1, quantity=5), line(2, quantity=quantity), line(3, "NO"), line(4)))
    assert net_sold(meaning) == 6
    assert faults(meaning) == [
        ("invalid_value", "lines[1].quantity", quantity, units),
        ("invalid_value", "lines[2].type", "NO", None),
    ]


def test_a_quantity_may_be_written_with_an_empty_fraction(understand: Understand) -> None:
    assert net_sold(understand(POS, basket(line(1, quantity=2.0)))) == 2


def test_a_line_keeps_its_place_beside_bad_ones(understand: Understand) -> None:
    meaning = understand(POS, basket(line(1, quantity=0), line(2, item_id="NOBODY"), line(3)))
    assert {field for _, field, _, _ in faults(meaning)} == {"lines[0].quantity", "lines[1].item_id"}


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"occurred_at": "2026-11-20T10:00:00"}, "naive_time", "occurred_at"),
        ({"occurred_at": "2000-01-01T00:00:07Z"}, "clock_unset", "occurred_at"),
        ({"occurred_at": 0}, "clock_unset", "occurred_at"),
        ({"occurred_at": "yesterday"}, "invalid_value", "occurred_at"),
        ({"store": ""}, "invalid_value", "store"),
        ({"business_day": "20.11."}, "invalid_value", "business_day"),
        ({"schema_version": 2}, "invalid_value", "schema_version"),
        ({"transaction_id": None}, "invalid_value", "transaction_id"),
        ({"lines": {"1": 2}}, "invalid_value", "lines"),
    ],
)
def test_a_bad_envelope_is_a_rejection_of_the_basket(
    understand: Understand, changed: dict[str, Any], reason: str, field: str
) -> None:
    meaning = understand(POS, basket(line(1, quantity=5), line(2, "return", 2)) | changed)
    (rejected,) = meaning.rejections
    assert (rejected.reason, rejected.field) == (reason, field)
    assert field in rejected.message
    assert rejected.units == (None if "lines" in changed else 3)


def test_what_is_no_json_has_no_units(understand: Understand) -> None:
    assert faults(understand(POS, b'{"lines": [')) == [("invalid_json", "", None, None)]


quantities = st.one_of(st.integers(-2, 9), st.sampled_from([1.5, 2.0]))
any_lines = st.fixed_dictionaries(
    {
        "line_no": st.integers(1, 6),
        "type": st.sampled_from(["sale", "return", "void", "exchange"]),
        "item_id": st.sampled_from(["SHIRT-M", "JEANS-32", "NOBODY"]),
        "quantity": quantities,
        "void_flag": st.booleans(),
    },
    optional={"returned_item_id": st.sampled_from(["SHIRT-L", "NOBODY"]), "returned_quantity": st.integers(1, 3)},
)


def units_of(raw: dict[str, Any]) -> float:
    """The input's effect on net units sold, worked out line by line from the raw record."""
    quantity = float(raw["quantity"])
    if raw["void_flag"]:
        return 0.0
    if raw["type"] == "exchange":
        return quantity - float(raw.get("returned_quantity", quantity))
    return quantity if raw["type"] == "sale" else -quantity


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_lines, max_size=8), st.sampled_from(["S1", "NOWHERE"]))
def test_what_counts_and_what_is_rejected_adds_up_to_the_input(
    catalogue: Catalogue, lines: list[dict[str, Any]], store: str
) -> None:
    (reading,) = FORMAT.decode([json.dumps(basket(*lines, store=store)).encode()])
    assert not isinstance(reading, RejectedReading)
    meaning = FORMAT.interpret(reading, catalogue)
    rejected = sum(rejection.units or 0 for rejection in meaning.rejections)
    assert net_sold(meaning) + rejected == sum(map(units_of, lines))
