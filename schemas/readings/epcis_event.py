"""EPCIS 2.0 events as sent: what restockd reads of them.

Everything else an event may hold (extensions, ``ilmd``, certification, the
context, which is never fetched) is kept out of the model but in the identity.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from schemas.errors import RejectedReading
from schemas.readings.epcis_vocabulary import BizStep, Disposition, Word
from schemas.readings.fields import Name, Number, Reading, Time

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
_WITH_ACTION = frozenset(EVENT_TYPES) - {"TransformationEvent"}

Epcs = tuple[Name, ...]


class _Part(Reading):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Place(_Part):
    id: Name


class BizTransaction(_Part):
    type: Word = ""
    biz_transaction: Name


class Source(_Part):
    type: Word
    source: Name


class Destination(_Part):
    type: Word
    destination: Name


class QuantityElement(_Part):
    """Units of a class; without a unit of measure they are pieces."""

    epc_class: Name
    quantity: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] | None = None
    uom: str = Field(default="", max_length=3)


class SensorMetadata(_Part):
    time: Time | None = None
    device_id: str = Field(default="", alias="deviceID")


class SensorReport(_Part):
    type: Word = ""
    value: Number | None = None
    mean_value: Number | None = None
    uom: str = ""
    time: Time | None = None


class SensorElement(_Part):
    sensor_metadata: SensorMetadata = SensorMetadata()
    sensor_report: tuple[SensorReport, ...] = ()


class ErrorDeclaration(_Part):
    """Says that the event with this event's identity never happened."""

    declaration_time: Time
    reason: Word = ""


class EpcisEvent(_Part):
    """One event of any of the five types, or of a type of somebody's own (its name has a colon)."""

    type: Name
    event_time: Time
    event_id: Name | None = Field(default=None, alias="eventID")
    action: Literal["ADD", "OBSERVE", "DELETE"] | None = None
    biz_step: BizStep = ""
    disposition: Disposition = ""
    read_point: Place | None = None
    biz_location: Place | None = None
    epc_list: Epcs = ()
    child_epcs: Epcs = Field(default=(), alias="childEPCs")
    input_epc_list: Epcs = Field(default=(), alias="inputEPCList")
    output_epc_list: Epcs = Field(default=(), alias="outputEPCList")
    quantity_list: tuple[QuantityElement, ...] = ()
    child_quantity_list: tuple[QuantityElement, ...] = ()
    input_quantity_list: tuple[QuantityElement, ...] = ()
    output_quantity_list: tuple[QuantityElement, ...] = ()
    biz_transaction_list: tuple[BizTransaction, ...] = ()
    source_list: tuple[Source, ...] = ()
    destination_list: tuple[Destination, ...] = ()
    sensor_element_list: tuple[SensorElement, ...] = ()
    error_declaration: ErrorDeclaration | None = None

    @property
    def retracts(self) -> bool:
        return self.error_declaration is not None


def fault_of(event: EpcisEvent, prefix: str) -> RejectedReading | None:
    """What an event of its type must have and this one has not."""
    if event.type not in EVENT_TYPES and ":" not in event.type:
        return _refused("invalid_value", f"{prefix}type", event.type, "is no EPCIS event type")
    if event.type in _WITH_ACTION and event.action is None:
        return _refused("missing_field", f"{prefix}action", None, "must be given for this type of event")
    if event.type == "ObjectEvent" and not (event.epc_list or event.quantity_list or event.sensor_element_list):
        return _refused("missing_field", f"{prefix}epcList", None, "an ObjectEvent speaks of objects or sensors")
    return None


def _refused(reason: str, field: str, value: str | None, problem: str) -> RejectedReading:
    return RejectedReading(reason, f"{field}: {problem}", field=field, value=value)
