"""Every question of the documentation is answered by the views, here with nothing in them."""

import re

import pytest

from sinks.clickhouse.client import Database, QueryRefused
from tests.docs.blocks import PAGES, ROOT, blocks

QUESTIONS = blocks(ROOT / "docs/queries.md", "sql")
ON_THE_COMMAND_LINE = sorted(
    {
        sql
        for page in PAGES
        for shell in blocks(page, "sh")
        for sql in re.findall(r'restockd sql(?: --json)? "([^"]+)"', shell)
    }
)


def test_there_are_some() -> None:
    assert len(QUESTIONS) >= 15
    assert ON_THE_COMMAND_LINE


@pytest.mark.parametrize("sql", [*QUESTIONS, *ON_THE_COMMAND_LINE])
def test_a_question_is_answered(sql: str, empty: Database) -> None:
    empty.rows(sql, settings={"readonly": 2})


def test_a_wrong_one_would_not_be(empty: Database) -> None:
    with pytest.raises(QueryRefused):
        empty.rows("SELECT no_such_column FROM stock_now")


def test_every_view_is_asked_somewhere(empty: Database) -> None:
    rows = empty.rows("SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View'")
    views = {str(row["name"]) for row in rows}
    asked = " ".join([*QUESTIONS, *ON_THE_COMMAND_LINE])
    # The rest are what these are made of.
    assert views - set(re.findall(r"\w+", asked)) <= {"orders_now", "transfers_now", "net_units", "sales_lines"}
