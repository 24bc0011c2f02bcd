"""Files of JSON lines: one message per line, each file named after the topic it is for.

``reference.items.jsonl`` and ``readings.pos.2026-10.jsonl`` say by their names where their lines belong; a directory
stands for all such files in it.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas import topics
from schemas.errors import InvalidSettings
from schemas.topics import Topic
from schemas.wording import meant

ENDING = ".jsonl"
TOPICS = {topic.name: topic for topic in (*topics.REFERENCE, *topics.READINGS)}
"""What may be sent, in the order in which it is taken: a thing before what names it."""


class Line(NamedTuple):
    """One line of a file, numbered from 1."""

    topic: Topic
    file: Path
    number: int
    value: bytes


def read_lines(paths: Sequence[Path], topic: str = "") -> list[Line]:
    """The lines of files and directories, topic by topic; ``topic`` is that of every file, whatever its name.

    Empty lines are left out. Raises ``InvalidSettings`` for a file that cannot be read or whose topic is not known.
    """
    files = [(_topic_of(file, topic), file) for path in paths for file in _files(path)]
    order = list(TOPICS)
    files.sort(key=lambda found: order.index(found[0].name))
    return [line for known, file in files for line in _lines(known, file)]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob(f"*{ENDING}"))
    if not found:
        raise InvalidSettings(f"there is no file *{ENDING} in {path}")
    return found


def _topic_of(file: Path, named: str) -> Topic:
    name = file.name
    fitting = [topic for topic in TOPICS if name == topic or name.startswith(f"{topic}.")]
    if named or fitting:
        known = TOPICS.get(named or fitting[0])
        if known is not None:
            return known
        raise InvalidSettings(f"nothing can be sent to a topic {named!r}{_instead(named)}")
    raise InvalidSettings(f"{file}: its name begins with no topic{_instead(name.removesuffix(ENDING))}")


def _instead(name: str) -> str:
    return meant(name, TOPICS) or f"; there are {', '.join(TOPICS)}"


def _lines(topic: Topic, file: Path) -> Iterator[Line]:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidSettings(f"{file} cannot be read: {error.strerror}") from None
    for number, value in enumerate(content.removeprefix(BOM_UTF8).splitlines(), 1):
        if value.strip():
            yield Line(topic, file, number, value.strip())
