"""What ClickHouse has after a run."""

from typing import Any

from sinks.clickhouse.client import Database

_NET_UNITS = "SELECT location, sku, net_units FROM net_units"
# The same bytes rejected twice (a file replayed again) are one loss.
_DEAD_UNITS = """
    SELECT sum(units) AS total FROM (
        SELECT raw, field, any(ifNull(units, 0)) AS units FROM dead_letters FINAL GROUP BY raw, field
    )
"""
_DISTINCT = {
    "reorders": "SELECT uniqExact(order_id) AS total FROM orders_reorders",
    "transfers": "SELECT uniqExact(order_id) AS total FROM orders_transfers",
    "alerts": "SELECT uniqExact(alert_id) AS total FROM alerts",
    "dead_letters": "SELECT uniqExact(fact_id) AS total FROM dead_letters",
}


def net_units(database: Database) -> dict[tuple[str, str], int]:
    """Units sold less units brought back, by location and SKU."""
    return {(row["location"], row["sku"]): int(row["net_units"]) for row in database.rows(_NET_UNITS)}


def dead_letter_units(database: Database) -> float:
    """Net units sold that rejected readings spoke of."""
    return float(_total(database, _DEAD_UNITS))


def distinct(database: Database, what: str) -> int:
    """How many different reorders, transfers, alerts or dead letters there have been."""
    return int(_total(database, _DISTINCT[what]))


def _total(database: Database, sql: str) -> Any:
    return database.rows(sql)[0]["total"] or 0
