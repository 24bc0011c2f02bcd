"""Cutting SQL text into statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.clickhouse.embedded.engine import EngineError
from sinks.clickhouse.embedded.statement import split
from sinks.clickhouse.sql import statements, tokens, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';' ; -- one; two\nSELECT 2", ["SELECT ';'", "SELECT 2"]),
        ("SELECT 'it''s; \\'fine\\';' /* ; */", ["SELECT 'it''s; \\'fine\\';'"]),
        ('SELECT `a;b`, "c;d"', ['SELECT `a;b`, "c;d"']),
        (" ;; \n-- nothing\n", []),
        ("SELECT 1 -- no line end", ["SELECT 1"]),
    ],
)
def test_statements_end_at_semicolons_outside_quotes_and_comments(text: str, expected: list[str]) -> None:
    assert statements(text) == expected


@given(st.text(alphabet="ab;'\"`\\-/* \n#!", max_size=60))
def test_the_tokens_are_the_text(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text


def test_words_are_neither_quoted_nor_commented() -> None:
    assert words("select 'drop' -- table\n, `format` from x") == ["SELECT", "FROM", "X"]


@pytest.mark.parametrize(
    ("body", "statement", "named_format", "data"),
    [
        (b"SELECT 1", "SELECT 1", "", None),
        (b"SELECT 1 FORMAT Native ; ", "SELECT 1 FORMAT Native ", "Native", None),
        (b"INSERT INTO t (`a`, `b`) FORMAT Native\n\x00;\xff'", "INSERT INTO t (`a`, `b`) ", "Native", b"\x00;\xff'"),
        (b"insert into `format` format JSONEachRow {}", "insert into `format` ", "JSONEachRow", b"{}"),
        (b"INSERT INTO t FORMAT CSV\n\n1", "INSERT INTO t ", "CSV", b"\n1"),
        (b"INSERT INTO t SELECT 1 FORMAT Null", "INSERT INTO t SELECT 1 FORMAT Null", "Null", None),
        (b"INSERT INTO t VALUES ('FORMAT x;')", "INSERT INTO t VALUES ('FORMAT x;')", "", None),
        ("SELECT 'ü日'".encode(), "SELECT 'ü日'", "", None),
    ],
)
def test_where_a_statement_ends_and_its_data_begins(
    body: bytes, statement: str, named_format: str, data: bytes | None
) -> None:
    assert split(body) == (statement, named_format, data)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 62),
        (b"-- nothing", 62),
        (b"SELECT 1; SELECT 2", 62),
        (b"SELECT '\xff'", 62),
        (b"SELECT 1 INTO OUTFILE '/x'", 497),
        (b"INSERT INTO t FROM INFILE '/x' FORMAT CSV", 497),
        (b"SELECT * FROM file('/x', 'CSV')", 497),
        (b"SELECT * FROM `FILE` ('/x')", 497),
        (b"SELECT * FROM s3Cluster /* */ ('c', 'http://x')", 497),
        (b"CREATE TABLE x (a Int8) ENGINE = URL('http://x')", 497),
    ],
)
def test_what_the_engine_is_not_asked(body: bytes, code: int) -> None:
    with pytest.raises(EngineError) as raised:
        split(body)
    assert raised.value.code == code
