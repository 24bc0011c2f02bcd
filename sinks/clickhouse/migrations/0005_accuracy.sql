-- How likely an alert is, transfers that were decided half blind, a place in the count list, record accuracy by day.

ALTER TABLE alerts ADD COLUMN IF NOT EXISTS probability Nullable(Float64) AFTER summary;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS blind_devices String DEFAULT '' AFTER reason;

CREATE OR REPLACE VIEW open_alerts AS
SELECT *, dateDiff('second', starts_at, now64(3)) AS age_seconds
FROM (
    SELECT * FROM alerts FINAL
    ORDER BY fingerprint, appended_at DESC, kafka_offset DESC
    LIMIT 1 BY fingerprint
)
WHERE state = 'firing';

-- Where a look is worth most: what a wrong record costs a day, by its chance of being wrong; the book as it is now,
-- the most worth a look first at each location.
CREATE OR REPLACE VIEW count_list AS
SELECT b.location AS location, b.sku AS sku, i.name AS name, s.on_hand AS book_units,
       b.likeliest_units AS believed_units, b.probability_book_right AS probability_book_right,
       b.probability_empty AS probability_empty, f.mean_per_day AS mean_per_day,
       (1 - b.probability_book_right) * abs(s.on_hand - b.mean_units) * ifNull(i.price, 1) AS wrong_value,
       if(s.on_hand > 0, b.probability_empty, 0) * f.mean_per_day * (ifNull(i.price, 1) - ifNull(i.cost, 0)) AS margin_at_risk_a_day,
       margin_at_risk_a_day * 7 + wrong_value AS worth,
       row_number() OVER (PARTITION BY location ORDER BY worth DESC, sku) AS rank
FROM beliefs_now AS b
INNER JOIN stock_now AS s ON s.location = b.location AND s.sku = b.sku
LEFT JOIN (SELECT sku, name, price, cost FROM items FINAL) AS i ON i.sku = b.sku
LEFT JOIN (
    SELECT location, sku, mean_per_day FROM demand_forecasts FINAL
    ORDER BY location, sku, occurred_at DESC LIMIT 1 BY location, sku
) AS f ON f.location = b.location AND f.sku = b.sku
WHERE b.probability_book_right < 0.95
ORDER BY worth DESC;

-- Record accuracy at the end of every day, as the fold said it, and over all log partitions.
CREATE TABLE IF NOT EXISTS stock_accuracy (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    location LowCardinality(String),
    records Int64,
    accurate Float64,
    believed_units Float64,
    signed_error_units Float64,
    shrink_units Float64,
    absolute_error_units Float64,
    lowest_error_units Float64,
    highest_error_units Float64,
    percentage_errors Float64,
    percentage_records Int64,
    lowest_error_share Float64,
    highest_error_share Float64,
    symmetric_errors Float64,
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

CREATE OR REPLACE VIEW record_accuracy_by_day AS
SELECT location, toDate(occurred_at - INTERVAL 1 SECOND) AS day, sum(a.records) AS records,
       sum(a.accurate) / sum(a.records) AS share_accurate, 1 - share_accurate AS share_inaccurate,
       sum(a.signed_error_units) AS signed_error_units, sum(a.shrink_units) AS shrink_units,
       sum(a.absolute_error_units) AS absolute_error_units, min(a.lowest_error_units) AS lowest_error_units,
       max(a.highest_error_units) AS highest_error_units, min(a.lowest_error_share) AS lowest_error_share,
       max(a.highest_error_share) AS highest_error_share,
       if(sum(a.percentage_records) > 0, sum(a.percentage_errors) / sum(a.percentage_records), NULL) AS mape,
       sum(a.symmetric_errors) / sum(a.records) AS smape
FROM stock_accuracy AS a FINAL
GROUP BY location, day;
