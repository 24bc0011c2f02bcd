"""Where a person decides on a page: the form, whether anything can be sent, and what became of what was sent."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import questions, verdicts
from console.problems import Problem, problem_of
from console.verdicts import Desk, Given, Kind, Refused
from schemas.errors import Unavailable
from schemas.readings.orders import Approval
from sinks.clickhouse.client import Database

_SEE_OTHER, _UNAVAILABLE = 303, 503


class OpenDesk(NamedTuple):
    """What the form needs; with an ``obstacle`` there is none."""

    token: str
    obstacle: Problem | None


def form_values(
    request: Request, database: Database, kind: Kind, row: Mapping[str, Any], sent: int | None = None
) -> dict[str, Any]:
    """What ``decide.html`` shows of an order or transfer; ``sent`` is the revision a verdict was just sent for."""
    waiting = verdicts.waits(kind, row) and (sent is None or row["revision"] > sent)
    shown = waiting and "hx-request" not in request.headers
    return {
        "desk": _open(request) if shown else None,
        "budgets": questions.waits_for_budgets(database, row["order_id"]) if shown and kind == "order" else [],
        "became": "" if sent is None else verdicts.became(kind, row, sent),
        "given": None,
        "refused": "",
    }


def refused_values(refused: Refused, given: Given) -> dict[str, Any]:
    """Why nothing was sent. What was filled in stays to be corrected, unless the order is another by now."""
    return {"refused": refused.message, "given": None if refused.is_outdated else given}


def hand_in(request: Request, kind: Kind, row: Mapping[str, Any], given: Given) -> Refused | Response:
    """Send a verdict, once it is known that it can be meant so; then back to the page it came from."""
    verdict = verdicts.verdict_on(kind, row, given)
    if not isinstance(verdict, Approval):
        return verdict
    try:
        _desk(request).send(verdict)
    except Unavailable as error:
        return Refused(_UNAVAILABLE, str(error))
    return RedirectResponse(f"{quote(request.url.path)}?sent={verdict.revision}", _SEE_OTHER)


def _open(request: Request) -> OpenDesk:
    try:
        _desk(request).check()
    except Unavailable as error:
        return OpenDesk("", problem_of(error))
    return OpenDesk(request.app.state.form_token, None)


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk
