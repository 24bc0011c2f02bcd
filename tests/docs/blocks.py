"""Fenced code blocks of our Markdown files."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Every block of a language, in order."""
    return [body for found, body in _FENCE.findall(page.read_text(encoding="utf-8")) if found == language]


def named_block(page: Path, name: str) -> str:
    """The Python block whose first line is ``# name``."""
    (found,) = [block for block in blocks(page, "python") if block.startswith(f"# {name}\n")]
    return found
