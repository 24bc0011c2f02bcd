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
