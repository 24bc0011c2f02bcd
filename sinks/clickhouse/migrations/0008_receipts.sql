-- What an order rests on: belief, forecast, lead time, the policy's numbers, what was not chosen, what would cancel it.
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_rounding Nullable(String) AFTER input_blind_devices;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_belief Map(String, Float64) AFTER input_rounding;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_demand_quantiles Map(String, Float64) AFTER input_belief;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_lead_time_quantiles Map(String, Float64)
    AFTER input_demand_quantiles;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_policy_terms Map(String, Float64) AFTER input_lead_time_quantiles;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_expected_costs Map(String, Float64) AFTER input_policy_terms;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_landed_costs Map(String, Float64) AFTER input_expected_costs;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_cancelled_at_position Nullable(Int64) AFTER input_landed_costs;

-- An item's own service level and the most units of one order.
ALTER TABLE items ADD COLUMN IF NOT EXISTS cycle_service_level Nullable(Float64) AFTER season_end;
ALTER TABLE items ADD COLUMN IF NOT EXISTS maximum_order_units Nullable(Int64) AFTER cycle_service_level;
