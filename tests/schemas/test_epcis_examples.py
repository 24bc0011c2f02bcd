"""The published example documents of GS1 and OpenEPCIS, where they are at hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.errors import RejectedReading
from schemas.readings.epcis import FORMAT

EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "epcis"
NOT_EVENTS = {"EPCIS-JSON-Schema.json", "epcis-context.jsonld"}
FILES = sorted(path for path in EXAMPLES.rglob("*.json*") if path.name not in NOT_EVENTS)

# Rules of the standard about parts that restockd does not read, so that breaking them cannot harm it.
NOT_OUR_BUSINESS = {
    "EPCISDocument_without_context.json",
    "ObjectEvent_with_ilmd_field_without_namespace.json",
    "ObjectEvent_with_invalid_certificationInfo.json",
    "ObjectEvent_with_unknown_field_in_quantityList.json",
}

every_example = pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=str(path.relative_to(EXAMPLES))) for path in FILES]
    or [pytest.param(None, marks=pytest.mark.skip(reason="the example documents are not at hand"))],
)


def events_in(path: Path) -> list[dict[str, Any]]:
    document = json.loads(path.read_text())
    body = document.get("epcisBody", {"eventList": [document]})
    found = body.get("eventList") or body["queryResults"]["resultsBody"]["eventList"]
    assert isinstance(found, list)
    return found


@every_example
def test_every_example_is_accepted_unless_it_is_meant_to_be_invalid(path: Path) -> None:
    (reading,) = FORMAT.decode([path.read_bytes()])
    rejected = [reading] if isinstance(reading, RejectedReading) else list(reading.rejections)
    accepted = 0 if isinstance(reading, RejectedReading) else len(reading.events)
    assert accepted + len(rejected) == len(events_in(path))
    assert all(rejection.reason and rejection.field for rejection in rejected)
    if "Invalid" in path.parts:
        assert bool(rejected) == (path.name not in NOT_OUR_BUSINESS)
    else:
        assert rejected == []


@every_example
def test_every_example_means_something_or_says_why_not(path: Path, catalogue: Catalogue) -> None:
    (reading,) = FORMAT.decode([path.read_bytes()])
    if isinstance(reading, RejectedReading):
        return
    meaning = FORMAT.interpret(reading, catalogue)
    assert all(rejection.reason and rejection.field and rejection.message for rejection in meaning.rejections)
