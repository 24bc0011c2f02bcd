"""The console as an ASGI application."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from console import api, pages, problems
from console.guard import Guard
from console.rendering import STATIC
from console.source import Find, Source
from console.verdicts import ClosedDesk, Desk

NO_DESK = ClosedDesk("this console was given no broker to send them to", "Say `restockd approve ID` instead.")


class KeptFiles(StaticFiles):
    """Files a browser may keep: a page names them with a digest of their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "private, max-age=86400"
        return answer


def application(find: Find, token: str = "", desk: Desk = NO_DESK) -> ASGIApp:
    """Pages and API over the ClickHouse that ``find`` names; without a ``token`` it answers to loopback names only.

    ``desk`` takes the verdicts of people on what waits for one.
    """
    source = Source(find)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        source.close()

    app = FastAPI(
        title="restockd console", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", lifespan=lifespan
    )
    app.state.source = source
    app.state.desk = desk
    app.state.form_token = secrets.token_urlsafe()
    app.include_router(api.router)
    app.include_router(pages.router)
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    problems.install(app)
    return Guard(app, token)
