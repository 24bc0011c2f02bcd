-- What came of an order. Of orders that were said before nobody noted it: received was all of them.
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS received_units Int64 DEFAULT if(status = 'received', quantity, 0)
    AFTER quantity;

-- A received order costs what came of it.
CREATE OR REPLACE VIEW orders_now AS
SELECT order_id, revision, status, location, sku, style, supplier, quantity, received_units, unit_of_measure, pack_units,
       unit_cost, if(status = 'received', received_units, quantity) * unit_cost AS cost, currency,
       requested_delivery_at, erp_reference, reason, occurred_at, appended_at,
       dateDiff('second', appended_at, now64(3)) AS age_seconds
FROM orders_reorders FINAL
ORDER BY order_id, revision DESC, appended_at DESC, kafka_offset DESC
LIMIT 1 BY order_id;

CREATE OR REPLACE VIEW open_orders AS
SELECT * FROM orders_now
WHERE status NOT IN ('rejected', 'received', 'superseded', 'cancelled');
