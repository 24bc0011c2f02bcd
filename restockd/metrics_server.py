"""Serving a worker's metrics."""

import errno
from typing import TYPE_CHECKING

import structlog

from schemas.errors import InvalidSettings

if TYPE_CHECKING:
    from restockd.settings import Worker

_log = structlog.get_logger("restockd.worker")


def serve_metrics(worker: "Worker") -> int:
    """Serve them at the port of the settings, which is returned; at any free one where nobody asked for the usual.

    So several workers can be started on one machine as they are. Who names a port is watching that one.
    """
    try:
        return _serve(worker.metrics_host, worker.metrics_port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or "metrics_port" in worker.model_fields_set:
            raise InvalidSettings(_problem(worker, error)) from None
    port = _serve(worker.metrics_host, 0)
    _log.info(
        "metrics at a free port",
        address=f"{worker.metrics_host}:{port}",
        because=f"another worker has worker.metrics_port {worker.metrics_port}",
    )
    return port


def _serve(host: str, port: int) -> int:
    from prometheus_client import start_http_server

    server, _ = start_http_server(port, host)
    return server.server_port


def _problem(worker: "Worker", error: OSError) -> str:
    return (
        f"worker.metrics_host {worker.metrics_host!r} and worker.metrics_port {worker.metrics_port}: metrics cannot be "
        f"served there ({(error.strerror or str(error)).lower()}). Set RESTOCKD_WORKER__METRICS_PORT to another port, "
        "or to 0 for any free one"
    )
