"""The embedded engine speaks ClickHouse's HTTP interface: to clickhouse-connect, and to anything that speaks HTTP."""

import gzip
import http.client
import json
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

import clickhouse_connect
import cramjam
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError
from clickhouse_connect.driver.httputil import get_pool_manager

from sinks.clickhouse.archive import Archive
from sinks.clickhouse.settings import ClickHouseSettings


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


Call = Callable[..., Reply]


@pytest.fixture
def call(archive: Archive) -> Call:
    """One plain HTTP request against the test's database."""
    settings = archive.settings

    def call(body: bytes = b"", *, method: str = "POST", path: str = "/", headers: Mapping[str, str] | None = None,
             **parameters: object) -> Reply:  # fmt: skip
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=20)
        query = urlencode({"database": settings.database, **parameters})
        connection.request(method, f"{path}?{query}", body, dict(headers or {}))
        response = connection.getresponse()
        reply = Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        connection.close()
        return reply

    return call


@pytest.fixture
def counts(call: Call) -> Call:
    assert call(b"CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a").status == 200
    return call


def test_health_checks(call: Call) -> None:
    assert call(method="GET", path="/ping")[::2] == (200, b"Ok.\n")
    assert call(method="GET", path="/replicas_status").status == 200
    assert call(method="HEAD", path="/ping")[::2] == (200, b"")
    assert call(method="GET")[::2] == (200, b"Ok.\n")
    assert call(method="GET", path="/elsewhere").status == 404


def test_a_question_in_the_body_or_in_the_address(call: Call) -> None:
    assert call(b"SELECT 1 + 1").body == b"2\n"
    assert call(method="GET", query="SELECT 1 + 1").body == b"2\n"
    assert call(b"+ 1", query="SELECT 1").body == b"2\n"
    assert call(b"SELECT 1;").body == b"1\n"


def test_the_format_is_the_statements_else_the_requests_else_tabs(call: Call) -> None:
    assert call(b"SELECT 1 AS a FORMAT JSONEachRow", default_format="CSV").body == b'{"a":1}\n'
    assert call(b"SELECT 1, 'x'", default_format="CSV").body == b'1,"x"\n'
    reply = call(b"SELECT 1, 'x' FORMAT TSV")
    assert (reply.body, reply.headers["x-clickhouse-format"]) == (b"1\tx\n", "TSV")
    assert reply.headers["x-clickhouse-timezone"] == "UTC"


def test_parameters_are_values_whatever_stands_in_them(counts: Call) -> None:
    evil = "'; DROP TABLE t; -- {a:String} \\"
    escaped = evil.replace("\\", "\\\\")  # parameters are written as in tab-separated text
    assert json.loads(counts(b"SELECT {a:String} FORMAT JSONCompactColumns", param_a=escaped).body) == [[evil]]
    assert counts(b"SELECT {a:Array(UInt8)}", param_a="[1,2]").body == b"[1,2]\n"
    assert counts(b"SELECT count() FROM {a:Identifier}", param_a="t").body == b"0\n"
    assert counts(b"SELECT {a:UInt8}", param_a="1; DROP TABLE t").status == 400
    assert counts(b"EXISTS t").body == b"1\n"


@pytest.mark.parametrize("as_parameter", [True, False])
def test_inserts_bring_their_data_after_the_statement_or_in_the_body(counts: Call, as_parameter: bool) -> None:
    for statement, data in (
        (b"INSERT INTO t (a, s) FORMAT CSV", b'1,"one"\n2,"two\nlines"\n'),
        (b"INSERT INTO t FORMAT JSONEachRow", b'{"a":3,"s":"\xe6\x97\xa5"}'),
        (b"INSERT INTO t (a, s) FORMAT RowBinary", b"\x04\x00\x00\x00\x03\x00;\xff"),
        (b"INSERT INTO t VALUES", b"(5, 'five; six'), (6, '')"),
    ):
        reply = counts(data, query=statement.decode()) if as_parameter else counts(statement + b"\n" + data)
        assert reply.status == 200, reply.body
    assert counts(b"SELECT groupArray(a) FROM (SELECT a FROM t ORDER BY a)").body == b"[1,2,3,4,5,6]\n"
    assert counts(b"SELECT hex(s) FROM t WHERE a = 4").body == b"003BFF\n"


def test_the_summary_says_how_many_rows_were_written(counts: Call) -> None:
    reply = counts(b"INSERT INTO t FORMAT CSV\n1,a\n2,b\n")
    assert json.loads(reply.headers["x-clickhouse-summary"])["written_rows"] == "2"


def test_settings_of_one_request_do_not_reach_the_next(counts: Call) -> None:
    question = b"SELECT getSetting('max_threads'), currentDatabase()"
    plain = counts(question).body
    assert counts(question, max_threads=7).body.startswith(b"7\ttest_")
    assert counts(question, database="system").body.endswith(b"\tsystem\n")
    assert counts(question).body == plain


def test_transport_settings_stay_in_the_transport(call: Call) -> None:
    reply = call(b"SELECT 1", wait_end_of_query=1, client_protocol_version=54405, query_id="mine", buffer_size=9,
                 send_progress_in_http_headers=1, http_headers_progress_interval_ms=5, quota_key="x")  # fmt: skip
    assert (reply.status, reply.body, reply.headers["x-clickhouse-query-id"]) == (200, b"1\n", "mine")


@pytest.mark.parametrize(
    ("sql", "parameters", "status", "code", "text"),
    [
        (b"SELEC 1", {}, 400, "62", "SYNTAX_ERROR"),
        (b"", {"query": " "}, 400, "62", "Empty query"),
        (b"SELECT 1; DROP TABLE t", {}, 400, "62", "Multi-statements"),
        (b"SELECT * FROM nowhere", {}, 404, "60", "UNKNOWN_TABLE"),
        (b"SELECT 1", {"database": "nowhere"}, 404, "81", "UNKNOWN_DATABASE"),
        (b"SELECT 1", {"no_such_setting": 1}, 404, "115", "UNKNOWN_SETTING"),
        (b"SELECT 1", {"a'; DROP TABLE t; --": 1}, 404, "115", "not the name of a setting"),
        (b"SELECT throwIf(1)", {}, 500, "395", "FUNCTION_THROW_IF"),
        (b"SELECT 1", {"session_id": "s"}, 501, "48", "no sessions"),
        (b"SELECT * FROM file('/etc/hostname')", {}, 500, "497", "not served by the embedded engine"),
        (b"INSERT INTO t FORMAT CSV\nx,y\n", {}, 400, "27", "CANNOT_PARSE"),
    ],
)
def test_errors_have_clickhouses_codes(
    counts: Call, sql: bytes, parameters: dict[str, object], status: int, code: str, text: str
) -> None:
    reply = counts(sql, **parameters)
    assert (reply.status, reply.headers["x-clickhouse-exception-code"]) == (status, code)
    assert reply.body.startswith(b"Code: " + code.encode())
    assert text in reply.body.decode()
    assert counts(b"EXISTS t").body == b"1\n"


def test_a_get_may_only_read(counts: Call) -> None:
    reply = counts(method="GET", query="INSERT INTO t VALUES (1, 'a')")
    assert (reply.status, reply.headers["x-clickhouse-exception-code"]) == (500, "164")
    assert counts(b"INSERT INTO t VALUES (1, 'a')", readonly=1).headers["x-clickhouse-exception-code"] == "164"
    assert counts(b"SELECT 1 SETTINGS readonly = 0", readonly=2).headers["x-clickhouse-exception-code"] == "164"
    assert counts(b"SELECT count() FROM t", readonly=1).body == b"0\n"


PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": lambda data: bytes(cramjam.zstd.compress(data)),
    "lz4": lambda data: bytes(cramjam.lz4.compress(data)),
    "br": lambda data: bytes(cramjam.brotli.compress(data)),
}
UNPACK = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "zstd": lambda data: bytes(cramjam.zstd.decompress(data)),
    "lz4": lambda data: bytes(cramjam.lz4.decompress(data)),
    "br": lambda data: bytes(cramjam.brotli.decompress(data)),
}


@pytest.mark.parametrize("encoding", PACK)
def test_bodies_may_be_compressed_both_ways(counts: Call, encoding: str) -> None:
    rows = b"".join(b"%d,text\n" % n for n in range(5_000))
    packed = PACK[encoding](b"INSERT INTO t FORMAT CSV\n" + rows)
    assert counts(packed, headers={"Content-Encoding": encoding}).status == 200
    reply = counts(
        b"SELECT a, s FROM t ORDER BY a FORMAT CSV", headers={"Accept-Encoding": encoding}, enable_http_compression=1
    )
    assert reply.headers["content-encoding"] == encoding
    assert UNPACK[encoding](reply.body) == rows.replace(b"text", b'"text"')
    unasked = counts(b"SELECT count() FROM t", headers={"Accept-Encoding": encoding})
    assert unasked.body == b"5000\n"


@pytest.mark.parametrize("encoding", [*PACK, "snappy"])
def test_a_broken_or_unknown_compression_is_refused(counts: Call, encoding: str) -> None:
    assert counts(b"certainly not packed", headers={"Content-Encoding": encoding}).status == 400


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_web_pages_are_refused(counts: Call, headers: dict[str, str]) -> None:
    assert counts(b"DROP TABLE t", headers=headers).status == 403
    assert counts(b"EXISTS t").body == b"1\n"


def test_a_name_that_was_pointed_at_this_machine_is_refused(counts: Call) -> None:
    assert counts(b"SELECT 1", headers={"Host": "rebound.example:8123"}).status == 403


def connect(settings: ClickHouseSettings, **options: object) -> clickhouse_connect.driver.Client:
    return clickhouse_connect.get_client(
        host=settings.host, port=settings.port, database=settings.database, pool_mgr=get_pool_manager(),
        autogenerate_session_id=False, **options,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("compress", [True, False, "lz4", "gzip"])
def test_clickhouse_connect_works_unchanged(archive: Archive, compress: bool | str) -> None:
    client = connect(archive.settings, compress=compress)
    client.command(
        "CREATE TABLE t (a UInt64, s Nullable(String), at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY a"
    )
    at = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
    rows = [[n, None if n % 3 else f"ü{n}", at] for n in range(10_000)]
    client.insert("t", rows, column_names=["a", "s", "at"])
    assert client.query("SELECT a, s, at FROM t ORDER BY a", tz_mode="aware").result_rows == [tuple(r) for r in rows]
    assert client.command("SELECT count() FROM t") == 10_000
    assert client.query("SELECT s FROM t WHERE s = {s:String}", {"s": "ü3'"}).result_rows == []
    assert client.query("SELECT max(a) FROM t", settings={"max_threads": 1}).first_row == (9_999,)
    assert client.raw_query("SELECT 'x'", fmt="CSV") == b'"x"\n'
    assert client.query("SELECT * FROM t LIMIT 0").column_names == ("a", "s", "at")
    with client.query_rows_stream("SELECT a FROM t ORDER BY a") as stream:
        assert sum(row[0] for row in stream) == 49_995_000
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        client.query("SELECT * FROM nowhere")
    assert client.ping()
    client.close()


def test_callers_at_the_same_time_do_not_disturb_each_other(counts: Call) -> None:
    def work(n: int) -> bytes:
        if n % 2:
            counts(b"INSERT INTO t FORMAT CSV\n%d,x\n" % n)
        return counts(b"SELECT {n:UInt32}, getSetting('max_threads')", param_n=n, max_threads=n + 1).body

    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(work, range(60)))
    assert replies == [b"%d\t%d\n" % (n, n + 1) for n in range(60)]
    assert counts(b"SELECT count(), uniqExact(a) FROM t").body == b"30\t30\n"
