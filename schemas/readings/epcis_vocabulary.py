"""The words of GS1 CBV 2.0 that EPCIS events use, and what restockd makes of them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schemas.identifiers import cbv_word
from schemas.readings.fields import LONGEST_TEXT

# fmt: off
BIZ_STEPS = frozenset({
    "accepting", "arriving", "assembling", "collecting", "commissioning", "consigning",
    "creating_class_instance", "cycle_counting", "decommissioning", "departing", "destroying",
    "disassembling", "dispensing", "encoding", "entering_exiting", "holding", "inspecting", "installing",
    "killing", "loading", "other", "packing", "picking", "receiving", "removing", "repackaging", "repairing",
    "replacing", "reserving", "retail_selling", "sampling", "sensor_reporting", "shipping",
    "staging_outbound", "stock_taking", "stocking", "storing", "transporting", "unloading", "unpacking",
    "void_shipping",
})
DISPOSITIONS = frozenset({
    "active", "available", "completeness_inferred", "completeness_verified", "conformant", "container_closed",
    "container_open", "damaged", "destroyed", "dispensed", "disposed", "encoded", "expired", "in_progress",
    "in_transit", "inactive", "mismatch_class", "mismatch_instance", "mismatch_quantity", "needs_replacement",
    "no_pedigree_match", "non_conformant", "non_sellable_other", "partially_dispensed", "recalled",
    "reserved", "retail_sold", "returned", "sellable_accessible", "sellable_not_accessible", "stolen",
    "unavailable", "unknown",
})
# fmt: on

Effect = Literal["receipt", "shipment", "void_shipment", "count", "write_off", "reservation", "floor_refill", "none"]

_EFFECT_OF_STEP: dict[str, Effect] = {
    "receiving": "receipt",
    "arriving": "receipt",
    "shipping": "shipment",
    "departing": "shipment",
    "void_shipping": "void_shipment",
    "cycle_counting": "count",
    "stock_taking": "count",
    "decommissioning": "write_off",
    "destroying": "write_off",
    "reserving": "reservation",
}
GONE = frozenset({"destroyed", "disposed", "stolen"})
ZONE_OF_DISPOSITION = {"sellable_accessible": "sales_floor", "sellable_not_accessible": "back_room"}


def effect_of(biz_step: str, disposition: str) -> Effect:
    """What an event of this step and disposition does to stock.

    ``receiving`` and ``arriving`` are mutually exclusive in CBV, and so are
    ``shipping`` and ``departing``: either is the whole movement. What is sold
    (``retail_sold``) the till has taken from the book, so that a later
    decommissioning of its tag is no second loss.
    """
    if disposition == "retail_sold":
        return "none"
    if disposition in GONE:
        return "write_off"
    if biz_step == "stocking" and disposition == "sellable_accessible":
        return "floor_refill"
    return _EFFECT_OF_STEP.get(biz_step, "none")


def _known(words: frozenset[str], what: str, value: str) -> str:
    """The bare word; words of other vocabularies are addresses or have a prefix and stay as they are."""
    word = cbv_word(value)
    if word not in words and ":" not in word:
        raise PydanticCustomError("unknown_word", "Input should be a {what} of CBV 2.0 or an address", {"what": what})
    return word


BizStep = Annotated[
    str, Field(max_length=LONGEST_TEXT), AfterValidator(lambda value: _known(BIZ_STEPS, "business step", value))
]
Disposition = Annotated[
    str, Field(max_length=LONGEST_TEXT), AfterValidator(lambda value: _known(DISPOSITIONS, "disposition", value))
]
Word = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(cbv_word)]
