"""The page that says how good it all is: what was asked beside what was delivered, and a word where it is less."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from console.app import application
from schemas.facts import DemandQuality, Fact, ShadowLedger, StockBelief, SupplierScorecard
from sinks.clickhouse.archive import Archive
from sinks.clickhouse.settings import ClickHouseSettings
from tests.console.conftest import LOCAL, TestClient, write
from tests.console.test_pages import text
from tests.sinks.examples import EXAMPLES


def _example(kind: type[Fact]) -> Fact:
    return next(fact for fact in EXAMPLES if type(fact) is kind)


@pytest.fixture
def judged(engine: ClickHouseSettings) -> Iterator[TestClient]:
    quality = msgspec.structs.replace(
        _example(DemandQuality),
        pinball={"0.9": 3.5, "0.95": 2.0},
        covered={"0.9": 28.0, "0.95": 37.0},
        quantiles={"0.9": 80.0, "0.95": 90.0},
    )
    card = msgspec.structs.replace(_example(SupplierScorecard), location="")
    archive = Archive(replace(engine, database="judged"))
    archive.open()
    write(archive, [quality, card, _example(StockBelief), _example(ShadowLedger)])
    archive.close()
    with TestClient(application(lambda: archive.settings), base_url=LOCAL) as browser:
        yield browser


def test_every_question_has_its_answer(judged: TestClient) -> None:
    """Off by 12.25 in 40 cases and 31 units; 33.5 were forecast. Of one record 0 are right, off by -2 - 2.875."""
    read = text(judged, "/quality")
    assert "S1 1 0.0 % 4.9 0.0" in read
    assert "sku-location-day 1 day 40 0.31 39.5 % 8.1 % 0.78" in read
    assert "Acme 40.5 9.2 8 15 97.0 % 81.0 % 2" in read
    assert "No policy is played in the shadow" not in read


def test_a_quantile_that_delivers_less_than_chance_explains_is_marked(judged: TestClient) -> None:
    """Of 40 cases 28 are 70 %, where three standard errors below 90 % are 75.8; 37 are 92.5, within 10.3 of 95 %."""
    read = text(judged, "/quality")
    assert "90.0 % 70.0 % 40 less than asked" in read
    assert "95.0 % 92.5 % 40 no less" in read


def test_before_anything_is_known_it_says_so(new_client: TestClient) -> None:
    read = text(new_client, "/quality")
    assert "Nothing was swept by readers yet" in read
    assert read.count("No forecast was held against its day yet.") == 2
    assert "No policy is played in the shadow" in read
