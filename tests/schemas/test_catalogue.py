"""What names mean, and that a conflicting record changes nothing."""

import pytest

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.identifiers import encode_sgtin96
from schemas.reference import Budget, Device, Item, Lane, Location, TagMapping

SHIRT_TAG = encode_sgtin96("80614141123458", 7, 42)


@pytest.mark.parametrize(
    "name",
    [
        "SHIRT-M",
        "80614141123458",
        "shirt m",
        "https://id.gs1.org/01/80614141123458",
        "https://id.gs1.org/01/80614141123458/21/42",
        "urn:epc:idpat:sgtin:0614141.812345.*",
    ],
)
def test_an_item_is_found_by_every_name(catalogue: Catalogue, name: str) -> None:
    item = catalogue.item(name)
    assert item is not None
    assert item.sku == "SHIRT-M"


@pytest.mark.parametrize("name", ["", "SHIRT-XXL", "80614141123459", "123", "urn:epc:id:sscc:1.2"])
def test_an_unknown_name_is_nobody(catalogue: Catalogue, name: str) -> None:
    assert catalogue.item(name) is None


def test_a_gtin_is_found_in_any_length() -> None:
    catalogue = Catalogue()
    catalogue.add(Item(sku="A", style="A", gtin="4006381333931"))
    catalogue.add(Item(sku="B", style="B", aliases=("96385074",)))
    for name, sku in (("4006381333931", "A"), ("04006381333931", "A"), ("96385074", "B"), ("00000096385074", "B")):
        item = catalogue.item(name)
        assert item is not None
        assert item.sku == sku


def test_a_tag_is_found_by_its_gtin_in_every_spelling(catalogue: Catalogue) -> None:
    for epc in (SHIRT_TAG, SHIRT_TAG.lower(), "urn:epc:id:sgtin:0614141.812345.42"):
        item = catalogue.item_of_epc(epc)
        assert item is not None
        assert item.sku == "SHIRT-M"
    assert catalogue.item_of_epc("E28011606000020477A5D1B6") is None


def test_an_explicit_mapping_comes_first_and_holds_for_every_spelling(catalogue: Catalogue) -> None:
    catalogue.add(TagMapping(epc="e28011606000020477a5d1b6", sku="JEANS-32"))
    catalogue.add(TagMapping(epc=SHIRT_TAG, sku="SHIRT-L"))
    for epc, sku in (
        ("E28011606000020477A5D1B6", "JEANS-32"),
        ("https://id.gs1.org/01/80614141123458/21/42", "SHIRT-L"),
        (SHIRT_TAG, "SHIRT-L"),
    ):
        item = catalogue.item_of_epc(epc)
        assert item is not None
        assert item.sku == sku


def test_a_mapping_may_come_before_its_item() -> None:
    catalogue = Catalogue()
    catalogue.add(TagMapping(epc="tag-1", sku="LATER"))
    assert catalogue.item_of_epc("tag-1") is None
    catalogue.add(Item(sku="LATER", style="LATER"))
    item = catalogue.item_of_epc("tag-1")
    assert item is not None
    assert item.sku == "LATER"


@pytest.mark.parametrize(
    "name",
    [
        "S1",
        "9521321000018",
        "store-1",
        "urn:epc:id:sgln:9521321.00001.0",
        "urn:epc:id:sgln:9521321.00001.dock-4",
        "https://example.com/414/9521321000018",
    ],
)
def test_a_location_is_found_by_every_name(catalogue: Catalogue, name: str) -> None:
    location = catalogue.location(name)
    assert location is not None
    assert location.location == "S1"


def test_an_address_of_its_own_comes_before_the_place_it_is_in(catalogue: Catalogue) -> None:
    dock = "urn:epc:id:sgln:9521321.00001.dock-4"
    catalogue.add(Location(location="S1-DOCK", aliases=(dock,)))
    location = catalogue.location(dock)
    assert location is not None
    assert location.location == "S1-DOCK"
    assert catalogue.location("urn:epc:id:sgln:9999999.00001.0") is None


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (Item(sku="SHIRT-M", style="COAT"), "style"),
        (Item(sku="NEW", style="NEW", gtin="80614141123458"), "gtin"),
        (Item(sku="NEW", style="NEW", aliases=("fresh", "shirt m")), "aliases[1]"),
        (Item(sku="shirt m", style="NEW"), "sku"),
        (Location(location="NEW", gln="9521321000018"), "gln"),
        (Location(location="NEW", aliases=("S1",)), "aliases[0]"),
        (TagMapping(epc="tag-1", sku="SHIRT-L"), "epc"),
    ],
)
def test_a_conflicting_record_is_rejected_and_changes_nothing(
    catalogue: Catalogue, record: Item | Location | TagMapping, field: str
) -> None:
    catalogue.add(TagMapping(epc="tag-1", sku="SHIRT-M"))
    before = (catalogue.item("SHIRT-M"), catalogue.item_of_epc("tag-1"), catalogue.location("S1"))
    with pytest.raises(RejectedReading) as caught:
        catalogue.add(record)
    assert (caught.value.reason, caught.value.field) == ("conflicting_mapping", field)
    assert before == (catalogue.item("SHIRT-M"), catalogue.item_of_epc("tag-1"), catalogue.location("S1"))
    assert catalogue.item("NEW") is None
    assert catalogue.item("fresh") is None
    assert catalogue.location("NEW") is None


def test_a_newer_record_of_the_same_meaning_is_taken(catalogue: Catalogue) -> None:
    catalogue.add(Item(sku="SHIRT-M", style="SHIRT", name="Shirt", gtin="80614141123458"))
    catalogue.add(Device(device="R1", kind="reader", location="S2"))
    catalogue.add(Lane(origin="S1", destination="S2"))
    item, device = catalogue.item("shirt m"), catalogue.device("R1")
    assert item is not None
    assert device is not None
    assert (item.name, device.location) == ("Shirt", "S2")


def test_checking_keeps_nothing(catalogue: Catalogue) -> None:
    catalogue.check(Item(sku="NEW", style="NEW"))
    assert catalogue.item("NEW") is None


def test_a_withdrawn_budget_is_retired_and_other_names_go_on_meaning_what_they_did() -> None:
    catalogue = Catalogue()
    period = {"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}
    catalogue.add(Budget.model_validate({"budget": "spring", "amount": 5, **period}))
    catalogue.add(Item(sku="A", style="S"))
    catalogue.withdraw("reference.budgets", "spring")
    catalogue.withdraw("reference.items", "A")
    assert (catalogue.budgets["spring"].retired, catalogue.budgets["spring"].amount) == (True, 5)
    assert catalogue.item("A") == Item(sku="A", style="S")
    catalogue.withdraw("reference.budgets", "summer")
    assert list(catalogue.budgets) == ["spring"]
