"""What the command line and the console ask. Parameters are bound, never written into the SQL.

Every function takes the :class:`Database` and answers rows by column name;
an empty text as a filter means all.
"""

from typing import Any

from sinks.clickhouse.client import Database, Row
from sinks.clickhouse.tables import TABLES

LEAST_MONEY = 0.005
"""An amount that is shown as 0.00 says nothing."""
_COUNT = "SELECT count() AS total FROM {} FINAL"
_BECAUSE = "if(status = 'pending', {0}, replaceRegexpOne({0}, '; waits for .*$', ''))"
"""Why something was decided; that it waited is not why once it does no more."""

_DECIDED = """
    SELECT order_id, argMax(reason, revision) AS because, argMax(occurred_at, revision) AS computed_at
    FROM orders_reorders FINAL WHERE isNotNull(input_policy) GROUP BY order_id
"""


def stock(database: Database, location: str = "", sku: str = "", limit: int = 100) -> list[Row]:
    """Book and believed stock by location and SKU."""
    sql = """
        SELECT * FROM stock_believed WHERE ({location:String} = '' OR location = {location:String})
          AND ({sku:String} = '' OR sku = {sku:String})
        ORDER BY location, sku LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "sku": sku, "limit": limit})


def negative_book(database: Database, limit: int = 100) -> list[Row]:
    """Where more was sold than was there, worst first."""
    sql = "SELECT * FROM negative_book ORDER BY on_hand, location, sku LIMIT {limit:UInt32}"
    return database.rows(sql, {"limit": limit})


def surplus(database: Database, location: str = "", sku: str = "", limit: int = 100) -> list[Row]:
    """Stocks unlikely to sell in time, those that tie up most first."""
    sql = """
        SELECT * FROM surplus_now WHERE ({location:String} = '' OR location = {location:String})
          AND ({sku:String} = '' OR sku = {sku:String})
        ORDER BY tied_up DESC NULLS LAST, expected_unsold_units DESC, location, sku LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "sku": sku, "limit": limit})


def shadows(database: Database) -> list[Row]:
    """The comparisons that are played, by log partition and currency, each with its last promotion, if any."""
    sql = """
        SELECT n.*, p.action AS action, p.occurred_at AS turned_at, p.reason AS reason FROM shadow_now AS n LEFT JOIN (
            SELECT log_partition, currency, action, occurred_at, reason FROM decisions_promotions FINAL
            WHERE action != 'kept' ORDER BY occurred_at DESC, log_offset DESC LIMIT 1 BY log_partition, currency
        ) AS p ON p.log_partition = n.log_partition AND p.currency = n.currency
        ORDER BY n.log_partition, n.currency SETTINGS join_use_nulls = 1
    """
    return database.rows(sql)


def orders(database: Database, state: str = "open", location: str = "", limit: int = 100) -> list[Row]:
    """Purchase suggestions as they stand: those that wait for somebody, then those the ERP has not taken, then others.

    The last decided of each first. ``state`` is ``open``, ``all`` or one status. ``decided_because`` and ``decided_at``
    are of the last computation, whatever was answered since.
    """
    sql = """
        SELECT o.*, if(w.because = '', o.reason, {because}) AS decided_because,
               if(w.because = '', o.occurred_at, w.computed_at) AS decided_at FROM (
            SELECT *, multiIf(status = 'pending', 0, status IN ('proposed', 'amended', 'approved'), 1,
                              status IN ('acknowledged', 'shipped'), 2, 3) AS turn
            FROM orders_now
            WHERE multiIf({state:String} = 'all', true,
                          {state:String} = 'open', status NOT IN ('rejected', 'received', 'superseded', 'cancelled'),
                          status = {state:String}) AND ({location:String} = '' OR location = {location:String})
        ) AS o LEFT JOIN ({decided}) AS w ON w.order_id = o.order_id
        ORDER BY turn, decided_at DESC, appended_at DESC, order_id LIMIT {limit:UInt32}
    """.replace("{decided}", _DECIDED).replace("{because}", _BECAUSE.format("w.because"))
    return [_without(row, "turn") for row in database.rows(sql, {"state": state, "location": location, "limit": limit})]


def newest_orders(database: Database, limit: int = 5) -> list[Row]:
    """Open purchase suggestions, newest first; ``decided_because`` as for ``orders``."""
    sql = """
        SELECT o.*, if(w.because = '', o.reason, {because}) AS decided_because
        FROM open_orders AS o LEFT JOIN ({decided}) AS w ON w.order_id = o.order_id
        ORDER BY appended_at DESC, order_id LIMIT {n:UInt32}
    """.replace("{decided}", _DECIDED).replace("{because}", _BECAUSE.format("w.because"))
    return database.rows(sql, {"n": limit})


def known_locations(database: Database) -> list[str]:
    """Every location that has stock or was told of."""
    return _names(database, "SELECT location AS name FROM stock_latest UNION DISTINCT SELECT location FROM locations")


def known_skus(database: Database) -> list[str]:
    """Every SKU that has stock or was told of."""
    return _names(database, "SELECT sku AS name FROM stock_latest UNION DISTINCT SELECT sku FROM items")


def transfers(database: Database, state: str = "open", location: str = "", limit: int = 100) -> list[Row]:
    """Moves between locations as they stand; ``location`` is either end.

    ``decided_because`` is why it was first proposed, whatever was answered or changed since.
    """
    sql = """
        SELECT t.*, if(w.because = '', t.reason, {because}) AS decided_because FROM transfers_now AS t LEFT JOIN (
            SELECT order_id, argMin(reason, revision) AS because
            FROM orders_transfers FINAL WHERE isNotNull(input_trigger) GROUP BY order_id
        ) AS w ON w.order_id = t.order_id
        WHERE multiIf({state:String} = 'all', true,
                      {state:String} = 'open', status NOT IN ('rejected', 'received', 'superseded', 'cancelled'),
                      status = {state:String})
          AND ({location:String} = '' OR {location:String} IN (origin, destination))
        ORDER BY appended_at DESC, order_id LIMIT {limit:UInt32}
    """.replace("{because}", _BECAUSE.format("w.because"))
    return database.rows(sql, {"state": state, "location": location, "limit": limit})


def budgets(database: Database, limit: int = 100) -> list[Row]:
    """How every budget stands, those that end first on top."""
    return database.rows("SELECT * FROM budgets_now ORDER BY ends_at, budget LIMIT {limit:UInt32}", {"limit": limit})


def budget_queue(database: Database, limit: int = 100) -> list[Row]:
    """Orders that wait for money, those that earn most with it first."""
    sql = "SELECT * FROM budget_queue ORDER BY gain_per_money DESC NULLS LAST, order_id LIMIT {limit:UInt32}"
    return database.rows(sql, {"limit": limit})


def order_history(database: Database, order_id: str) -> list[Row]:
    """Every state of one order in the order the fold said them, with what it was computed from."""
    sql = """
        SELECT * FROM orders_reorders FINAL WHERE order_id = {order_id:String}
        ORDER BY log_offset, revision, kafka_partition, kafka_offset
    """
    return database.rows(sql, {"order_id": order_id})


def transfer_history(database: Database, order_id: str) -> list[Row]:
    """Every state of one transfer, with what it was computed from."""
    sql = """
        SELECT * FROM orders_transfers FINAL WHERE order_id = {order_id:String}
        ORDER BY log_offset, revision, kafka_partition, kafka_offset
    """
    return database.rows(sql, {"order_id": order_id})


def transfer_outcome(database: Database, order_id: str) -> Row | None:
    """What came of a transfer; None where that is not said yet."""
    rows = database.rows(
        "SELECT * FROM transfers_outcomes FINAL WHERE judged AND order_id = {order_id:String}", {"order_id": order_id}
    )
    return rows[0] if rows else None


def held_out(database: Database, location: str = "", limit: int = 100) -> list[Row]:
    """Transfers that are planned and not sent, to compare the others with; ``location`` is either end."""
    sql = """
        SELECT * FROM held_out_now
        WHERE ({location:String} = '' OR {location:String} IN (origin, destination))
        ORDER BY held_until, destination, sku LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "limit": limit})


def held_out_decisions(database: Database, name: str) -> list[Row]:
    """What was said of transfers of this name that were held out: first why, then what would have come of it."""
    sql = """
        SELECT * FROM transfers_outcomes FINAL WHERE held_out AND order_id IN (
            SELECT order_id FROM transfers_outcomes
            WHERE toString(fact_id) = {name:String}
                OR (length({name:String}) >= 4 AND startsWith(order_id, {name:String}))
        )
        ORDER BY order_id, judged
    """
    return database.rows(sql, {"name": name})


def reorder_decisions(database: Database, name: str) -> list[Row]:
    """Every state of the reorders that go by a name, in the order the log made them.

    The name is an order id or its beginning, one with a revision, a fact id, or the ERP's own number.
    """
    sql = """
        SELECT * FROM orders_reorders FINAL WHERE order_id IN (
            SELECT order_id FROM orders_reorders
            WHERE {name:String} IN (toString(fact_id), idempotency_key, erp_reference)
                OR (length({name:String}) >= 4 AND startsWith(order_id, {name:String}))
        )
        ORDER BY order_id, log_offset, revision, kafka_partition, kafka_offset
    """
    return database.rows(sql, {"name": name})


def transfer_decisions(database: Database, name: str) -> list[Row]:
    """The same of transfers; the ERP's number is not kept of them."""
    sql = """
        SELECT * FROM orders_transfers FINAL WHERE order_id IN (
            SELECT order_id FROM orders_transfers
            WHERE {name:String} IN (toString(fact_id), idempotency_key)
                OR (length({name:String}) >= 4 AND startsWith(order_id, {name:String}))
        )
        ORDER BY order_id, log_offset, revision, kafka_partition, kafka_offset
    """
    return database.rows(sql, {"name": name})


def alerts(database: Database, limit: int = 100, kind: str = "") -> list[Row]:
    """Conditions that hold now, most severe first."""
    sql = """
        SELECT * FROM open_alerts WHERE ({kind:String} = '' OR kind = {kind:String})
        ORDER BY indexOf(['critical', 'error', 'warning', 'info'], severity), starts_at, fingerprint
        LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"limit": limit, "kind": kind})


def alert_kinds(database: Database) -> list[Row]:
    """How many alerts of each kind are open, the most first."""
    return database.rows("SELECT kind, count() AS alerts FROM open_alerts GROUP BY kind ORDER BY alerts DESC, kind")


def alert_history(database: Database, name: str) -> list[Row]:
    """Every state of the alerts that go by a name, in order: an id or its beginning, or a fact id."""
    return _history(database, "alerts", "alert_id", name)


def task_history(database: Database, name: str) -> list[Row]:
    """The same of tasks."""
    return _history(database, "tasks", "task_id", name)


def _history(database: Database, table: str, key: str, name: str) -> list[Row]:
    sql = f"""
        SELECT * FROM {table} FINAL WHERE {key} IN (
            SELECT {key} FROM {table} WHERE {{name:String}} IN (toString(fact_id), {key})
                OR (length({{name:String}}) >= 4 AND startsWith({key}, {{name:String}}))
        )
        ORDER BY {key}, appended_at, kafka_partition, kafka_offset
    """  # noqa: S608 - table and key are written above
    return database.rows(sql, {"name": name})


def facts_named(database: Database, name: str) -> list[tuple[str, Row]]:
    """The fact of an id, whole, with the table it is in; none or one."""
    for table in TABLES.values():
        if "fact_id" not in table.column_names:
            continue
        sql = f"SELECT * FROM {table.name} FINAL WHERE toString(fact_id) = {{name:String}} LIMIT 1"  # noqa: S608
        rows = database.rows(sql, {"name": name})
        if rows:
            return [(table.name, rows[0])]
    return []


def tasks(database: Database, location: str = "", limit: int = 100) -> list[Row]:
    """Open work for people, oldest first."""
    sql = """
        SELECT * FROM open_tasks WHERE ({location:String} = '' OR location = {location:String})
        ORDER BY asked_at, task_id LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "limit": limit})


def movements(database: Database, location: str = "", sku: str = "", limit: int = 100) -> list[Row]:
    """The latest accepted changes of stock, newest first."""
    sql = """
        SELECT * FROM stock_movements FINAL WHERE ({location:String} = '' OR location = {location:String})
          AND ({sku:String} = '' OR sku = {sku:String})
        ORDER BY occurred_at DESC, fact_id LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "sku": sku, "limit": limit})


def sales_by_day(database: Database, location: str = "", sku: str = "", limit: int = 1000) -> list[Row]:
    """Units, returns and revenue per day, newest first."""
    sql = """
        SELECT * FROM sales_by_day WHERE ({location:String} = '' OR location = {location:String})
          AND ({sku:String} = '' OR sku = {sku:String})
        ORDER BY day DESC, location, sku LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "sku": sku, "limit": limit})


def sales_by_hour(database: Database, location: str = "", sku: str = "", limit: int = 1000) -> list[Row]:
    """Units, returns and revenue per hour, newest first."""
    sql = """
        SELECT * FROM sales_by_hour WHERE ({location:String} = '' OR location = {location:String})
          AND ({sku:String} = '' OR sku = {sku:String})
        ORDER BY hour DESC, location, sku LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"location": location, "sku": sku, "limit": limit})


def dead_letters(database: Database, reason: str = "", limit: int = 100) -> list[Row]:
    """Inputs that were not understood, newest first, without their bytes."""
    sql = """
        SELECT * EXCEPT (raw, raw_key) FROM dead_letters FINAL
        WHERE {reason:String} = '' OR reason = {reason:String}
        ORDER BY occurred_at DESC, fact_id LIMIT {limit:UInt32}
    """
    return database.rows(sql, {"reason": reason, "limit": limit})


def dead_letters_by_reason(database: Database) -> list[Row]:
    """What was not understood, by topic and reason; ``units_spoken_of`` have no sign, NULL where none is known."""
    sql = """
        SELECT r.*, s.units_spoken_of AS units_spoken_of FROM dead_letters_by_reason AS r INNER JOIN (
            SELECT topic, reason, sum(abs(d.units)) AS units_spoken_of FROM dead_letters AS d FINAL
            GROUP BY topic, reason
        ) AS s ON s.topic = r.topic AND s.reason = r.reason
        ORDER BY letters DESC, topic, reason
    """
    return database.rows(sql)


def latency(database: Database) -> list[Row]:
    """Milliseconds from a reading's arrival to the decision it caused: one row per kind of decision."""
    return database.rows("SELECT * FROM decision_latency ORDER BY decision")


def conservation_gaps(database: Database, limit: int = 100) -> list[Row]:
    """Locations and SKUs whose movements do not add up to their stock: none, if all is well."""
    sql = (
        "SELECT * FROM conservation WHERE difference != 0 ORDER BY abs(difference) DESC, location, sku LIMIT {n:UInt32}"
    )
    return database.rows(sql, {"n": limit})


def table_counts(database: Database) -> dict[str, int]:
    """Rows of each table, a fact said twice counted once."""
    return {table.name: _single(database, _COUNT.format(table.name)) for table in TABLES.values()}


def net_units_total(database: Database) -> int:
    """Units sold less units brought back, everywhere."""
    return int(_single(database, "SELECT sum(net_units) AS total FROM net_units"))


def dead_letter_units_total(database: Database) -> float:
    """Units that rejected input spoke of, as far as it could be told."""
    return float(_single(database, "SELECT sum(ifNull(units, 0)) AS total FROM dead_letters FINAL"))


def _names(database: Database, sql: str) -> list[str]:
    return sorted(row["name"] for row in database.rows(sql))


def _without(row: Row, name: str) -> Row:
    return {column: value for column, value in row.items() if column != name}


def _single(database: Database, sql: str) -> Any:
    return database.rows(sql)[0]["total"]
