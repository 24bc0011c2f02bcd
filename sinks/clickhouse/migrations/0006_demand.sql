-- Forecasts of whole protection intervals, with quantiles and what they are made of.

ALTER TABLE demand_forecasts ADD COLUMN IF NOT EXISTS interval_days Int64 DEFAULT 1 AFTER model;
ALTER TABLE demand_forecasts ADD COLUMN IF NOT EXISTS mean_units Float64 DEFAULT mean_per_day AFTER interval_days;
ALTER TABLE demand_forecasts ADD COLUMN IF NOT EXISTS quantiles Map(String, Float64) AFTER mean_units;
ALTER TABLE demand_forecasts ADD COLUMN IF NOT EXISTS base Float64 DEFAULT 0 AFTER quantiles;
ALTER TABLE demand_forecasts ADD COLUMN IF NOT EXISTS contributions Map(String, Float64) AFTER base;

-- The newest forecast of every location and SKU.
CREATE VIEW IF NOT EXISTS forecasts_now AS
SELECT * FROM demand_forecasts FINAL
ORDER BY location, sku, occurred_at DESC LIMIT 1 BY location, sku;

-- Why: one row per effect of the newest forecasts; factors multiply to the mean, base first.
CREATE VIEW IF NOT EXISTS forecast_reasons AS
SELECT location, sku, interval_days, mean_units, exp(base) AS base_units, effect, exp(logs) AS factor
FROM forecasts_now
ARRAY JOIN mapKeys(contributions) AS effect, mapValues(contributions) AS logs;

ALTER TABLE locations ADD COLUMN IF NOT EXISTS country LowCardinality(String) DEFAULT '' AFTER book_source;
ALTER TABLE locations ADD COLUMN IF NOT EXISTS subdivision LowCardinality(String) DEFAULT '' AFTER country;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_quantile_level Nullable(Float64) AFTER input_cycle_service_level;

-- How good forecasts were, as sums that add up over partitions, days and locations.
CREATE TABLE IF NOT EXISTS demand_quality (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    day Date32,
    location LowCardinality(String),
    level LowCardinality(String),
    horizon LowCardinality(String),
    cases Float64,
    units Float64,
    forecast_units Float64,
    absolute_error Float64,
    squared_error Float64,
    cases_sold Float64,
    percentage_errors Float64,
    cases_scaled Float64,
    scaled_error Float64,
    scaled_squared_error Float64,
    pinball Map(String, Float64),
    covered Map(String, Float64),
    quantiles Map(String, Float64),
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, level, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Measures by day, location and level. MAPE is of the cases with demand only; bias above 0 is too much forecast.
CREATE VIEW IF NOT EXISTS forecast_quality AS
SELECT level, horizon, location, day, sum(q.cases) AS cases, sum(q.units) AS units,
       sum(q.absolute_error) / sum(q.cases) AS mae, sqrt(sum(q.squared_error) / sum(q.cases)) AS rmse,
       if(sum(q.units) > 0, sum(q.absolute_error) / sum(q.units), NULL) AS wape,
       if(sum(q.units) > 0, (sum(q.forecast_units) - sum(q.units)) / sum(q.units), NULL) AS bias,
       if(sum(q.cases_scaled) > 0, sum(q.scaled_error) / sum(q.cases_scaled), NULL) AS mase,
       if(sum(q.cases_scaled) > 0, sqrt(sum(q.scaled_squared_error) / sum(q.cases_scaled)), NULL) AS rmsse,
       if(sum(q.cases_sold) > 0, sum(q.percentage_errors) / sum(q.cases_sold), NULL) AS mape_where_sold,
       sum(q.cases_sold) / sum(q.cases) AS share_sold
FROM demand_quality AS q FINAL
GROUP BY level, horizon, location, day;

-- What was covered of what was stated, and the pinball loss, by probability.
CREATE VIEW IF NOT EXISTS forecast_coverage AS
SELECT level, horizon, location, day, toFloat64(chance) AS stated, sum(at_or_below) / sum(one) AS covered,
       sum(loss) / sum(one) AS pinball, sum(quantile) / sum(one) AS mean_quantile, sum(one) AS cases
FROM (
    SELECT level, horizon, location, day, q.cases AS one, chance, q.covered[chance] AS at_or_below,
           q.pinball[chance] AS loss, q.quantiles[chance] AS quantile
    FROM demand_quality AS q FINAL
    ARRAY JOIN mapKeys(q.pinball) AS chance
)
GROUP BY level, horizon, location, day, stated;

-- Units and money that are forecast, for stores and categories: sums of means, so that they agree with each other.
CREATE VIEW IF NOT EXISTS revenue_forecast AS
SELECT f.location AS location, i.category AS category, i.currency AS currency, sum(f.mean_per_day) AS units_per_day,
       sum(f.mean_per_day * ifNull(i.price, 0)) AS revenue_per_day, count() AS skus
FROM forecasts_now AS f
LEFT JOIN (SELECT sku, category, price, currency FROM items FINAL) AS i ON i.sku = f.sku
GROUP BY location, category, currency;
