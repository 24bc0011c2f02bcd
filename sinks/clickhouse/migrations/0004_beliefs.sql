-- What is believed to be in stock, with probabilities, and what orders were decided on it.

CREATE TABLE IF NOT EXISTS stock_beliefs (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    location LowCardinality(String),
    sku String,
    style String,
    likeliest_units Int64,
    mean_units Float64,
    low_units Int64,
    high_units Int64,
    probability_empty Float64,
    book_units Int64,
    probability_book_right Float64,
    zones Map(String, Float64),
    swept Bool,
    blind_devices String,
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

ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_book_on_hand Nullable(Int64) AFTER input_opening_known;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_probability_empty Nullable(Float64) AFTER input_book_on_hand;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_blind_devices Nullable(String) AFTER input_probability_empty;

-- The newest belief of every location and SKU, kept as beliefs arrive.
CREATE TABLE IF NOT EXISTS belief_latest (
    location LowCardinality(String),
    sku String,
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    style String,
    likeliest_units Int64,
    mean_units Float64,
    low_units Int64,
    high_units Int64,
    probability_empty Float64,
    book_units Int64,
    probability_book_right Float64,
    zones Map(String, Float64),
    swept Bool,
    blind_devices String,
    log_partition Int32,
    log_offset Int64,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (location, sku)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE MATERIALIZED VIEW IF NOT EXISTS belief_latest_feed TO belief_latest AS
SELECT location, sku, fact_id, occurred_at, style, likeliest_units, mean_units, low_units, high_units,
       probability_empty, book_units, probability_book_right, zones, swept, blind_devices, log_partition, log_offset,
       toUInt64(log_offset) AS version
FROM stock_beliefs;

CREATE VIEW IF NOT EXISTS beliefs_now AS
SELECT location, sku, style, likeliest_units, mean_units, low_units, high_units, probability_empty, book_units,
       probability_book_right, zones, swept, blind_devices, occurred_at, log_partition, log_offset
FROM belief_latest FINAL;

-- Book and belief side by side; nothing is believed (NULL) where no device tells of the stock.
CREATE VIEW IF NOT EXISTS stock_believed AS
SELECT s.*, if(b.sku = '', NULL, b.likeliest_units) AS believed_units, if(b.sku = '', NULL, b.low_units) AS believed_low,
       if(b.sku = '', NULL, b.high_units) AS believed_high,
       if(b.sku = '', NULL, b.probability_empty) AS probability_empty
FROM stock_now AS s
LEFT JOIN (
    SELECT location, sku, likeliest_units, low_units, high_units, probability_empty FROM belief_latest FINAL
) AS b ON b.location = s.location AND b.sku = s.sku;

-- Record accuracy by location, today's measures of the trade (ECR), the believed stock standing for the physical
-- one: a record is accurate when it equals what is there. Signed: record less physical.
CREATE VIEW IF NOT EXISTS record_accuracy AS
SELECT location, count() AS records, avg(probability_book_right) AS share_accurate, 1 - share_accurate AS share_inaccurate,
       sum(book_units - mean_units) AS signed_error_units, sum(greatest(book_units - mean_units, 0)) AS shrink_units,
       sum(abs(book_units - mean_units)) AS absolute_error_units,
       min(book_units - mean_units) AS lowest_error_units, max(book_units - mean_units) AS highest_error_units,
       avgIf(abs(book_units - mean_units) / mean_units, mean_units >= 0.5) AS mape,
       avg(if(book_units + mean_units > 0, 2 * abs(book_units - mean_units) / (abs(book_units) + mean_units), 0)) AS smape
FROM beliefs_now
WHERE swept
GROUP BY location;

-- The same from what people counted: no belief in it.
CREATE VIEW IF NOT EXISTS counted_accuracy AS
SELECT location, toDate(occurred_at) AS day, count() AS counts, avg(quantity = 0) AS share_accurate,
       1 - share_accurate AS share_inaccurate, -sum(quantity) AS signed_error_units,
       sum(greatest(-quantity, 0)) AS shrink_units, sum(abs(quantity)) AS absolute_error_units,
       min(-quantity) AS lowest_error_units, max(-quantity) AS highest_error_units,
       avgIf(abs(quantity) / stock_movements.units, stock_movements.units > 0) AS mape,
       avg(if(2 * stock_movements.units - quantity > 0, 2 * abs(quantity) / (abs(stock_movements.units - quantity) + stock_movements.units), 0)) AS smape
FROM stock_movements FINAL
WHERE kind = 'count_correction'
GROUP BY location, day;

-- Where a look is worth most: what a wrong record costs a day, by its chance of being wrong.
CREATE VIEW IF NOT EXISTS count_list AS
SELECT b.location AS location, b.sku AS sku, i.name AS name, b.book_units AS book_units,
       b.likeliest_units AS believed_units, b.probability_book_right AS probability_book_right,
       b.probability_empty AS probability_empty, f.mean_per_day AS mean_per_day,
       (1 - b.probability_book_right) * abs(b.book_units - b.mean_units) * ifNull(i.price, 1) AS wrong_value,
       if(b.book_units > 0, b.probability_empty, 0) * f.mean_per_day * (ifNull(i.price, 1) - ifNull(i.cost, 0)) AS margin_at_risk_a_day,
       margin_at_risk_a_day * 7 + wrong_value AS worth
FROM beliefs_now AS b
LEFT JOIN (SELECT sku, name, price, cost FROM items FINAL) AS i ON i.sku = b.sku
LEFT JOIN (
    SELECT location, sku, mean_per_day FROM demand_forecasts FINAL
    ORDER BY location, sku, occurred_at DESC LIMIT 1 BY location, sku
) AS f ON f.location = b.location AND f.sku = b.sku
WHERE b.probability_book_right < 0.95
ORDER BY worth DESC;
