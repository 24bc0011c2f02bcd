"""Cutting SQL text into statements without being fooled by quotes and comments."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<quoted> '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `(?:[^`\\]|\\.|``)*` )
  | (?P<comment> --[^\n]* | \#[!\ ][^\n]* | /\*.*?\*/ )
  | (?P<word> \w+ )
  | (?P<end> ; )
  | (?P<space> \s+ )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of SQL: ``kind`` is quoted, comment, word, end, space or other; ``stop`` is where it ends."""

    kind: str
    text: str
    stop: int


def tokens(sql: str) -> Iterator[Token]:
    """The pieces of a text, in order; together they are the text."""
    for found in _TOKEN.finditer(sql):
        yield Token(found.lastgroup or "other", found.group(), found.end())


def statements(sql: str) -> list[str]:
    """The statements of a text that are separated by semicolons, without comments and empty ones."""
    texts, current = [], ""
    for token in tokens(sql):
        if token.kind == "end":
            texts.append(current.strip())
            current = ""
        elif token.kind == "comment":
            current += " "
        else:
            current += token.text
    texts.append(current.strip())
    return [text for text in texts if text]


def words(sql: str) -> list[str]:
    """The bare words of a statement in upper case: neither quoted names nor literals nor comments."""
    return [token.text.upper() for token in tokens(sql) if token.kind == "word"]
