-- How suppliers deliver, lane by lane and over all ('' as location), said by every log partition when it changed.
CREATE TABLE IF NOT EXISTS suppliers_scorecards (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    day Date32,
    supplier LowCardinality(String),
    location LowCardinality(String),
    orders Float64,
    mean_days Float64,
    median_days Int64,
    days_95 Int64,
    delivered_share Float64,
    on_time_share Float64,
    overdue_open Int64,
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (supplier, location, log_partition, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- The newest scorecards, those of the log partitions averaged by the orders behind them (a little where none is closed).
CREATE VIEW IF NOT EXISTS supplier_scorecards AS
SELECT supplier, location, sum(known) AS orders, sum(mean * weight) / sum(weight) AS mean_days,
       sum(median * weight) / sum(weight) AS median_days, sum(late * weight) / sum(weight) AS days_95,
       sum(delivered * weight) / sum(weight) AS delivered_share, sum(on_time * weight) / sum(weight) AS on_time_share,
       sum(overdue) AS overdue_open, max(said) AS day
FROM (
    SELECT supplier, location, c.orders AS known, greatest(c.orders, 0.001) AS weight, c.mean_days AS mean,
           c.median_days AS median, c.days_95 AS late, c.delivered_share AS delivered, c.on_time_share AS on_time,
           c.overdue_open AS overdue, c.day AS said
    FROM (
        SELECT * FROM suppliers_scorecards FINAL
        ORDER BY supplier, location, log_partition, occurred_at DESC LIMIT 1 BY supplier, location, log_partition
    ) AS c
)
GROUP BY supplier, location;
