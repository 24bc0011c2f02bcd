-- Since when a task is open, and its age by one clock: it is said again when its reason changes.
CREATE OR REPLACE VIEW open_tasks AS
SELECT * EXCEPT (first_appended_at), dateDiff('second', first_appended_at, now64(3)) AS age_seconds
FROM (
    SELECT *, min(occurred_at) OVER (PARTITION BY task_id) AS asked_at,
        min(appended_at) OVER (PARTITION BY task_id) AS first_appended_at
    FROM tasks FINAL
    ORDER BY task_id, appended_at DESC, kafka_offset DESC
    LIMIT 1 BY task_id
)
WHERE status = 'open';
