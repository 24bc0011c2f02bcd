"""ClickHouse's HTTP interface over the embedded engine."""

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinks.clickhouse.embedded.compression import TooLarge, UnknownEncoding, packed, unpacked
from sinks.clickhouse.embedded.engine import Answer, Engine, EngineError
from sinks.clickhouse.embedded.request import Call, call_of, is_allowed

_CONCURRENT_CALLS = 8
_STATUS = {
    **dict.fromkeys((6, 26, 27, 36, 38, 41, 53, 62, 69, 72, 117, 321, 376, 457), 400),
    **dict.fromkeys((192, 193, 516), 403),
    **dict.fromkeys((46, 47, 50, 56, 60, 73, 81, 115), 404),
    159: 408,
    48: 501,
}
_SAFE_HOSTS = {"127.0.0.1", "localhost", "::1", "[::1]"}
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Rules:
    """Who may call and how much at once. ``password`` "" asks for none; ``any_host`` is for non-loopback addresses."""

    password: str = ""
    any_host: bool = False
    max_request_bytes: int = 256 << 20


def application(engine: Engine, rules: Rules) -> Starlette:
    """The ASGI application: ``/`` for statements, ``/ping`` and ``/replicas_status`` for health checks."""
    limiter = CapacityLimiter(_CONCURRENT_CALLS)

    async def healthy(_: Request) -> Response:
        return Response("Ok.\n", media_type="text/plain")

    async def statement(request: Request) -> Response:
        if refusal := _refused(request, rules):
            return refusal
        if request.method in ("GET", "HEAD") and not request.query_params.get("query"):
            return await healthy(request)
        try:
            call = await _call(request, rules)
            answer = await to_thread.run_sync(_run, engine, call, limiter=limiter)
        except EngineError as error:
            return _failure(error.code, error.text)
        except (TooLarge, UnknownEncoding) as error:
            return _unreadable(error, rules)
        return _success(request, call, answer)

    routes = [
        Route("/", statement, methods=["GET", "HEAD", "POST"]),
        Route("/ping", healthy, methods=["GET", "HEAD"]),
        Route("/replicas_status", healthy, methods=["GET", "HEAD"]),
    ]
    return Starlette(routes=routes)


def _run(engine: Engine, call: Call) -> Answer:
    if call.payload is None:
        return engine.query(call.sql, call.format, call.parameters, call.session)
    return engine.insert(call.sql, call.format, call.payload, call.session)


async def _call(request: Request, rules: Rules) -> Call:
    body = await _body(request, rules.max_request_bytes)
    plain = unpacked(body, request.headers.get("content-encoding", "").lower(), rules.max_request_bytes)
    return call_of(request.query_params, plain, request.headers, may_write=request.method == "POST")


async def _body(request: Request, limit_bytes: int) -> bytes:
    chunks, length = [], 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit_bytes:
            raise TooLarge("request")
        chunks.append(chunk)
    return b"".join(chunks)


def _refused(request: Request, rules: Rules) -> Response | None:
    """Refuse callers without the password, and web pages that reach for this machine through a browser."""
    if not rules.any_host and request.url.hostname not in _SAFE_HOSTS:
        return Response("This address serves 127.0.0.1 only.\n", 403)
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return Response("Web pages may not ask this server.\n", 403)
    if "origin" in request.headers:
        return Response("Web pages may not ask this server.\n", 403)
    if rules.password and not is_allowed(request.query_params, request.headers, rules.password):
        text = (
            "Code: 516. DB::Exception: default: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)"
        )
        return _failure(516, text)
    return None


def _failure(code: int, text: str) -> Response:
    headers = {"X-ClickHouse-Exception-Code": str(code)}
    return Response(text + "\n", _STATUS.get(code, 500), headers, "text/plain; charset=UTF-8")


def _unreadable(error: TooLarge | UnknownEncoding, rules: Rules) -> Response:
    if isinstance(error, TooLarge):
        return Response(f"The request is larger than {rules.max_request_bytes} bytes.\n", 413)
    return Response(f"Unknown or broken Content-Encoding: {error}\n", 400)


def _success(request: Request, call: Call, answer: Answer) -> Response:
    wants_packed = request.query_params.get("enable_http_compression") == "1"
    accepted = request.headers.get("accept-encoding", "") if wants_packed else ""
    body, encoding = packed(answer.body, accepted)
    summary = {"read_rows": str(answer.read_rows), "written_rows": str(answer.written_rows), "result_rows": "0"}
    headers = {
        "X-ClickHouse-Query-Id": request.query_params.get("query_id") or str(uuid.uuid4()),
        "X-ClickHouse-Summary": json.dumps(summary),
        "X-ClickHouse-Timezone": "UTC",
        "X-ClickHouse-Server-Display-Name": "restockd embedded",
    }
    if answer.body:
        headers["X-ClickHouse-Format"] = call.format
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, 200, headers, "text/plain; charset=UTF-8")
