"""Where the console asks: the ClickHouse that is there now, which may be another one than a moment ago."""

import threading
from collections.abc import Callable

from sinks.clickhouse.client import Database
from sinks.clickhouse.settings import ClickHouseSettings

Find = Callable[[], ClickHouseSettings]


class Source:
    """Finds ClickHouse for every question; ``find`` raises ``Unavailable`` while there is none.

    An embedded engine comes back on another port: the connections of the one
    before are let go.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self._changing = threading.Lock()
        self._current: Database | None = None

    def database(self) -> Database:
        """The database to ask; safe to share between threads."""
        wanted = self._find()
        with self._changing:
            current = self._current
            if current is None or current.settings != wanted:
                self._let_go()
                current = self._current = Database(wanted)
            return current

    def close(self) -> None:
        """Let go of the connections; a later question opens them again."""
        with self._changing:
            self._let_go()

    def _let_go(self) -> None:
        if self._current is not None:
            self._current.close()
            self._current = None
