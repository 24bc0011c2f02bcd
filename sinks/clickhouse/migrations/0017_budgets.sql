-- What orders ask of budgets and what they were given, line by line.
CREATE TABLE IF NOT EXISTS budgets_ledger (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    order_id String,
    revision Int64,
    status LowCardinality(String),
    budgets Array(String),
    location LowCardinality(String),
    sku String,
    style LowCardinality(String),
    supplier LowCardinality(String),
    quantity Int64,
    counted_units Int64,
    unit_cost Nullable(Float64),
    currency LowCardinality(String),
    first_lot_units Int64,
    lot_units Int64,
    lot_gains Array(Float64),
    needs_person Bool,
    release String,
    after String,
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (order_id, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS budgets_status (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    budget String,
    name String,
    state LowCardinality(String),
    amount Float64,
    committed Float64,
    left Float64,
    currency LowCardinality(String),
    starts_at DateTime64(3, 'UTC'),
    ends_at DateTime64(3, 'UTC'),
    committed_orders Int64,
    waiting_orders Int64,
    for_person_orders Int64,
    waiting_cost Float64,
    waiting_gain Float64,
    released_at Nullable(DateTime64(3, 'UTC')),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (budget, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- How every budget stood when it was said last.
CREATE VIEW IF NOT EXISTS budgets_now AS
SELECT * FROM budgets_status FINAL
ORDER BY budget, appended_at DESC, kafka_offset DESC LIMIT 1 BY budget;

ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS budgets Array(String) AFTER erp_reference;

-- Orders that wait for money, by what a unit of money in them is expected to earn.
CREATE VIEW IF NOT EXISTS budget_queue AS
SELECT c.order_id AS order_id, c.budgets AS budgets, c.location AS location, c.sku AS sku, c.quantity AS quantity,
       c.quantity * c.unit_cost AS cost, c.currency AS currency, arraySum(c.lot_gains) AS gain,
       gain / nullIf(cost, 0) AS gain_per_money, c.needs_person AS needs_person, o.reason AS reason,
       c.occurred_at AS occurred_at
FROM (
    SELECT * FROM budgets_ledger FINAL WHERE kind = 'claim'
    ORDER BY order_id, log_offset DESC, revision DESC, kafka_offset DESC LIMIT 1 BY order_id
) AS c
LEFT JOIN (SELECT order_id, status, reason FROM orders_now) AS o ON o.order_id = c.order_id
WHERE c.status = 'pending' AND o.status IN ('pending', '');

-- What budgets gave to whom.
CREATE VIEW IF NOT EXISTS budget_releases AS
SELECT order_id, revision, budgets, location, sku, quantity, quantity * unit_cost AS cost, currency, release, occurred_at,
       appended_at
FROM budgets_ledger FINAL WHERE kind = 'grant';
