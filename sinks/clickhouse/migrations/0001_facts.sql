-- One table per fact topic. fact_id comes from the fact's cause, so the same fact said
-- twice has the same sorting key and FINAL keeps one row: the one said first, because
-- `keep_first` is greatest for the earliest `appended_at`.
-- Old data may be replayed: rows live 400 days after they were appended, whatever time
-- they speak of.

CREATE TABLE IF NOT EXISTS stock_movements (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    location LowCardinality(String),
    sku String,
    style String,
    kind LowCardinality(String),
    quantity Int64,
    units Int64,
    unit_price Nullable(Float64),
    zone LowCardinality(String),
    to_zone LowCardinality(String),
    channel LowCardinality(String),
    document String,
    event_key UInt64,
    retracts Bool,
    recorded_at DateTime64(3, 'UTC'),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, sku, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS stock_levels (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    location LowCardinality(String),
    sku String,
    style String,
    on_hand Int64,
    zones Map(String, Int32),
    on_order Int64,
    in_transit Int64,
    reserved Int64,
    backorders Int64,
    available Int64,
    inventory_position Int64,
    opening_known Bool,
    last_evidence_at Nullable(DateTime64(3, 'UTC')),
    log_partition Int32,
    log_offset Int64,
    input_appended_at DateTime64(3, 'UTC'),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, sku, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- The newest level of every location and SKU, kept as levels arrive: asking for stock
-- must not read its history. A level that arrives twice or late changes nothing.
CREATE TABLE IF NOT EXISTS stock_latest (
    location LowCardinality(String),
    sku String,
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    style String,
    on_hand Int64,
    zones Map(String, Int32),
    on_order Int64,
    in_transit Int64,
    reserved Int64,
    backorders Int64,
    available Int64,
    inventory_position Int64,
    opening_known Bool,
    last_evidence_at Nullable(DateTime64(3, 'UTC')),
    log_partition Int32,
    log_offset Int64,
    input_appended_at DateTime64(3, 'UTC'),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (location, sku)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS stock_latest_feed TO stock_latest AS
SELECT location, sku, fact_id, occurred_at, style, on_hand, zones, on_order, in_transit, reserved, backorders,
       available, inventory_position, opening_known, last_evidence_at, log_partition, log_offset,
       input_appended_at, toUInt64(log_offset) AS version
FROM stock_levels;

CREATE TABLE IF NOT EXISTS demand_forecasts (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    location LowCardinality(String),
    sku String,
    style String,
    mean_per_day Float64,
    variance_per_day Float64,
    days_observed Int64,
    model LowCardinality(String),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, sku, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- What a reorder was computed from stands in input_* columns; they are NULL for
-- revisions that carry no computation.
CREATE TABLE IF NOT EXISTS orders_reorders (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    schema_version Int64,
    order_id String,
    revision Int64,
    idempotency_key String,
    status LowCardinality(String),
    location LowCardinality(String),
    sku String,
    style String,
    supplier LowCardinality(String),
    quantity Int64,
    unit_of_measure LowCardinality(String),
    pack_units Int64,
    unit_cost Nullable(Float64),
    currency LowCardinality(String),
    requested_delivery_at Nullable(DateTime64(3, 'UTC')),
    erp_reference String,
    reason String,
    input_policy Nullable(String),
    input_rules_version Nullable(String),
    input_cycle_service_level Nullable(Float64),
    input_mean_per_day Nullable(Float64),
    input_variance_per_day Nullable(Float64),
    input_days_observed Nullable(Int64),
    input_lead_time_days Nullable(Float64),
    input_lead_time_sd_days Nullable(Float64),
    input_review_period_days Nullable(Float64),
    input_reorder_point Nullable(Int64),
    input_order_up_to_level Nullable(Int64),
    input_safety_stock Nullable(Float64),
    input_on_hand Nullable(Int64),
    input_on_order Nullable(Int64),
    input_backorders Nullable(Int64),
    input_reserved Nullable(Int64),
    input_inventory_position Nullable(Int64),
    input_need_units Nullable(Int64),
    input_minimum_order_units Nullable(Int64),
    input_pack_units Nullable(Int64),
    input_rounding_units Nullable(Int64),
    input_opening_known Nullable(Bool),
    input_appended_at DateTime64(3, 'UTC'),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, sku, order_id, revision, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS orders_transfers (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    schema_version Int64,
    order_id String,
    revision Int64,
    idempotency_key String,
    status LowCardinality(String),
    origin LowCardinality(String),
    destination LowCardinality(String),
    sku String,
    style String,
    quantity Int64,
    expected_gain Float64,
    expected_cost Float64,
    currency LowCardinality(String),
    reason String,
    input_appended_at DateTime64(3, 'UTC'),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (origin, sku, order_id, revision, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS alerts (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    alert_id String,
    fingerprint String,
    kind LowCardinality(String),
    severity LowCardinality(String),
    state LowCardinality(String),
    starts_at DateTime64(3, 'UTC'),
    ends_at Nullable(DateTime64(3, 'UTC')),
    location LowCardinality(String),
    sku String,
    device String,
    summary String,
    money_at_risk_per_hour Nullable(Float64),
    currency LowCardinality(String),
    input_appended_at DateTime64(3, 'UTC'),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (fingerprint, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS tasks (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    task_id String,
    kind LowCardinality(String),
    status LowCardinality(String),
    location LowCardinality(String),
    sku String,
    style String,
    zone LowCardinality(String),
    quantity Int64,
    reason String,
    input_appended_at DateTime64(3, 'UTC'),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, task_id, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Said by intake, which has no memory: a repeated dead letter may carry another
-- recorded_at, so neither partition nor sorting key hold a time.
CREATE TABLE IF NOT EXISTS dead_letters (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    reason LowCardinality(String),
    message String,
    topic LowCardinality(String),
    `partition` Int32,
    `offset` Int64,
    field String,
    value String,
    units Nullable(Float64),
    raw String CODEC(ZSTD(3)),
    raw_key String,
    recorded_at DateTime64(3, 'UTC'),
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
ORDER BY (topic, `partition`, `offset`, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;
