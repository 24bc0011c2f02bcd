-- Of what forecasts say that a transfer gains, the share that is expected: what transfers before it earned of theirs.
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_realised_share Nullable(Float64)
    AFTER input_cancelled_at_origin_units;
