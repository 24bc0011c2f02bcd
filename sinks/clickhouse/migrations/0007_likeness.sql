-- Which locations sell alike, of the styles of each log partition.
CREATE TABLE IF NOT EXISTS demand_clusters (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    day Date32,
    location LowCardinality(String),
    cluster Int32,
    before Nullable(Int32),
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, log_partition, occurred_at, fact_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- The cluster that every log partition has a location in; numbers of two partitions have nothing to do with each other.
CREATE VIEW IF NOT EXISTS store_clusters AS
SELECT * FROM demand_clusters FINAL
ORDER BY location, log_partition, occurred_at DESC LIMIT 1 BY location, log_partition;

-- In what share of the log partitions that know both are two locations of one cluster?
CREATE VIEW IF NOT EXISTS stores_alike AS
SELECT a.location AS location, b.location AS other, count() AS partitions, avg(a.cluster = b.cluster) AS share_together
FROM store_clusters AS a
INNER JOIN store_clusters AS b ON a.log_partition = b.log_partition
WHERE a.location != b.location
GROUP BY location, other;

-- How demand divides over the sizes of a category's size-set, said weekly by every log partition that sold some.
CREATE TABLE IF NOT EXISTS demand_sizes (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    day Date32,
    location LowCardinality(String),
    category LowCardinality(String),
    size_set LowCardinality(String),
    shares Map(String, Float64),
    units Float64,
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, category, size_set, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- The newest curves, one row per size, those of the log partitions averaged by the units behind them.
CREATE VIEW IF NOT EXISTS size_curves AS
SELECT location, category, size_set, size, sum(part * sold) / sum(sold) AS share, sum(sold) AS units, max(said) AS day
FROM (
    SELECT location, category, size_set, c.day AS said, c.units AS sold, size, part
    FROM (
        SELECT * FROM demand_sizes FINAL
        ORDER BY location, category, size_set, log_partition, occurred_at DESC
        LIMIT 1 BY location, category, size_set, log_partition
    ) AS c
    ARRAY JOIN mapKeys(c.shares) AS size, mapValues(c.shares) AS part
)
GROUP BY location, category, size_set, size;
