"""What ClickHouse has after a run."""

from datetime import datetime, timedelta

from schemas.topics import POS
from sinks.clickhouse.client import Database, Row

CLOCKS_MAY_DIFFER = timedelta(seconds=1)

_NET_UNITS = "SELECT location, sku, net_units FROM net_units"
_DEAD = """
    SELECT count() AS letters, sum(ifNull(units, 0)) AS units FROM dead_letters FINAL
    WHERE topic = {topic:String} AND recorded_at >= {since:DateTime64(3)}
"""
_REORDERS = "SELECT location, sku, uniqExact(order_id) AS orders FROM orders_reorders GROUP BY location, sku"
_NEW = """
    SELECT count() AS total FROM (
        SELECT min(appended_at) AS first FROM {table:Identifier} GROUP BY {key:Identifier}
    ) WHERE first >= {since:DateTime64(3)}
"""
WHAT = ("reorders", "transfers", "alerts", "dead_letters")
_TABLES = {
    "reorders": ("order_id", "orders_reorders"),
    "transfers": ("order_id", "orders_transfers"),
    "alerts": ("alert_id", "alerts"),
    "dead_letters": ("fact_id", "dead_letters"),
}


def net_units(database: Database) -> dict[tuple[str, str], int]:
    """Units sold less units brought back, by location and SKU."""
    return {(row["location"], row["sku"]): int(row["net_units"]) for row in database.rows(_NET_UNITS)}


def reorders(database: Database) -> dict[tuple[str, str], int]:
    """How many different reorders there have been, by location and SKU."""
    return {(row["location"], row["sku"]): int(row["orders"]) for row in database.rows(_REORDERS)}


def dead_letter_units(database: Database, since: datetime) -> float:
    """Net units sold that till readings rejected since then spoke of."""
    return float(_dead(database, since)["units"] or 0)


def dead_letters(database: Database, since: datetime) -> int:
    """How many till readings, or parts of them, were rejected since then."""
    return int(_dead(database, since)["letters"])


def _dead(database: Database, since: datetime) -> Row:
    return database.rows(_DEAD, {"topic": POS.name, "since": since - CLOCKS_MAY_DIFFER})[0]


def new(database: Database, what: str, since: datetime) -> int:
    """How many reorders, transfers, alerts or dead letters (``WHAT``) were told of for the first time since then."""
    key, table = _TABLES[what]
    return int(database.rows(_NEW, {"key": key, "table": table, "since": since})[0]["total"])
