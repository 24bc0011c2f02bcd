-- What operations ask first. Every view reads deduplicated rows (FINAL), so that a fact
-- said twice counts once. What each answers stands in README.md beside this folder.

CREATE VIEW IF NOT EXISTS stock_now AS
SELECT s.location AS location, l.name AS location_name, s.sku AS sku, s.style AS style, i.name AS name,
       i.colour AS colour, i.size AS size, i.category AS category, s.on_hand AS on_hand, s.zones AS zones,
       s.on_order AS on_order, s.in_transit AS in_transit, s.reserved AS reserved, s.backorders AS backorders,
       s.available AS available, s.inventory_position AS inventory_position, s.opening_known AS opening_known,
       i.price AS price, i.currency AS currency, s.occurred_at AS occurred_at,
       s.last_evidence_at AS last_evidence_at, s.log_partition AS log_partition, s.log_offset AS log_offset
FROM (SELECT * FROM stock_latest FINAL) AS s
LEFT JOIN (SELECT sku, name, colour, size, category, price, currency FROM items FINAL) AS i ON i.sku = s.sku
LEFT JOIN (SELECT location, name FROM locations FINAL) AS l ON l.location = s.location;

CREATE VIEW IF NOT EXISTS negative_book AS
SELECT location, location_name, sku, style, name, on_hand, opening_known, occurred_at
FROM stock_now
WHERE on_hand < 0;

CREATE VIEW IF NOT EXISTS orders_now AS
SELECT order_id, revision, status, location, sku, style, supplier, quantity, unit_of_measure, pack_units, unit_cost,
       quantity * unit_cost AS cost, currency, requested_delivery_at, erp_reference, reason, occurred_at, appended_at,
       dateDiff('second', appended_at, now64(3)) AS age_seconds
FROM orders_reorders FINAL
ORDER BY order_id, revision DESC, appended_at DESC, kafka_offset DESC
LIMIT 1 BY order_id;

CREATE VIEW IF NOT EXISTS open_orders AS
SELECT * FROM orders_now
WHERE status NOT IN ('rejected', 'received', 'superseded', 'cancelled');

CREATE VIEW IF NOT EXISTS transfers_now AS
SELECT order_id, revision, status, origin, destination, sku, style, quantity, expected_gain, expected_cost, currency,
       reason, occurred_at, appended_at, dateDiff('second', appended_at, now64(3)) AS age_seconds
FROM orders_transfers FINAL
ORDER BY order_id, revision DESC, appended_at DESC, kafka_offset DESC
LIMIT 1 BY order_id;

CREATE VIEW IF NOT EXISTS open_transfers AS
SELECT * FROM transfers_now
WHERE status NOT IN ('rejected', 'received', 'superseded', 'cancelled');

-- A return lowers what was sold, and so does the void of a sale; a damaged return does
-- too, though its units do not go back into stock.
CREATE VIEW IF NOT EXISTS sales_lines AS
SELECT location, sku, style, channel, occurred_at, kind,
       if(retracts, -1, 1) * abs(units) AS moved_units,
       if(kind IN ('sale', 'damaged_sale'), moved_units, 0) AS sold_units,
       if(kind IN ('sale', 'damaged_sale'), 0, moved_units) AS returned_units,
       sold_units - returned_units AS net_units,
       net_units * ifNull(unit_price, 0) AS revenue
FROM (SELECT * FROM stock_movements FINAL)
WHERE kind IN ('sale', 'damaged_sale', 'return', 'damaged_return', 'void', 'damaged_void');

CREATE VIEW IF NOT EXISTS sales_by_hour AS
SELECT location, sku, any(style) AS style, toStartOfHour(occurred_at) AS hour, sum(sold_units) AS units,
       sum(returned_units) AS returns, sum(sales_lines.net_units) AS net_units, sum(sales_lines.revenue) AS revenue
FROM sales_lines
GROUP BY location, sku, hour;

CREATE VIEW IF NOT EXISTS sales_by_day AS
SELECT location, sku, any(style) AS style, toDate(occurred_at) AS day, sum(sold_units) AS units,
       sum(returned_units) AS returns, sum(sales_lines.net_units) AS net_units, sum(sales_lines.revenue) AS revenue
FROM sales_lines
GROUP BY location, sku, day;

CREATE VIEW IF NOT EXISTS net_units AS
SELECT location, sku, any(style) AS style, sum(sold_units) AS units, sum(returned_units) AS returns,
       sum(sales_lines.net_units) AS net_units, sum(sales_lines.revenue) AS revenue
FROM sales_lines
GROUP BY location, sku;

CREATE VIEW IF NOT EXISTS dead_letters_by_reason AS
SELECT topic, reason, count() AS letters, sum(ifNull(dead_letters.units, 0)) AS units,
       countIf(isNull(dead_letters.units)) AS letters_of_unknown_units, min(occurred_at) AS first_at,
       max(occurred_at) AS last_at, argMax(message, occurred_at) AS last_message
FROM dead_letters FINAL
GROUP BY topic, reason;

CREATE VIEW IF NOT EXISTS open_alerts AS
SELECT *, dateDiff('second', starts_at, now64(3)) AS age_seconds
FROM (
    SELECT * FROM alerts FINAL
    ORDER BY fingerprint, appended_at DESC, kafka_offset DESC
    LIMIT 1 BY fingerprint
)
WHERE state = 'firing';

CREATE VIEW IF NOT EXISTS open_tasks AS
SELECT *, dateDiff('second', appended_at, now64(3)) AS age_seconds
FROM (
    SELECT * FROM tasks FINAL
    ORDER BY task_id, appended_at DESC, kafka_offset DESC
    LIMIT 1 BY task_id
)
WHERE status = 'open';

-- From the broker's stamp on the reading to its stamp on the decision it caused, both
-- by the broker's clock.
CREATE VIEW IF NOT EXISTS decision_latency AS
SELECT decision, count() AS decisions, quantileExact(0.5)(latency_ms) AS p50_ms,
       quantileExact(0.99)(latency_ms) AS p99_ms, max(latency_ms) AS max_ms
FROM (
    SELECT 'reorder' AS decision, order_id, argMin(date_diff('millisecond', input_appended_at, appended_at), revision)
           AS latency_ms
    FROM (SELECT * FROM orders_reorders FINAL) WHERE status = 'proposed' GROUP BY order_id
    UNION ALL
    SELECT 'transfer' AS decision, order_id, argMin(date_diff('millisecond', input_appended_at, appended_at), revision)
           AS latency_ms
    FROM (SELECT * FROM orders_transfers FINAL) WHERE status = 'proposed' GROUP BY order_id
)
GROUP BY decision;

-- Units neither appear nor vanish: what moved adds up to what is there.
CREATE VIEW IF NOT EXISTS conservation AS
SELECT location, sku, sum(moved) AS movements, sum(believed) AS on_hand, movements - on_hand AS difference,
       sum(opening_) AS opening, sum(sales_) AS sales, sum(returns_) AS returns, sum(receipts_) AS receipts,
       sum(transfers_) AS transfers, sum(counts_) AS count_corrections, sum(other_) AS other
FROM (
    SELECT location, sku, quantity AS moved, toInt64(0) AS believed,
           if(kind = 'opening', quantity, 0) AS opening_,
           if(kind IN ('sale', 'damaged_sale'), quantity, 0) AS sales_,
           if(kind IN ('return', 'damaged_return', 'void', 'damaged_void'), quantity, 0) AS returns_,
           if(kind = 'receipt', quantity, 0) AS receipts_,
           if(kind IN ('transfer_in', 'transfer_out'), quantity, 0) AS transfers_,
           if(kind = 'count_correction', quantity, 0) AS counts_,
           moved - opening_ - sales_ - returns_ - receipts_ - transfers_ - counts_ AS other_
    FROM (SELECT * FROM stock_movements FINAL)
    UNION ALL
    SELECT location, sku, toInt64(0), latest.on_hand, 0, 0, 0, 0, 0, 0, 0
    FROM (SELECT * FROM stock_latest FINAL) AS latest
)
GROUP BY location, sku;
