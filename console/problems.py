"""Errors as pages and as JSON: which component, what is wrong, what to do."""

from typing import NamedTuple, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.api import Json
from console.rendering import page
from schemas.errors import InvalidSettings, RestockdError, Unavailable

_WAITING = "This page tries again by itself every two seconds."


class Problem(NamedTuple):
    """What is shown: ``component`` is empty where none of ours is to blame."""

    component: str
    problem: str
    advice: str


def install(app: FastAPI) -> None:
    """Answer every error of the tree, of the parameters and of the address."""
    app.add_exception_handler(RestockdError, _failed)
    app.add_exception_handler(RequestValidationError, _wrong_parameters)
    app.add_exception_handler(HTTPException, _not_there)


def problem_of(error: Unavailable) -> Problem:
    """What is down, why, and what to do."""
    problem = str(error).removeprefix(f"{error.component}: ").removesuffix(error.advice).strip()
    return Problem(error.component, problem, error.advice)


def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, Unavailable):
        return _answer(request, 503, "ClickHouse does not answer", problem_of(error))
    if isinstance(error, InvalidSettings):
        advice = "Correct the account in the settings and start the console again."
        return _answer(request, 503, "ClickHouse refuses the console", Problem("ClickHouse", str(error), advice))
    advice = "The tables may be older than this console: a worker of the same version brings them up to date."
    return _answer(request, 500, "ClickHouse refused a question", Problem("ClickHouse", str(error), advice))


def _wrong_parameters(request: Request, error: Exception) -> Response:
    details = cast(RequestValidationError, error).errors()
    said = "; ".join(f"{detail['loc'][-1]}: {detail['msg']}" for detail in details)
    return _answer(request, 422, "That cannot be asked", Problem("", said, "Correct the address of the page."))


def _not_there(request: Request, error: Exception) -> Response:
    said = cast(HTTPException, error)
    title = (
        "Not found" if said.status_code == 404 else "Nothing was sent" if request.method == "POST" else "Not answered"
    )
    return _answer(request, said.status_code, title, Problem("", str(said.detail), "See the menu above."))


def _answer(request: Request, status: int, title: str, problem: Problem) -> Response:
    if request.url.path == "/health" or request.url.path.startswith("/api/"):
        return Json({"error": problem._asdict()}, status)
    waiting = _WAITING if status == 503 else ""
    return page(request, "problem.html", {"title": title, "problem": problem, "waiting": waiting}, status)
