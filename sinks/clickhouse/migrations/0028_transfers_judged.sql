-- How many transfers of late, those longer ago weighing less, had been judged when one was proposed.
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS input_transfers_judged Nullable(Float64)
    AFTER input_days_observed;
