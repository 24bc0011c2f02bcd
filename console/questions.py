"""What only the console asks ClickHouse. Parameters are bound, never written into the SQL."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sinks.clickhouse.client import Database, Row

_HOUR = timedelta(hours=1)

_TOTALS = """
    SELECT
        (SELECT count() FROM open_orders) AS open_orders,
        (SELECT count() FROM open_orders WHERE status = 'pending'
            AND order_id NOT IN (SELECT order_id FROM budget_queue WHERE NOT needs_person)) AS orders_to_approve,
        (SELECT sum(quantity) FROM open_orders) AS units_to_order,
        (SELECT count() FROM open_transfers) AS open_transfers,
        (SELECT count() FROM open_alerts) AS open_alerts,
        (SELECT count() FROM open_alerts WHERE severity IN ('critical', 'error')) AS severe_alerts,
        (SELECT count() FROM open_tasks) AS open_tasks,
        (SELECT count() FROM dead_letters FINAL) AS dead_letters,
        (SELECT uniqExact(fact_id) FROM stock_movements WHERE appended_at > now64(3) - INTERVAL 1 HOUR)
            AS events_per_hour
"""

_STOCK_TOTALS = """
    SELECT uniqExact(location) AS locations, uniqExact(sku) AS skus, sum(on_hand) AS units,
           sum(on_order) AS units_on_order, countIf(on_hand < 0) AS negative, countIf(on_hand = 0) AS out_of_stock,
           count() AS positions
    FROM stock_latest FINAL
"""

_STOCK_FILTER = """
    WHERE ({location:String} = '' OR location = {location:String})
      AND ({sku:String} = '' OR positionCaseInsensitiveUTF8(sku, {sku:String}) > 0)
      AND ({style:String} = '' OR positionCaseInsensitiveUTF8(style, {style:String}) > 0)
      AND multiIf({only:String} = 'negative', on_hand < 0, {only:String} = 'out', on_hand <= 0, true)
"""


class StockFilter(NamedTuple):
    """A location as it is, parts of SKU and style; ``only`` is ``negative``, ``out`` (none left) or empty."""

    location: str = ""
    sku: str = ""
    style: str = ""
    only: str = ""


class Hours(NamedTuple):
    """Sales per hour without gaps, oldest first; ``hours`` are the beginnings, in UTC."""

    hours: list[datetime]
    units: list[int]
    returns: list[int]
    revenue: list[float]


def totals(database: Database) -> Row:
    """The numbers of the overview. What waits for a budget's room alone is not for a person to approve."""
    return database.rows(_STOCK_TOTALS)[0] | database.rows(_TOTALS)[0]


def stock(database: Database, wanted: StockFilter, limit: int = 100, offset: int = 0) -> list[Row]:
    """Book and believed stock by location and SKU."""
    sql = f"""
        SELECT * FROM stock_believed {_STOCK_FILTER}
        ORDER BY location, sku LIMIT {{limit:UInt32}} OFFSET {{offset:UInt64}}
    """  # noqa: S608 - the filter is a constant
    return database.rows(sql, wanted._asdict() | {"limit": limit, "offset": offset})


def stock_count(database: Database, wanted: StockFilter) -> int:
    """How many positions a filter lets through."""
    sql = f"SELECT count() AS total FROM stock_latest FINAL {_STOCK_FILTER}"  # noqa: S608 - the filter is a constant
    return int(database.rows(sql, wanted._asdict())[0]["total"])


def locations(database: Database) -> list[Row]:
    """Every location that has stock, with its name."""
    sql = """
        SELECT s.location AS location, l.name AS name FROM (SELECT DISTINCT location FROM stock_latest) AS s
        LEFT JOIN (SELECT location, name FROM locations FINAL) AS l ON l.location = s.location ORDER BY location
    """
    return database.rows(sql)


def proposals(database: Database, state: str = "open", location: str = "", limit: int = 100) -> list[Row]:
    """Purchase suggestions as they stand, the last decided first, with what the last computation went by."""
    sql = """
        SELECT o.*, w.* EXCEPT (order_id, computed_at), ifNull(w.computed_at, o.occurred_at) AS decided_at FROM (
            SELECT * FROM orders_now
            WHERE multiIf({state:String} = 'all', true,
                          {state:String} = 'open', status NOT IN ('rejected', 'received', 'superseded', 'cancelled'),
                          status = {state:String}) AND ({location:String} = '' OR location = {location:String})
        ) AS o LEFT JOIN (
            SELECT order_id, occurred_at AS computed_at, input_policy, input_mean_per_day, input_lead_time_days,
                   input_reorder_point, input_order_up_to_level, input_inventory_position, input_need_units
            FROM orders_reorders FINAL WHERE isNotNull(input_policy)
            ORDER BY order_id, revision DESC LIMIT 1 BY order_id
        ) AS w ON w.order_id = o.order_id
        ORDER BY decided_at DESC, appended_at DESC, order_id LIMIT {limit:UInt32}
        SETTINGS join_use_nulls = 1
    """
    return database.rows(sql, {"state": state, "location": location, "limit": limit})


def waits_for_budgets(database: Database, order_id: str) -> list[str]:
    """The budgets whose room an order waits for."""
    rows = database.rows("SELECT budgets FROM budget_queue WHERE order_id = {order_id:String}", {"order_id": order_id})
    return list(rows[0]["budgets"]) if rows else []


def sales_by_hour(database: Database, location: str = "", sku: str = "", hours: int = 168) -> Hours:
    """Units, returns and revenue of the last ``hours`` hours in which anything was sold."""
    sql = """
        SELECT toStartOfHour(occurred_at) AS hour, sum(sold_units) AS units, sum(returned_units) AS returns,
               sum(sales_lines.revenue) AS revenue
        FROM sales_lines
        WHERE ({location:String} = '' OR location = {location:String})
          AND ({sku:String} = '' OR positionCaseInsensitiveUTF8(sku, {sku:String}) > 0)
        GROUP BY hour ORDER BY hour DESC LIMIT {hours:UInt32}
    """
    rows = database.rows(sql, {"location": location, "sku": sku, "hours": hours})
    return _without_gaps({row["hour"]: row for row in rows}, hours)


def _without_gaps(by_hour: dict[datetime, Row], hours: int) -> Hours:
    """The hours up to the newest; one without sales is a zero, not a gap."""
    if not by_hour:
        return Hours([], [], [], [])
    last = max(by_hour)
    count = min(hours, round((last - min(by_hour)) / _HOUR) + 1)
    steps = [last - _HOUR * back for back in reversed(range(count))]
    found = [by_hour.get(step, {"units": 0, "returns": 0, "revenue": 0.0}) for step in steps]
    return Hours(
        steps,
        [int(row["units"]) for row in found],
        [int(row["returns"]) for row in found],
        [round(float(row["revenue"]), 2) for row in found],
    )


def best_sellers(database: Database, location: str = "", sku: str = "", hours: int = 168, limit: int = 10) -> list[Row]:
    """What sold most in the ``hours`` hours up to the newest sale."""
    sql = """
        SELECT sku, any(style) AS style, sum(sales_lines.net_units) AS units, sum(sales_lines.revenue) AS revenue
        FROM sales_lines
        WHERE occurred_at > (SELECT max(occurred_at) FROM sales_lines) - toIntervalHour({hours:UInt32})
          AND ({location:String} = '' OR location = {location:String})
          AND ({sku:String} = '' OR positionCaseInsensitiveUTF8(sku, {sku:String}) > 0)
        GROUP BY sku HAVING units != 0 ORDER BY units DESC, sku LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "sku": sku, "hours": hours, "limit": limit})


def freshness(database: Database) -> Row:
    """The newest thing archived: when it was appended, its age by ClickHouse's clock, and the time it speaks of."""
    sql = """
        SELECT max(newest) AS newest_fact_at, max(event) AS newest_event_at, count() > 0 AS has_facts,
               greatest(0, dateDiff('millisecond', newest_fact_at, now64(3)) / 1000) AS newest_fact_age_seconds
        FROM (
            SELECT max(appended_at) AS newest, max(occurred_at) AS event FROM stock_movements HAVING count() > 0
            UNION ALL
            SELECT max(appended_at), max(occurred_at) FROM stock_levels HAVING count() > 0
        )
    """
    row = database.rows(sql)[0]
    has_facts = bool(row.pop("has_facts"))
    return row if has_facts else dict.fromkeys(row)


def currency(database: Database) -> str:
    """The currency of every price, empty if there are several: sums over currencies mean nothing."""
    rows = database.rows("SELECT DISTINCT currency FROM items FINAL WHERE isNotNull(price) LIMIT 2")
    return str(rows[0]["currency"]) if len(rows) == 1 else ""


def accuracy(database: Database) -> list[Row]:
    """How well records agree with belief now, where readers sweep, the worst first."""
    return database.rows("SELECT * FROM record_accuracy ORDER BY share_accurate, location")


def forecast_quality(database: Database) -> list[Row]:
    """How far forecasts were off, over all days and locations, by level."""
    sql = """
        SELECT level, horizon, sum(q.cases) AS cases, min(day) AS first, max(day) AS last,
               sum(q.absolute_error) / sum(q.cases) AS mae, sum(q.absolute_error) / sum(q.units) AS wape,
               (sum(q.forecast_units) - sum(q.units)) / sum(q.units) AS bias,
               if(sum(q.cases_scaled) > 0, sum(q.scaled_error) / sum(q.cases_scaled), NULL) AS mase
        FROM demand_quality AS q FINAL GROUP BY level, horizon HAVING sum(q.units) > 0 ORDER BY level, horizon
    """
    return database.rows(sql)


def coverage(database: Database) -> list[Row]:
    """What quantiles were asked for and what they delivered; ``short`` where less, by more than chance explains.

    Chance is three standard errors of a share, and at least a hundredth.
    """
    sql = """
        SELECT level, horizon, stated, sum(covered * cases) / sum(cases) AS delivered, sum(c.cases) AS seen,
               stated - delivered > greatest(0.01, 3 * sqrt(stated * (1 - stated) / seen)) AS short
        FROM forecast_coverage AS c GROUP BY level, horizon, stated ORDER BY level, horizon, stated
    """
    return database.rows(sql)


def scorecards(database: Database) -> list[Row]:
    """How suppliers deliver over all locations, the least punctual first."""
    return database.rows("SELECT * FROM supplier_scorecards WHERE location = '' ORDER BY on_time_share, supplier")
