"""The figures of a demo run, from what was sent and what ClickHouse has."""

from datetime import UTC, datetime
from typing import Any

from restockd import counts
from restockd.chain_driver import ChainDriver
from restockd.stack import Stack
from sinks.clickhouse import queries

_LATENCY = """
    SELECT count() AS orders, quantileExact(0.5)(ms) AS p50, quantileExact(0.99)(ms) AS p99, max(ms) AS max
    FROM (
        SELECT fact_id, min(date_diff('millisecond', input_appended_at, appended_at)) AS ms
        FROM orders_reorders
        WHERE status IN ('proposed', 'pending', 'amended') AND input_appended_at >= {since:DateTime64(3)}
        GROUP BY fact_id
    )
"""
_OPEN = """
    SELECT (SELECT count() FROM open_orders) AS orders, (SELECT count() FROM open_transfers) AS transfers,
           (SELECT count() FROM open_tasks) AS tasks, (SELECT count() FROM open_alerts) AS alerts
"""


def figures(stack: Stack, driver: ChainDriver, seconds: float, errors: list[str]) -> dict[str, Any]:
    """What happened since the stores live, ready to print as JSON; ``rows`` are all there are."""
    events = {name.removeprefix("readings."): count for name, count in sorted(driver.sent.items())}
    return {
        "events_in": events,
        "events_per_second": round(sum(events.values()) / max(seconds, 0.001), 1),
        **said(stack, driver),
        "open": standing(stack),
        "latency_ms": latency(stack, driver.lived_from),
        "rows": queries.table_counts(stack.database),
        "seconds": round(seconds, 1),
        "errors": errors,
    }


def said(stack: Stack, driver: ChainDriver) -> dict[str, int]:
    """How many reorders, transfers, alerts and dead letters are new since the history, where one was played."""
    since = driver.lived_from if driver.history_days else datetime.fromtimestamp(0, UTC)
    return {what: counts.new(stack.database, what, since) for what in counts.WHAT}


def standing(stack: Stack) -> dict[str, int]:
    """What is open now, whenever it was first said."""
    return {what: int(number) for what, number in stack.database.rows(_OPEN)[0].items()}


def latency(stack: Stack, since: datetime) -> dict[str, float | None]:
    """Milliseconds from the append of a reading, ``since`` then, to the append of the order it caused."""
    row = stack.database.rows(_LATENCY, {"since": since})[0]
    known = row["orders"] > 0
    return {name: (float(row[name]) if known else None) for name in ("p50", "p99", "max")}
