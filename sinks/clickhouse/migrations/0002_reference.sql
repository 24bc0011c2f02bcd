-- Names and prices beside the numbers. The newest record of a key wins; a retired key
-- (an empty Kafka value) disappears from FINAL.

CREATE TABLE IF NOT EXISTS items (
    sku String,
    style String,
    name String,
    colour String,
    size String,
    category LowCardinality(String),
    gtin Nullable(String),
    aliases Array(String),
    price Nullable(Float64),
    cost Nullable(Float64),
    currency LowCardinality(String),
    pack Int64,
    minimum_order_units Int64,
    shelf_minimum_units Int64,
    supplier LowCardinality(String),
    season_end Nullable(DateTime64(3, 'UTC')),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    version UInt64,
    retired UInt8
) ENGINE = ReplacingMergeTree(version, retired)
ORDER BY sku
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS locations (
    location String,
    kind LowCardinality(String),
    name String,
    gln Nullable(String),
    aliases Array(String),
    timezone LowCardinality(String),
    cluster LowCardinality(String),
    replenished Bool,
    book_source LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    version UInt64,
    retired UInt8
) ENGINE = ReplacingMergeTree(version, retired)
ORDER BY location
SETTINGS non_replicated_deduplication_window = 1000;
