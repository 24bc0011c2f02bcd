"""What docs/history.md says of exports, and of the columns of public files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from restockd.checked_lines import check
from restockd.line_files import read_lines
from schemas.reference import Item, Location
from schemas.references import References
from simulators.replay import bakery, coffee, complete_journey, online_retail
from tests.docs.blocks import ROOT, named_block

PAGE = ROOT / "docs/history.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXPORT = """date,time,store,receipt,sku,quantity,price
2026-11-02,10:12:00,ALPHA,1,TEE-M,2,20
2026-11-02,10:12:00,ALPHA,1,TEE-S,-1,20.5
2026-11-02,10:13:00,ALPHA,2,TEE-M,1,20
"""


def test_an_export_becomes_lines_that_can_be_sent(tmp_path: Path) -> None:
    script = tmp_path / "sales_to_lines.py"
    script.write_text(named_block(PAGE, "sales_to_lines.py"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), "Europe/Paris"], input=EXPORT, capture_output=True, text=True, check=True
    )
    file = tmp_path / "readings.pos.jsonl"
    file.write_text(done.stdout, encoding="utf-8")
    known = References()
    for record in (Location(location="ALPHA"), Item(sku="TEE-M", style="TEE"), Item(sku="TEE-S", style="TEE")):
        known.add(record)
    checked = check(read_lines([file]), known, latest_ms=2**42)
    assert (checked.faults, checked.unlooked) == ([], 0)
    first, second = (json.loads(ready.line.value) for ready in checked.ready)
    assert first["occurred_at"] == "2026-11-02T10:12:00+01:00"
    assert [(line["type"], line["quantity"]) for line in first["lines"]] == [("sale", 2), ("return", 1)]
    assert second["transaction_id"] == "2"


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("online-retail", [*online_retail.COLUMNS, *online_retail.OPTIONAL]),
        ("coffee", [*coffee.COLUMNS, *coffee.OPTIONAL]),
        ("bakery", list(bakery.COLUMNS)),
        (
            "complete-journey",
            [*complete_journey.COLUMNS, *complete_journey.PRODUCTS, *complete_journey.PRODUCTS_OPTIONAL],
        ),
    ],
)
def test_every_column_of_a_public_file_is_there(source: str, columns: list[str]) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{source}` |")]
    assert [column for column in columns if f"`{column}`" not in row] == []
