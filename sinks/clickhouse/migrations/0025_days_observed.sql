-- How many days of demand a transfer rests on: the mean of the stores that have the SKU.
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_days_observed Nullable(Float64)
    AFTER input_realised_share;
