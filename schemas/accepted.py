"""What a setting accepts, in words for the one who has to set it."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_KINDS = {"number": "a number", "integer": "a whole number", "boolean": "true or false", "string": "text"}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
}
_LENGTHS = {"minLength": "at least {} character(s)", "maxLength": "at most {} characters"}


def accepted(schema: Schema) -> str:
    """From the JSON Schema of a setting: its own description where it has one, else its kind, choices and bounds.

    >>> accepted({"type": "number", "minimum": 8, "maximum": 520})
    'a number, at least 8 and at most 520'
    >>> accepted({"enum": ["up", "down", ""]})
    "'up', 'down' or '' (none)"
    """
    if "description" in schema:
        return str(schema["description"])
    if "enum" in schema:
        return _either([f"'{choice}'" if choice else "'' (none)" for choice in schema["enum"]])
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if options:
        return _either([accepted(option) for option in options])
    return _plain(schema)


def choices(schema: Schema) -> list[str]:
    """The words one may choose from; none where any value of a kind will do."""
    return [str(choice) for choice in schema.get("enum", ()) if choice]


def _plain(schema: Schema) -> str:
    kind = "a path" if schema.get("format") == "path" else _KINDS.get(str(schema.get("type")), "a group of settings")
    limits = {**_BOUNDS, **_LENGTHS}
    bounds = " and ".join(text.format(schema[key]) for key, text in limits.items() if key in schema)
    return f"{kind}, {bounds}" if bounds else kind


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
