"""What a replay says is understood by the reading formats, and no unit is lost on the way."""

import importlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from schemas import topics
from schemas.catalogue import Catalogue
from simulators.replay import ReplaySource, open_source
from simulators.replay.made import made_online_retail

FILES = {
    "coffee": (
        "ts,transaction_id,store_location,product_id,transaction_qty,unit_price\n2023-01-01 07:06:11,1,Astoria,32,2,3\n"
    ),
    "bakery": "Date,Time,Transaction,Item\n2016-10-30,10:05:34,2,Bread\n2016-10-30,10:05:34,2,NONE\n",
    "complete-journey": (
        "store_id,basket_id,product_id,quantity,sales_value,transaction_timestamp\n"
        "309,77,940996,1,3.86,2017-01-28 19:06:53\n"
        "309,77,900000,0,0,2017-01-28 19:06:53\n"
        "309,77,900001,1.5,1,2017-01-28 19:06:53\n"
    ),
}


@pytest.fixture(scope="module")
def formats() -> dict[str, Any]:
    try:
        registry = importlib.import_module("schemas.readings.registry")
    except ModuleNotFoundError:
        pytest.skip("there are no reading formats yet")
    found: dict[str, Any] = registry.all_formats()
    return found


@pytest.mark.parametrize("name", ["online-retail", *FILES])
def test_units_understood_and_units_rejected_are_the_files(name: str, formats: dict[str, Any], tmp_path: Path) -> None:
    source = opened(name, tmp_path)
    catalogue = Catalogue()
    for record in source.reference():
        model = formats[record.topic.name].decode([record.value])[0]
        assert record.key == model.key
        catalogue.add(model)
    understood, rejected = 0, Fraction(0)
    for record in source.records():
        spoken = formats[topics.POS.name]
        reading = spoken.decode([record.value])[0]
        assert not isinstance(reading, Exception) or reading.units is not None
        faults = [reading] if isinstance(reading, Exception) else []
        if not faults:
            meaning = spoken.interpret(reading, catalogue)
            faults = meaning.rejections
            for _, sale in meaning.observations:
                understood += sale.quantity if sale.line_type == "sale" else -sale.quantity
        rejected += sum(Fraction(fault.units) for fault in faults)
    assert understood + rejected == source.total_units


def opened(name: str, folder: Path) -> ReplaySource:
    if name == "online-retail":
        return open_source(name, made_online_retail(folder / "made.parquet", rows=1_000))
    (folder / "file.csv").write_text(FILES[name])
    return open_source(name, folder / "file.csv")
