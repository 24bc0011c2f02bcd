"""Reading a request of ClickHouse's HTTP interface: what is asked, with what, by whom."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

from sinks.clickhouse.embedded.engine import Session
from sinks.clickhouse.embedded.statement import NOT_IMPLEMENTED, refusal, split

# What the transport itself consumes. It must not reach the engine, which knows no such settings.
_TRANSPORT = re.compile(
    r"query|user|password|database|default_format|query_id|quota_key|role|readonly|buffer_size|wait_end_of_query"
    r"|client_protocol_version|stacktrace|compress|decompress|enable_http_compression|http_zlib_compression_level"
    r"|send_progress_in_http_headers|http_headers_progress_interval_ms|add_http_cors_header"
    r"|close_session|session_timeout|session_check"
)
_PARAMETER = "param_"
_DEFAULT_FORMAT = "TabSeparated"


class Call(NamedTuple):
    """One statement for the engine, and the format of its answer or of its data.

    ``payload`` is the rows of an ``INSERT ... FORMAT``, without that clause; else None.
    """

    sql: str
    format: str
    parameters: Mapping[str, str]
    session: Session
    payload: bytes | None = None


def call_of(query: Mapping[str, str], body: bytes, headers: Mapping[str, str], *, may_write: bool) -> Call:
    """The call a request means. The statement stands in ``?query=``, in the body, or begins there and goes on here."""
    if "session_id" in query:
        raise refusal(NOT_IMPLEMENTED, "the embedded engine has no sessions")
    if "multipart/form-data" in headers.get("content-type", ""):
        raise refusal(NOT_IMPLEMENTED, "the embedded engine takes no form data")
    session = _session(query, headers, may_write=may_write)
    parameters = {name.removeprefix(_PARAMETER): query[name] for name in query if name.startswith(_PARAMETER)}
    text = query.get("query", "").encode()
    joined = text + b"\n" + body if text and body else text or body
    sql, named_format, payload = split(joined)
    fallback = query.get("default_format") or headers.get("x-clickhouse-format") or _DEFAULT_FORMAT
    return Call(sql, named_format or fallback, parameters, session, payload)


def _session(query: Mapping[str, str], headers: Mapping[str, str], *, may_write: bool) -> Session:
    settings = {name: query[name] for name in query if not _is_transport(name)}
    read_only = int(query.get("readonly", "0") or 0) or (0 if may_write else 2)
    return Session(query.get("database") or headers.get("x-clickhouse-database") or "default", settings, read_only)


def _is_transport(name: str) -> bool:
    return name.startswith(_PARAMETER) or _TRANSPORT.fullmatch(name) is not None


def is_allowed(query: Mapping[str, str], headers: Mapping[str, str], password: str) -> bool:
    """Whether the request brings the password, in any of the three ways ClickHouse knows."""
    user, given = query.get("user", ""), query.get("password", "").encode()
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        user, given = headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "").encode("latin-1")
    elif headers.get("authorization", "").lower().startswith("basic "):
        user, given = _basic(headers["authorization"][6:])
    return user in ("", "default") and hmac.compare_digest(given, password.encode())


def _basic(encoded: str) -> tuple[str, bytes]:
    try:
        user, _, given = base64.b64decode(encoded, validate=True).partition(b":")
        return user.decode(), given
    except (binascii.Error, UnicodeDecodeError):
        return "nobody", b""
