-- The log message behind every state of an order or transfer; -1 for those said before it was told.
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS log_partition Int32 DEFAULT -1 AFTER reason;
ALTER TABLE orders_reorders ADD COLUMN IF NOT EXISTS log_offset Int64 DEFAULT -1 AFTER log_partition;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS log_partition Int32 DEFAULT -1 AFTER blind_devices;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS log_offset Int64 DEFAULT -1 AFTER log_partition;
