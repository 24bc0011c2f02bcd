"""Questions people type: answered read-only, bounded in rows and time."""

import json
from typing import Any, NamedTuple

from sinks.clickhouse.client import Database, QueryRefused
from sinks.clickhouse.sql import statements, words

_READ_ONLY = 1  # neither writes nor changed settings, files or other machines
_QUESTIONS = ("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS")


class Result(NamedTuple):
    """The rows of a question; ``is_complete`` is false when there were more than asked for."""

    columns: list[str]
    types: list[str]
    rows: list[list[Any]]
    is_complete: bool


def ask(database: Database, sql: str, max_rows: int = 1000) -> Result:
    """Answer one statement that only reads. Anything else raises ``QueryRefused`` and changes nothing."""
    texts = statements(sql)
    if len(texts) != 1:
        raise QueryRefused("one statement at a time, please")
    if words(texts[0])[-2:-1] == ["FORMAT"]:
        raise QueryRefused("leave out the FORMAT clause: the rows are shown as a table")
    if not set(words(texts[0])[:1]) & set(_QUESTIONS) or "OUTFILE" in words(texts[0]):
        raise QueryRefused(f"only questions can be asked here: {', '.join(_QUESTIONS)}")
    answer = json.loads(database.text(texts[0], "JSONCompact", _settings(max_rows)) or b'{"meta": [], "data": []}')
    rows, types = answer["data"], [column["type"] for column in answer["meta"]]
    shown = [[_number(value, kind) for value, kind in zip(row, types, strict=True)] for row in rows[:max_rows]]
    return Result([column["name"] for column in answer["meta"]], types, shown, len(rows) <= max_rows)


def _number(value: Any, kind: str) -> Any:
    """What is not a number (0 / 0) as nothing; infinities stay as text, which JSON has no number for."""
    return None if "Float" in kind and value in ("nan", "-nan") else value


def _settings(max_rows: int) -> dict[str, Any]:
    return {
        "readonly": _READ_ONLY,
        "max_result_rows": max_rows + 1,
        "result_overflow_mode": "break",
        "output_format_json_quote_64bit_integers": 0,
        "output_format_json_quote_denormals": 1,
    }
