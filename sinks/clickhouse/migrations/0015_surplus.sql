-- Units that are unlikely to sell by their season's end or within a year, and what a markdown would do.
CREATE TABLE IF NOT EXISTS stock_surplus (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    location LowCardinality(String),
    sku String,
    style LowCardinality(String),
    state LowCardinality(String),
    kind LowCardinality(String),
    season_end Nullable(Date32),
    horizon_days Float64,
    units Int64,
    on_hand Int64,
    mean_per_day Float64,
    expected_unsold_units Float64,
    probability_all_sold Float64,
    price Nullable(Float64),
    currency LowCardinality(String),
    elasticity Float64,
    markdown Float64,
    clearing_markdown Nullable(Float64),
    expected_revenue Nullable(Float64),
    marked_down_unsold_units Float64,
    marked_down_probability_all_sold Float64,
    marked_down_revenue Nullable(Float64),
    tied_up Nullable(Float64),
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, sku, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- What is unlikely to sell now, with names.
CREATE VIEW IF NOT EXISTS surplus_now AS
SELECT s.*, i.name AS name, i.category AS category
FROM (
    SELECT * FROM stock_surplus FINAL
    ORDER BY location, sku, occurred_at DESC, log_offset DESC LIMIT 1 BY location, sku
) AS s
LEFT JOIN (SELECT sku, name, category FROM items FINAL) AS i ON i.sku = s.sku
WHERE s.state = 'open';
