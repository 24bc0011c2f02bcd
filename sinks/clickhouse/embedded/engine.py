"""The one owner of a chDB path: queries and inserts against the engine in this process.

Every call opens its own handle on the engine (about a millisecond), so that a
database, settings or read-only mode chosen by one request never reach another.
Handles may be used from several threads at once.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from schemas.errors import Unavailable

_LOCK_NAME = "restockd.lock"
_CODE = re.compile(r"Code: (\d+)\.")
_UNKNOWN_EXCEPTION = 1002
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class EngineError(Exception):
    """ClickHouse refused a statement; ``code`` is its error code, ``text`` its words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Session(NamedTuple):
    """What one request asks of the engine beside its statement."""

    database: str = "default"
    settings: Mapping[str, str] = {}
    read_only: int = 0


class Answer(NamedTuple):
    """The bytes of a result and what it took; both row counts are the engine's own."""

    body: bytes
    read_rows: int
    written_rows: int


class Engine:
    """chDB on one path. Another process that owns the path makes ``open`` raise ``Unavailable``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock_file = -1
        self._keeper: Any = None
        self._connect: Callable[[str], Any] = _not_open

    def open(self) -> None:
        """Take the path and load the engine, which takes seconds."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock_file = _locked(self.path / _LOCK_NAME)
        os.environ["TZ"] = "UTC"
        import chdb

        self._connect = chdb.connect
        try:
            self._keeper = chdb.connect(str(self.path))
        except RuntimeError as error:
            raise Unavailable(f"embedded ClickHouse in {self.path}", _words(error)) from error

    def close(self) -> None:
        """Close the engine; what was inserted is on disk."""
        keeper, self._keeper = self._keeper, None
        self._connect = _not_open
        if keeper is not None:
            keeper.close()
        if self._lock_file >= 0:
            os.close(self._lock_file)
            self._lock_file = -1

    def query(self, sql: str, output_format: str, parameters: Mapping[str, str], session: Session) -> Answer:
        """Run one statement. A FORMAT clause in it wins over ``output_format``."""
        with self._handle(session) as handle:
            result = handle.query(sql, output_format, params=dict(parameters))
            return Answer(result.bytes() or b"", result.rows_read(), result.rows_written())

    def insert(self, sql: str, input_format: str, payload: bytes, session: Session) -> Answer:
        """Run an ``INSERT INTO ...`` without its FORMAT clause, with the rows as bytes in that format."""
        with self._handle(session) as handle, handle.send_insert(sql, input_format) as inserter:
            if payload:
                inserter.append(payload)
            return Answer(b"", 0, inserter.finish().rows_written)

    @contextmanager
    def _handle(self, session: Session) -> Iterator[Any]:
        try:
            handle = self._connect(str(self.path))
            try:
                _prepare(handle, session)
                yield handle
            finally:
                handle.close()
        except RuntimeError as error:
            raise _engine_error(error) from error


def _prepare(handle: Any, session: Session) -> None:
    handle.query("USE {name:Identifier}", params={"name": session.database})
    for name, value in session.settings.items():
        if not _NAME.fullmatch(name):
            raise EngineError(
                115, f"Code: 115. DB::Exception: {name!r} is not the name of a setting. (UNKNOWN_SETTING)"
            )
        handle.query(f"SET {name} = {_quoted(value)}")
    if session.read_only:
        handle.query(f"SET readonly = {session.read_only}")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _engine_error(error: RuntimeError) -> EngineError:
    text = _words(error)
    found = _CODE.search(text)
    return EngineError(int(found[1]) if found else _UNKNOWN_EXCEPTION, text)


def _words(error: RuntimeError) -> str:
    """ClickHouse's own text, without what the Python binding puts before it."""
    text = str(error).strip()
    start = text.find("Code: ")
    return text[start:] if start > 0 else text


def _locked(file: Path) -> int:
    """Hold the path's lock; it ends with this process, however that ends."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise Unavailable(
            f"embedded ClickHouse in {file.parent}",
            f"process {owner} already owns this folder",
            "Use the address that process serves, stop it, or choose another folder.",
        ) from None
    os.truncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def _not_open(_: str) -> Any:
    raise RuntimeError("Code: 210. DB::Exception: the embedded engine is not open. (NETWORK_ERROR)")
