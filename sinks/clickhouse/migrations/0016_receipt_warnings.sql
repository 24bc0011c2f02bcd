-- What an order could not weigh (a price that is not known, say), and what was done instead.
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS input_warning Nullable(String) AFTER input_cancelled_at_position;
