-- An alert's age by one clock, from when it was first said: starts_at is the devices' time, in a replay years ago.
CREATE OR REPLACE VIEW open_alerts AS
SELECT * EXCEPT (first_appended_at), dateDiff('second', first_appended_at, now64(3)) AS age_seconds
FROM (
    SELECT *, min(appended_at) OVER (PARTITION BY alert_id) AS first_appended_at FROM alerts FINAL
    ORDER BY fingerprint, appended_at DESC, kafka_offset DESC
    LIMIT 1 BY fingerprint
)
WHERE state = 'firing';
