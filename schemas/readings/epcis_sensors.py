"""Sensor reports in EPCIS events as signals: temperature, humidity and the like.

A temperature is in degrees Celsius whatever its unit; any other measure carries
its UN/CEFACT unit in the signal's name (``absolute_humidity_a93``).
"""

import re
from collections.abc import Iterator

from schemas.catalogue import Catalogue
from schemas.observations import Signal
from schemas.readings.epcis_event import EpcisEvent, SensorElement, SensorReport
from schemas.readings.fields import milliseconds
from schemas.readings.format import Routed
from schemas.reference import Location

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"\W+")


def signals(event: EpcisEvent, catalogue: Catalogue) -> Iterator[Routed]:
    """One signal per numeric report; none at an unknown place, and none from a retracted event.

    A signal without a place would mean every place.
    """
    location = _location(event, catalogue)
    if location is None or event.retracts:
        return
    for element in event.sensor_element_list:
        for report in element.sensor_report:
            value = report.value if report.value is not None else report.mean_value
            if value is not None:
                yield Routed(None, _signal(event, element, report, value, location))


def _location(event: EpcisEvent, catalogue: Catalogue) -> Location | None:
    for place in (event.read_point, event.biz_location):
        location = catalogue.location(place.id) if place else None
        if location is not None:
            return location
    return None


def _signal(
    event: EpcisEvent, element: SensorElement, report: SensorReport, value: float, location: Location
) -> Signal:
    name, value = named_measure(report.type, report.uom, value)
    at = report.time or element.sensor_metadata.time or event.event_time
    return Signal(name=name, value=value, occurred_at_ms=milliseconds(at), location=location.location)


def named_measure(measure: str, unit: str, value: float) -> tuple[str, float]:
    """The signal's name and value of a measure in a unit.

    >>> named_measure("Temperature", "FAH", 212.0)
    ('temperature', 100.0)
    >>> named_measure("AbsoluteHumidity", "A93", 12.1)
    ('absolute_humidity_a93', 12.1)
    """
    word = _NOT_A_WORD.sub("_", _CAPITAL.sub("_", re.split(r"[:/]", measure)[-1])).strip("_").lower() or "sensor"
    if word != "temperature":
        return f"{word}_{unit.lower()}" if unit else word, value
    if unit == "FAH":
        return word, (value - 32) * 5 / 9
    return word, value - 273.15 if unit == "KEL" else value
