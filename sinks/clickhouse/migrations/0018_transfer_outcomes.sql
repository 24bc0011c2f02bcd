-- What came of transfers that moved units.
CREATE TABLE IF NOT EXISTS transfers_outcomes (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    order_id String,
    origin LowCardinality(String),
    destination LowCardinality(String),
    sku String,
    style String,
    arrived_at Nullable(DateTime64(3, 'UTC')),
    days Int32,
    proposed_units Int64,
    shipped_units Int64,
    received_units Int64,
    destination_demand_units Float64,
    origin_demand_units Float64,
    sold_units Float64,
    lost_units Float64,
    expected_gain Float64,
    expected_cost Float64,
    earned Float64,
    currency LowCardinality(String),
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (destination, sku, occurred_at, fact_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- What transfers of each way were to bring after their costs, and what they brought.
CREATE VIEW IF NOT EXISTS transfer_uplift AS
SELECT
    origin,
    destination,
    currency,
    count() AS transfers,
    countIf(earned > expected_cost) AS paid,
    sum(received_units) AS units,
    round(sum(sold_units), 2) AS sold_units_more,
    round(sum(lost_units), 2) AS lost_units_more,
    round(sum(expected_gain - expected_cost), 2) AS expected_net,
    round(sum(earned - expected_cost), 2) AS actual_net
FROM transfers_outcomes FINAL
GROUP BY origin, destination, currency;

ALTER TABLE locations ADD COLUMN IF NOT EXISTS holdback_share Float64 DEFAULT 0 AFTER subdivision;
