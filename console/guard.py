"""What every answer carries, and who may ask.

On loopback the ``Host`` header must name this machine, so that no web page can
reach the console through a name of its own (DNS rebinding). Anywhere else a
token is asked for: ``Authorization: Bearer TOKEN``, or as the password of the
browser's own login box, under any user name. What a browser sends for another
page than ours (``Origin``) changes nothing.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN_PATHS = {"/health"}
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}
READING = {"GET", "HEAD"}

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # without one browsers name no Origin either
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """ASGI middleware: refuses who may not ask, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, token: str = "") -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["path"], headers)
        if refusal is None and scope["method"] not in READING and not _is_ours(headers):
            refusal = PlainTextResponse("Only the console's own pages may send anything.\n", 403)
        await (refusal or self._app)(scope, receive, _with_headers(send))

    def _refusal(self, path: str, headers: Headers) -> Response | None:
        if not self._token:
            if _host(headers) in LOOPBACK_HOSTS:
                return None
            return PlainTextResponse("The console answers to 127.0.0.1 and localhost only.\n", 403)
        if path in OPEN_PATHS or _is_right(_given_token(headers), self._token):
            return None
        challenge = {"WWW-Authenticate": 'Basic realm="restockd console", charset="UTF-8"'}
        return PlainTextResponse(
            "The console asks for its token (RESTOCKD_CONSOLE__TOKEN): as the password, any user name.\n",
            401,
            challenge,
        )


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return guarded


def _host(headers: Headers) -> str:
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _is_ours(headers: Headers) -> bool:
    """Whether a page of ours sent it; programs, which name no origin, have to show the form's token as well."""
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _given_token(headers: Headers) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _is_right(given: str, token: str) -> bool:
    """Compared in constant time."""
    return secrets.compare_digest(given.encode(), token.encode())
