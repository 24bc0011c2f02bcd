"""Markdown tables from JSON Schemas."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = {"minimum": "≥ {}", "exclusiveMinimum": "> {}", "maximum": "≤ {}", "exclusiveMaximum": "< {}"}
_UNBOUNDED = (("maximum", 1_000_000_000), ("minimum", -1_000_000_000))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def prose(docstring: str) -> str:
    """A docstring as Markdown: reStructuredText's double backticks become single ones."""
    paragraphs = docstring.strip().split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in paragraphs).replace("``", "`")


def fields(schema: Schema) -> str:
    """One row per property of an object's schema."""
    required = schema.get("required", ())
    rows = [
        (f"`{name}`", type_text(value), "required" if name in required else default_text(value))
        for name, value in schema.get("properties", {}).items()
    ]
    return table(("field", "type", "default"), rows)


def type_text(schema: Schema) -> str:
    """A property's type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(type_text(option) for option in schema["anyOf"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" if value != "" else "empty" for value in schema["enum"])
    return _plain(schema)


def default_text(schema: Schema) -> str:
    """A property's default; empty text is said in words."""
    default = schema.get("default")
    if default in ("", None):
        return "empty" if default == "" else "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _plain(schema: Schema) -> str:
    kind = str(schema.get("type", "any"))
    if kind == "array":
        inner = schema.get("items") or {"type": "any"}
        return f"list of {type_text(inner)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {type_text(schema['additionalProperties'])}"
    text = {"string": "text", "null": "nothing"}.get(kind, kind)
    form = schema.get("format")
    if form in ("date-time", "date", "path"):
        text = {"date-time": "time with offset", "date": "date", "path": "path"}[form]
    return " ".join([text, *_bounds(schema)])


def _bounds(schema: Schema) -> list[str]:
    return [text.format(schema[key]) for key, text in _BOUNDS.items() if key in schema and _bounded(key, schema[key])]


def _bounded(key: str, value: Any) -> bool:
    return (key, value) not in _UNBOUNDED
