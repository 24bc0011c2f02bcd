"""Calls to ClickHouse over HTTP, each with a deadline, their failures in restockd's terms."""

import logging
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import clickhouse_connect
import stamina
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DataError, ProgrammingError
from clickhouse_connect.driver.httputil import get_pool_manager
from urllib3.exceptions import HTTPError

from schemas.errors import InvalidSettings, RestockdError, Unavailable
from sinks.clickhouse.settings import ClickHouseSettings

Parameters = Mapping[str, Any]
Row = dict[str, Any]
T = TypeVar("T")

_AUTHENTICATION = {192, 193, 194, 516}
_UNKNOWN_DATABASE = 81
# Overload, shutdown, full disks, lost replicas: the same call may work later.
_PASSING = {75, 159, 160, 201, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 286, 319, 394, 439, 473, 999}
_ATTEMPTS = 3


class QueryRefused(RestockdError):
    """ClickHouse understood the call and refused it: wrong SQL, an unknown name, a missing right."""


class Database:
    """One database on one server; safe to share between threads.

    Nothing is contacted before the first call, and a server that comes back is
    used again. Calls raise ``Unavailable`` when waiting may help,
    ``InvalidSettings`` for a refused account and ``QueryRefused`` otherwise.
    """

    def __init__(self, settings: ClickHouseSettings) -> None:
        self.settings = settings
        self._client: Client | None = None
        self._connecting = threading.Lock()
        self._marks = _new_marks()

    def create(self) -> None:
        """Create the database unless it exists, which needs the right to do so only if it does not."""
        with self._translated():
            client = _connect(replace(self.settings, database="system"))
            name = {"name": self.settings.database}
            try:
                if not client.query("SELECT 1 FROM databases WHERE name = {name:String}", name).result_rows:
                    client.command("CREATE DATABASE IF NOT EXISTS {name:Identifier}", name)
            finally:
                client.close_connections()

    def rows(self, sql: str, parameters: Parameters | None = None, settings: Parameters | None = None) -> list[Row]:
        """The rows of a question, by column name."""
        return self._once(lambda client: _named(client, sql, parameters, settings))

    def text(self, sql: str, output_format: str, settings: Parameters | None = None) -> bytes:
        """The answer to a question in one of ClickHouse's formats."""
        return self._once(lambda client: client.raw_query(sql, fmt=output_format, settings=dict(settings or {})))

    def execute(self, sql: str, parameters: Parameters | None = None) -> None:
        """Run a statement once; it may have taken effect even if this raises ``Unavailable``."""
        self._once(lambda client: client.command(sql, parameters=dict(parameters or {})))

    def insert(
        self, table: str, names: Sequence[str], types: Sequence[str], columns: Sequence[Any], token: str
    ) -> None:
        """Insert whole columns under a deduplication token, and try a few times: the rows may come twice, never less.

        ClickHouse writes down the mark of a token before it keeps the rows. Killed
        between the two it would drop the rows when they come again, so marks count
        only until a call goes unanswered; from then on the ids in the rows decide.
        """
        self._retried(
            lambda client: client.insert(
                table,
                columns,
                column_names=names,
                column_type_names=types,
                column_oriented=True,
                settings={"insert_deduplication_token": f"{self._marks}:{token}", **INSERT_SETTINGS},
            )
        )

    def close(self) -> None:
        """Let go of the connections; a later call opens them again."""
        client, self._client = self._client, None
        if client is not None:
            client.close_connections()

    def _retried(self, call: Callable[[Client], T]) -> T:
        """Try a call a few times within the deadline: only for calls that may take effect twice."""
        retry = stamina.RetryingCaller(
            attempts=_ATTEMPTS, timeout=self.settings.timeout_seconds, wait_initial=0.1, wait_max=1.0
        )
        return retry(Unavailable, self._once, call)

    def _once(self, call: Callable[[Client], T]) -> T:
        with self._translated():
            return call(self._connected())

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None:
                self._client = _connect(self.settings)
            return self._client

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ClickHouseError, HTTPError, OSError) as error:
            if getattr(error, "code", None) is None:  # no answer: the server may have been killed
                self._marks = _new_marks()
            raise _translation(error, self.settings) from error


def _new_marks() -> str:
    """Names the tokens of a time in which the server was never seen to fail."""
    return secrets.token_hex(8)


INSERT_SETTINGS = {
    "async_insert": 0,
    "throw_on_max_partitions_per_insert_block": 0,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
}


def _named(client: Client, sql: str, parameters: Parameters | None, settings: Parameters | None) -> list[Row]:
    result = client.query(sql, parameters=dict(parameters or {}), settings=dict(settings or {}), tz_mode="aware")
    return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]


def _connect(settings: ClickHouseSettings) -> Client:
    logging.getLogger("clickhouse_connect").setLevel(logging.ERROR)  # what it warns of, we raise
    seconds = settings.timeout_seconds
    pool = get_pool_manager(ca_cert=settings.ca_file) if settings.is_loopback or settings.ca_file else None
    return clickhouse_connect.get_client(
        interface="https" if settings.secure else "http",
        host=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password,
        database=settings.database,
        connect_timeout=max(1, round(seconds)),
        send_receive_timeout=max(1, round(seconds)),
        query_limit=0,
        autogenerate_session_id=False,
        compress=False if settings.is_loopback else "lz4",
        pool_mgr=pool,
        settings={"max_execution_time": max(1, round(seconds))},
    )


def _translation(error: Exception, settings: ClickHouseSettings) -> RestockdError:
    code = getattr(error, "code", None)
    problem = _REPEATED.sub(r"\1", _SURROUNDINGS.sub("", str(error).strip())).rstrip(".")
    if code in _AUTHENTICATION:
        return InvalidSettings(f"{settings.component} refuses user {settings.username!r}: {problem}")
    if code == _UNKNOWN_DATABASE:
        missing = f"it has no database {settings.database!r}"
        return Unavailable(settings.component, missing, "Start the archivist, which creates it.")
    if code in _PASSING:
        return Unavailable(settings.component, problem, "It will be tried again.")
    if code is not None or isinstance(error, DataError | ProgrammingError):
        return QueryRefused(f"{settings.component}: {problem}")
    advice = "Start it, or set the address of one that runs; nothing is lost meanwhile."
    return Unavailable(settings.component, _root(error, settings.timeout_seconds), advice)


_SURROUNDINGS = re.compile(
    r"^.*?DB::Exception: (?:Code: \d+\. DB::Exception: )*|\s*\(version [^)]*\)|\s*\(for url [^)]*\)", re.DOTALL
)
_REPEATED = re.compile(r"( \([A-Z_]+\))(?:\.?\1)+")
"""The name of the error, which every layer that passes it on adds."""


def _root(error: BaseException, timeout_seconds: float) -> str:
    """What happened, without what the libraries wrapped around it."""
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return f"no answer within {timeout_seconds:g} seconds"
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
