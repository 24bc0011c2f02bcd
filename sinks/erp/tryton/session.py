"""Tryton's JSON-RPC: one session, renewed when it ends."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from schemas.errors import Unavailable
from sinks.calling import Endpoint, Refused

_ADVICE = "Is trytond running and the address, database, user and password right? `restockd erp check` tells."
_REFUSALS = frozenset({"UserError", "UserWarning"})
_LOGIN_ENDED = "answered 401"
_DAY = ("year", "month", "day")
_TIME = ("hour", "minute", "second", "microsecond")

Row = dict[str, Any]


@dataclass(frozen=True)
class TrytonSettings:
    """Where a Tryton server is and who we are there."""

    address: str
    database: str
    user: str
    password: str = field(repr=False)
    timeout_seconds: float = 10.0

    @property
    def component(self) -> str:
        """How errors name this server."""
        return f"Tryton at {self.address}"


class TrytonSession:
    """Calls to one database as one user; raises ``Unavailable`` or, for what Tryton will not have, ``Refused``."""

    def __init__(self, settings: TrytonSettings) -> None:
        self._settings = settings
        url = f"{settings.address.rstrip('/')}/{settings.database}/rpc/"
        self._endpoint = Endpoint(settings.component, url, settings.timeout_seconds, _ADVICE)
        self._authorization = ""
        self.context: Row = {}

    async def call(self, method: str, *params: Any) -> Any:
        """Call a method in the context of our company; logs in where there is no session (any more)."""
        if not self._authorization:
            await self._log_in()
        try:
            return await self._call(method, *params, self.context)
        except Unavailable as error:
            if _LOGIN_ENDED not in str(error):
                raise
        await self._log_in()
        return await self._call(method, *params, self.context)

    async def search(self, model: str, domain: list[Any], fields: list[str], order: str = "id") -> list[Row]:
        """The records of a model that match, with these fields, the oldest first."""
        rows: list[Row] = await self.call(f"model.{model}.search_read", domain, 0, None, [[order, "ASC"]], fields)
        return rows

    async def one(self, model: str, code: str, named: str, fields: list[str], *domain: Any) -> Row:
        """The record with this code; raises ``Refused`` naming ``named`` if there is none, or more than one."""
        rows = await self.search(model, [["code", "=", code], *domain], fields)
        if len(rows) == 1:
            return rows[0]
        label = model.rpartition(".")[2]
        problem = f"has no {label} {code!r}" if not rows else f"has {len(rows)} of {label} {code!r}"
        message = f"{named}: {self._settings.component} {problem}"
        raise Refused(f"unknown_{named}", message, field=named, value=code)

    async def press(self, model: str, button: str, record: int) -> None:
        """Press a button of one record."""
        await self.call(f"model.{model}.{button}", [record])

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()

    async def _log_in(self) -> None:
        settings, self._authorization = self._settings, ""
        given = {"password": settings.password}
        user_id, session, *_ = await self._call("common.db.login", settings.user, given, "en")
        token = base64.b64encode(f"{settings.user}:{user_id}:{session}".encode()).decode()
        self._authorization = f"Session {token}"
        known = await self._call("model.res.user.get_preferences", True, {})
        self.context = {name: known.get(name) for name in ("company", "employee") if known.get(name) is not None}

    async def _call(self, method: str, *params: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._authorization:
            headers["Authorization"] = self._authorization
        content = json.dumps({"id": 1, "method": method, "params": params}, default=_written).encode()
        answer = await self._endpoint.post(content, headers)
        try:
            told = json.loads(answer.content, object_hook=_read)
        except ValueError:
            raise self._endpoint.down(f"{method} was answered with something that is no JSON") from None
        if "error" in told:
            raise self._problem(method, told["error"])
        return told.get("result")

    def _problem(self, method: str, error: list[Any]) -> Exception:
        """Tryton's own words; an error of the server itself may pass (a lock, a restart), a refusal will not."""
        kind, said = str(error[0]), error[1:] or [""]
        if kind in _REFUSALS:
            words = said[0] if isinstance(said[0], list) else said
            text = " ".join(str(part) for part in words if isinstance(part, str))
            return Refused("refused_by_erp", f"{self._settings.component}: {text}", field=method, value=kind)
        return self._endpoint.down(f"{method} failed there: {kind}")


def _written(value: Any) -> Row:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        return {"__class__": "datetime", **{part: getattr(value, part) for part in (*_DAY, *_TIME)}}
    if isinstance(value, date):
        return {"__class__": "date", **{part: getattr(value, part) for part in _DAY}}
    raise TypeError(f"{type(value).__name__} is not written to Tryton")


def _read(value: Row) -> Any:
    kind = value.get("__class__")
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return date(*(value[part] for part in _DAY))
    if kind == "datetime":
        return datetime(**{part: value[part] for part in (*_DAY, *_TIME)}, tzinfo=UTC)
    return value
