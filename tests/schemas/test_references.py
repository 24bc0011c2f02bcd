"""What reference data name and nobody has told of, in whatever order it comes."""

import itertools

import pytest
from pydantic import BaseModel

from schemas.reference import Budget, Device, Item, Lane, Location, Offer, Supplier, TagMapping
from schemas.references import References

KNOWN = (
    Location(location="ALPHA", aliases=("shop-1",)),
    Location(location="WH", kind="warehouse"),
    Supplier(supplier="acme"),
    Item(sku="TEE-S", style="TEE", supplier="acme", category="tees"),
)


def _references(*records: BaseModel) -> References:
    references = References()
    for record in (*KNOWN, *records):
        references.add(record)
    return references


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            Lane(origin="WH", destination="ALPAH"),
            "lane WH|ALPAH: destination 'ALPAH' is not known; did you mean ALPHA?",
        ),
        (Lane(origin="W9", destination="ALPHA"), "lane W9|ALPHA: origin 'W9' is not known"),
        (
            Device(device="r1", kind="reader", location="ALPHHA"),
            "device r1: location 'ALPHHA' is not known; did you mean ALPHA?",
        ),
        (Item(sku="X", style="X", supplier="acmee"), "item X: supplier 'acmee' is not known; did you mean acme?"),
        (Offer(supplier="ghost", style="TEE", unit_cost=1), "offer ghost|TEE|: supplier 'ghost' is not known"),
        (TagMapping(epc="t", sku="TEE-SS"), "tag t: sku 'TEE-SS' is not known; did you mean TEE-S?"),
    ],
)
def test_a_name_nobody_told_of_is_said_with_the_closest(record: BaseModel, told: str) -> None:
    assert [str(unknown) for unknown in _references(record).unknown()] == [told]


@pytest.mark.parametrize(
    "record",
    [
        Lane(origin="WH", destination="ALPHA"),
        Device(device="r1", kind="reader", location="shop-1"),
        Item(sku="X", style="X"),
        Offer(supplier="ghost", style="TEE", unit_cost=1, retired=True),
        Offer(supplier="acme", sku="TEE-S", unit_cost=1),
        TagMapping(epc="t", sku="TEE-S"),
    ],
)
def test_what_is_known_withdrawn_or_left_out_is_not(record: BaseModel) -> None:
    assert list(_references(record).unknown()) == []


def test_each_name_of_a_budget_is_looked_up() -> None:
    budget = Budget.model_validate(
        {
            "budget": "spring",
            "amount": 1,
            "starts_at": "2026-12-01T00:00:00Z",
            "ends_at": "2027-01-01T00:00:00Z",
            "suppliers": ["acme", "acne"],
            "categories": ["tee"],
            "locations": ["ALPHA"],
        }
    )
    assert [(unknown.field, unknown.value) for unknown in _references(budget).unknown()] == [
        ("suppliers", "acne"),
        ("categories", "tee"),
    ]


def test_the_order_in_which_records_come_does_not_matter() -> None:
    records = (Lane(origin="WH", destination="ALPHA"), Device(device="r1", kind="reader", location="ALPHA"), *KNOWN)
    for order in itertools.permutations(records):
        references = References()
        for record in order:
            references.add(record)
        assert list(references.unknown()) == []


def test_a_withdrawn_record_names_nothing_and_is_named_in_vain() -> None:
    references = _references(Lane(origin="WH", destination="ALPHA"))
    references.withdraw("reference.suppliers", "acme")
    assert [(unknown.record, unknown.value) for unknown in references.unknown()] == [("item", "acme")]
    references.withdraw("reference.items", "TEE-S")
    assert list(references.unknown()) == []
