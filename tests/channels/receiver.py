"""A receiver of alerts on this machine that fails at times, as it is told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OK = "ok"
RESET, LOST, SLOW = "connection closed", "confirmation lost", "too slow"

Behaviour = str | int
"""``OK``, a status to answer, or a way to fail without an answer."""


@dataclass
class Message:
    """One POST as it came in; ``confirmed`` once it was answered with 200."""

    path: str
    headers: dict[str, str]
    content: bytes
    at: float = field(default_factory=time.monotonic)
    confirmed: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Receiver:
    """Answers each POST as ``behave`` says; ``SLOW`` answers after ``slow_seconds``."""

    def __init__(self, slow_seconds: float = 0.6) -> None:
        self.messages: list[Message] = []
        self.behave: Callable[[Message], Behaviour] = lambda _: OK
        self.retry_after = ""
        self._slow_seconds = slow_seconds
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def confirmed(self) -> list[Message]:
        return [message for message in self.messages if message.confirmed]

    def start(self) -> None:
        """Listen, on the same port again after a ``stop``."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._answer(self, Message(self.path, dict(self.headers.items()), content))

            def log_message(self, *_: Any) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, handler: BaseHTTPRequestHandler, message: Message) -> None:
        with self._lock:
            behaviour = self.behave(message)
            self.messages.append(message)
        if behaviour in (RESET, LOST):
            handler.close_connection = True
            return
        if behaviour == SLOW:
            time.sleep(self._slow_seconds)
            handler.close_connection = True
            return
        status = behaviour if isinstance(behaviour, int) else 200
        message.confirmed = status == 200
        handler.send_response(status)
        if self.retry_after:
            handler.send_header("Retry-After", self.retry_after)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")


def in_turn(*behaviours: Behaviour) -> Callable[[Message], Behaviour]:
    """These one after the other, then ``OK``."""
    left: Iterator[Behaviour] = iter(behaviours)
    return lambda _: next(left, OK)
