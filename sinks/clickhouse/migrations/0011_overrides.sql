-- What came of suggestions that somebody rejected or changed.
CREATE TABLE IF NOT EXISTS orders_overrides (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    order_id String,
    location LowCardinality(String),
    sku String,
    style String,
    by LowCardinality(String),
    reason String,
    decided_at DateTime64(3, 'UTC'),
    days Int32,
    position_units Int64,
    suggested_units Int64,
    chosen_units Int64,
    demand_units Float64,
    suggested_short_units Float64,
    chosen_short_units Float64,
    suggested_left_units Float64,
    chosen_left_units Float64,
    suggested_cost Float64,
    chosen_cost Float64,
    currency LowCardinality(String),
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, sku, occurred_at, fact_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- Whose changes paid: cost of what was suggested less cost of what was chosen.
CREATE VIEW IF NOT EXISTS override_scores AS
SELECT
    by,
    currency,
    count() AS overrides,
    countIf(chosen_cost < suggested_cost) AS better,
    countIf(chosen_cost > suggested_cost) AS worse,
    round(sum(suggested_cost - chosen_cost), 2) AS gain
FROM orders_overrides FINAL
GROUP BY by, currency;
