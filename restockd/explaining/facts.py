"""Anything but an order that has an id in the archive: what was said of it, and how things stand beside it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from restockd.explaining.said import NotFound
from sinks.clickhouse import queries
from sinks.clickhouse.client import Database, Row

_SHOWN = 5
_BESIDE = 5
_IDENTITY = {"alert": "alert_id", "task": "task_id"}
_ELSEWHERE = frozenset({"kafka_partition", "kafka_offset", "appended_at"})


class Told(NamedTuple):
    """One alert, task or other fact by its id: its states, the first first, and what is open of the same stock."""

    kind: str
    name: str
    states: list[Row]
    stock: Row | None
    open_orders: list[Row]
    open_tasks: list[Row]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return self._asdict()


def find(database: Database, name: str) -> Told | None:
    """What goes by an id or its beginning; None if nothing does. Raises ``NotFound`` if several things do."""
    found = {
        "alert": queries.alert_history(database, name),
        "task": queries.task_history(database, name),
    }
    for kind, rows in found.items():
        if rows:
            return _told(database, kind, _one(name, {row[_IDENTITY[kind]] for row in rows}), rows)
    for table, row in queries.facts_named(database, name):
        return _told(database, table, str(row["fact_id"]), [row])
    return None


def lines(told: Told) -> Iterator[str]:
    """As people read it."""
    newest = told.states[-1]
    state = newest.get("state") or newest.get("status") or ""
    yield f"{state}: {_what(newest)}" if state else _what(newest)
    yield f"{told.kind} {told.name}"
    yield ""
    if told.kind in _IDENTITY:
        yield from (f"  {_moment(row['occurred_at'])}  {_state(row)}" for row in told.states)
    else:
        yield from (f"  {name}: {_shown(value)}" for name, value in newest.items() if name not in _ELSEWHERE)
    if told.stock is not None:
        yield ""
        yield f"there now: {_stock(told.stock)}"
    for row in told.open_orders:
        yield f"  order {row['order_id'][:8]}  {row['status']} {row['quantity']}: {row['decided_because']}"
    for row in told.open_tasks:
        yield f"  task {row['task_id'][:8]}  {row['kind']}: {row['reason']}"


def _one(name: str, ids: set[str]) -> str:
    if len(ids) > 1:
        shown = ", ".join(sorted(ids)[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")
        raise NotFound(f"{name!r} is the name of {len(ids)} things: give more of the id ({shown})")
    return next(iter(ids))


def _told(database: Database, kind: str, name: str, states: list[Row]) -> Told:
    """With what is open of its SKU at its location, if it is about one."""
    location, sku = str(states[-1].get("location") or ""), str(states[-1].get("sku") or "")
    if not (location and sku):
        return Told(kind, name, states, None, [], [])
    stock = queries.stock(database, location, sku, 1)
    orders = [row for row in queries.orders(database, "open", location, 10_000) if row["sku"] == sku]
    tasks = [row for row in queries.tasks(database, location, 10_000) if row["sku"] == sku and row["task_id"] != name]
    return Told(kind, name, states, stock[0] if stock else None, orders[:_BESIDE], tasks[:_BESIDE])


def _what(row: Mapping[str, Any]) -> str:
    place = " at ".join(filter(None, (str(row.get("sku") or ""), str(row.get("location") or row.get("device") or ""))))
    kind = str(row.get("kind") or "").replace("_", " ")
    return f"{kind} of {place}" if kind and place else kind or place or "a fact"


def _state(row: Mapping[str, Any]) -> str:
    parts = [str(row.get("state") or row.get("status")), str(row.get("summary") or row.get("reason") or "")]
    if row.get("quantity"):
        parts.append(f"{row['quantity']} units")
    if row.get("probability") is not None:
        parts.append(f"probability {row['probability']:.2f}")
    if (row.get("money_at_risk_per_hour") or 0.0) >= queries.LEAST_MONEY:
        parts.append(f"{row['money_at_risk_per_hour']:.2f} {row['currency']} an hour at risk")
    return "; ".join(filter(None, parts))


def _stock(row: Mapping[str, Any]) -> str:
    believed = "" if row["believed_units"] is None else f", believed {row['believed_units']}"
    return f"book {row['on_hand']}{believed}, on order {row['on_order']}, reserved {row['reserved']}"


def _shown(value: Any) -> str:
    return _moment(value) if isinstance(value, datetime) else str(value)


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M}"
