"""A small shop with everything in it, and one way to put a record through a format."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.readings import Meaning, all_formats
from schemas.reference import Device, Item, Location

Understand = Callable[[str, Any], Meaning]

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def catalogue() -> Catalogue:
    """Two stores and a warehouse, shirt and jeans, readers, a camera.

    GTIN 80614141123458 is the one of the Tag Data Standard's example: company
    prefix 0614141, indicator and item reference 812345.
    """
    catalogue = Catalogue()
    for record in (
        Location(location="S1", gln="9521321000018", aliases=("store-1",)),
        Location(location="S2", gln="9521321000025"),
        Location(location="W1", kind="warehouse", gln="9521321000032"),
        Location(location="ERP1", gln="9521321000049", book_source="erp"),
        Location(location="EPC1", gln="9521321000056", book_source="epcis"),
        Item(sku="SHIRT-M", style="SHIRT", gtin="80614141123458", aliases=("shirt m",)),
        Item(sku="SHIRT-L", style="SHIRT", gtin="80614141123465"),
        Item(sku="JEANS-32", style="JEANS"),
        Device(device="R1", kind="reader", location="S1", zone="sales_floor", antenna_zones={2: "back_room"}),
        Device(device="R-lost", kind="reader", location="nowhere"),
        Device(device="C1", kind="camera", location="S1", zone="sales_floor"),
    ):
        catalogue.add(record)
    return catalogue


@pytest.fixture
def understand(catalogue: Catalogue) -> Understand:
    """Puts one record (bytes, or anything JSON) through the format of a topic.

    A record rejected whole becomes a meaning with that rejection alone.
    """

    def understand(topic: str, record: Any) -> Meaning:
        known = all_formats()[topic]
        value = record if isinstance(record, bytes) else json.dumps(record).encode()
        (reading,) = known.decode([value])
        if isinstance(reading, RejectedReading):
            return Meaning(rejections=[reading])
        return known.interpret(reading, catalogue)

    return understand


@pytest.fixture
def fixture_text() -> Callable[[str], bytes]:
    """The bytes of a file in ``fixtures``."""
    return lambda name: (FIXTURES / name).read_bytes()
