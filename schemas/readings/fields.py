"""The kinds of value readings are made of: times, whole units, names, shares."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

CLOCK_WAS_SET_AFTER = datetime(2005, 1, 1, tzinfo=UTC)
LAST_TIME = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
"""West of Greenwich the last evening of the year 9999, which stands for "not known", is one that UTC does not have."""
LARGEST_QUANTITY = 1_000_000_000
LONGEST_TEXT = 200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class WholeNumber:
    """A JSON number without a fraction between ``least`` and ``most``.

    ``2`` and ``2.0`` are two; ``1.5``, ``"2"`` and ``true`` are errors of type
    ``whole_number``: a guess at a quantity would be a wrong stock.
    """

    least: int
    most: int = LARGEST_QUANTITY

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        whole = core_schema.int_schema(strict=True, ge=self.least, le=self.most)
        float_without_fraction = core_schema.no_info_after_validator_function(
            int, core_schema.float_schema(strict=True, multiple_of=1, ge=self.least, le=self.most)
        )
        return core_schema.custom_error_schema(
            core_schema.union_schema([whole, float_without_fraction], mode="left_to_right"),
            custom_error_type="whole_number",
            custom_error_message="Input should be a whole number from {least} to {most}",
            custom_error_context={"least": self.least, "most": self.most},
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


Time = Annotated[AwareDatetime, Field(ge=CLOCK_WAS_SET_AFTER, le=LAST_TIME)]
"""A device's time: with its offset, later than an unset clock says, and one that UTC has."""
Quantity = Annotated[int, WholeNumber(1)]
Level = Annotated[int, WholeNumber(0)]
SignedQuantity = Annotated[int, WholeNumber(-LARGEST_QUANTITY)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Reading(BaseModel):
    """Base of what devices send: unknown fields are left out, numbers may stand for names."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)


def milliseconds(time: datetime) -> int:
    """Milliseconds since the epoch of an aware time, rounded down; exact, without floats."""
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
