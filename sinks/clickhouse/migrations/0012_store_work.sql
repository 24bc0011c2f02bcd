-- What a refill brings back, so that the store does the dearest first.
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS money_at_risk_per_hour Nullable(Float64) AFTER reason;
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS currency LowCardinality(String) DEFAULT 'EUR' AFTER money_at_risk_per_hour;

CREATE OR REPLACE VIEW open_tasks AS
SELECT *, dateDiff('second', appended_at, now64(3)) AS age_seconds
FROM (
    SELECT * FROM tasks FINAL
    ORDER BY task_id, appended_at DESC, kafka_offset DESC
    LIMIT 1 BY task_id
)
WHERE status = 'open';
