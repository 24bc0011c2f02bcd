"""``restockd console``: the web page and its API."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from restockd.commands import load
from schemas.errors import InvalidSettings, Unavailable

if TYPE_CHECKING:
    from console.verdicts import Desk
    from restockd.configuration import Settings
    from sinks.clickhouse.settings import ClickHouseSettings

LOOPBACK = "127.0.0.1"
BACKLOG = 128


def register(app: typer.Typer) -> None:
    app.command()(console)


def console(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Where to serve; 0 = any free port.", min=0, max=65_535)] = 8088,
    host: Annotated[
        str, typer.Option(help="Which address; one that others can reach needs RESTOCKD_CONSOLE__TOKEN.")
    ] = LOOPBACK,
) -> None:
    """Serve a web page on stock, orders, alerts, sales; what waits for a person is approved or rejected there."""
    settings = load(context).settings
    import uvicorn

    from console.app import application

    token = settings.console.token.get_secret_value() if settings.console.token else ""
    _refuse_open_door(host, token)
    with _listening(host, port) as listener, _finding(settings) as find:
        server = uvicorn.Server(
            uvicorn.Config(
                application(find, token, desk_of(settings, host)),
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=5,
            )
        )
        _say(f"console at {_url(host, listener)} (Ctrl-C ends it)")
        server.run(sockets=[listener])


def _refuse_open_door(host: str, token: str) -> None:
    if not _is_loopback(host) and not token:
        raise InvalidSettings(
            f"--host {host} lets other machines in, and there is no console.token: set RESTOCKD_CONSOLE__TOKEN "
            "or RESTOCKD_CONSOLE__TOKEN_FILE, which they will be asked for"
        )


def desk_of(settings: "Settings", host: str) -> "Desk":
    """Where verdicts go. To let others than this machine decide is said, not assumed."""
    from console.verdicts import ClosedDesk
    from restockd.verdict_desk import VerdictDesk

    wanted = settings.console.approvals
    if wanted == "on" or (wanted == "auto" and _is_loopback(host)):
        return VerdictDesk(settings)
    advice = "Set RESTOCKD_CONSOLE__APPROVALS=on and start it again, or say `restockd approve ID`."
    if wanted == "off":
        return ClosedDesk("this console only shows (console.approvals is off)", advice)
    return ClosedDesk(f"this console only shows, since others than this machine reach it at {host}", advice)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Bound before anything else is started: a port in use is said at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        problem = f"cannot serve there: {(error.strerror or str(error)).lower()}"
        raise Unavailable(f"the console's address {host}:{port}", problem, "Try another --port.") from None
    with listener:
        yield listener


def _url(host: str, listener: socket.socket) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"


@contextmanager
def _finding(settings: "Settings") -> Iterator[Callable[[], "ClickHouseSettings"]]:
    """How to find ClickHouse now. What an ended demo left is opened if nobody else has it open."""
    from restockd import archive

    if not settings.clickhouse.embedded:
        server = archive.server_settings(settings.clickhouse)
        yield lambda: server
    elif archive.running_embedded(settings) is None and archive.folder(settings).is_dir():
        with archive.embedded(settings, _say):
            _say("showing what the last demo left; end the console before you start another demo")
            yield lambda: _running(settings)
    else:
        yield lambda: _running(settings)


def _running(settings: "Settings") -> "ClickHouseSettings":
    from restockd import archive

    running = archive.running_embedded(settings)
    if running is None:
        raise Unavailable(
            "embedded ClickHouse",
            f"nobody runs it on {archive.folder(settings)}",
            "Start `restockd demo`; or start the console again, which then opens what is there; "
            "or name a server: RESTOCKD_CLICKHOUSE__ADDRESS=http://host:port.",
        )
    return running


def _say(text: str) -> None:
    typer.echo(text, err=True)
