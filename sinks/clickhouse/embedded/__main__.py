"""``python -m sinks.clickhouse.embedded``: serve one folder as ClickHouse on the loopback address."""

import argparse
import ipaddress
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from schemas.errors import InvalidSettings, RestockdError
from sinks.clickhouse.embedded.app import Rules, application
from sinks.clickhouse.embedded.engine import Engine
from sinks.clickhouse.embedded.process import ACCESS_VARIABLE

READY = "ready on "
_KEEP_ALIVE_SECONDS = 75  # longer than clients pause: a call on a connection just closed would fail
_LAST_CALLS_SECONDS = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the exit code."""
    options = _options(arguments)
    try:
        return _serve(options)
    except RestockdError as error:
        sys.stderr.write(f"restockd: {error}\n")
        return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sinks.clickhouse.embedded", description=__doc__)
    parser.add_argument("--path", type=Path, required=True, help="folder the data lives in")
    parser.add_argument("--port", type=int, default=8123, help="0 takes any free port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port-file", type=Path, help="write the port here once it serves")
    parser.add_argument("--max-request-mib", type=int, default=256)
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this ends")
    parser.add_argument("--allow-remote", action="store_true", help="permit an address other than the loopback one")
    return parser.parse_args(arguments)


def _serve(options: argparse.Namespace) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    password = os.environ.pop(ACCESS_VARIABLE, "")
    _refuse_remote(options.host, allowed=options.allow_remote, has_password=bool(password))
    if options.with_parent:
        _end_with(os.getppid())
    listener = _listener(options.host, options.port)
    address = f"http://{options.host}:{listener.getsockname()[1]}"
    _say(f"loading the ClickHouse engine for {options.path} (a few seconds)")
    engine = Engine(options.path)
    try:
        engine.open()
        rules = Rules(password, any_host=options.allow_remote, max_request_bytes=options.max_request_mib << 20)
        server = _Server(_configuration(application(engine, rules)))
        server.on_ready = partial(_announce, address, listener.getsockname()[1], options.port_file)
        server.run(sockets=[listener])
    finally:
        engine.close()
        _remove(options.port_file)
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave through the ``finally`` that closes the engine; uvicorn raises the signal again when it is done."""
    raise SystemExit(0)


def _configuration(application: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http="h11",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_LAST_CALLS_SECONDS,
    )


class _Server(uvicorn.Server):
    """uvicorn that says when it listens."""

    on_ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_ready()


def _announce(address: str, port: int, port_file: Path | None) -> None:
    if port_file is not None:
        partial = port_file.with_name(port_file.name + ".partial")
        partial.write_text(str(port))
        partial.replace(port_file)
    _say(f"{READY}{address}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _remove(port_file: Path | None) -> None:
    if port_file is not None:
        port_file.unlink(missing_ok=True)


def _listener(host: str, port: int) -> socket.socket:
    """Take the port before the slow start, so that a taken one is reported at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY only if named
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InvalidSettings(f"cannot listen on {host}:{port}: {error.strerror}; choose another port") from None
    return listener


def _refuse_remote(host: str, *, allowed: bool, has_password: bool) -> None:
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise InvalidSettings(f"--host must be an IP address, not {host!r}") from None
    if not is_loopback and not allowed:
        raise InvalidSettings(f"{host} is not a loopback address: anybody could read and write; see --allow-remote")
    if not is_loopback and not has_password:
        raise InvalidSettings(f"--allow-remote needs a password in {ACCESS_VARIABLE}")


def _end_with(parent: int) -> None:
    """End cleanly once the parent is gone, whatever ended it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


if __name__ == "__main__":
    sys.exit(main())
