-- What a transfer rests on: when it arrives, both ends' demand and stock, what it earns, what it was compared with.
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_trigger Nullable(String) AFTER blind_devices;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_rules_version Nullable(String) AFTER input_trigger;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_horizon_days Nullable(Float64) AFTER input_rules_version;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_days_to_arrive Nullable(Float64) AFTER input_horizon_days;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_leaves_before Nullable(DateTime64(3, 'UTC'))
    AFTER input_days_to_arrive;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_destination_mean_per_day Nullable(Float64)
    AFTER input_leaves_before;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_destination_variance_per_day Nullable(Float64)
    AFTER input_destination_mean_per_day;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_destination_units Nullable(Int64)
    AFTER input_destination_variance_per_day;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_destination_coming Nullable(Int64)
    AFTER input_destination_units;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_probability_runs_out Nullable(Float64)
    AFTER input_destination_coming;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_probability_runs_out_after Nullable(Float64)
    AFTER input_probability_runs_out;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_origin_mean_per_day Nullable(Float64)
    AFTER input_probability_runs_out_after;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_origin_variance_per_day Nullable(Float64)
    AFTER input_origin_mean_per_day;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_origin_on_hand Nullable(Int64)
    AFTER input_origin_variance_per_day;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_origin_free Nullable(Int64) AFTER input_origin_on_hand;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_origin_keeps Nullable(Int64) AFTER input_origin_free;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_margin_per_unit Nullable(Float64) AFTER input_origin_keeps;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_leftover_value Nullable(Float64)
    AFTER input_margin_per_unit;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_size_run_worth Nullable(Float64) AFTER input_leftover_value;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_destination_gain Nullable(Float64)
    AFTER input_size_run_worth;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_donor_loss Nullable(Float64) AFTER input_destination_gain;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_unit_costs Nullable(Float64) AFTER input_donor_loss;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_trip_cost_share Nullable(Float64) AFTER input_unit_costs;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_skus_on_trip Nullable(Int64) AFTER input_trip_cost_share;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_compared Map(String, Float64) AFTER input_skus_on_trip;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_rejected_donors Map(String, Float64) AFTER input_compared;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_cancelled_at_destination_units Nullable(Int64)
    AFTER input_rejected_donors;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_cancelled_at_origin_units Nullable(Int64)
    AFTER input_cancelled_at_destination_units;
