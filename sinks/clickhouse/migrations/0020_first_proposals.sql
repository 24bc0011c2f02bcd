-- An order that waits for a person or for money at first was decided when it was said to wait, and only then.
CREATE OR REPLACE VIEW decision_latency AS
SELECT decision, count() AS decisions, quantileExact(0.5)(latency_ms) AS p50_ms,
       quantileExact(0.99)(latency_ms) AS p99_ms, max(latency_ms) AS max_ms
FROM (
    SELECT 'reorder' AS decision, order_id,
           argMin(date_diff('millisecond', input_appended_at, appended_at), (revision, appended_at)) AS latency_ms
    FROM (SELECT * FROM orders_reorders FINAL) WHERE status IN ('proposed', 'pending') GROUP BY order_id
    UNION ALL
    SELECT 'transfer' AS decision, order_id,
           argMin(date_diff('millisecond', input_appended_at, appended_at), (revision, appended_at)) AS latency_ms
    FROM (SELECT * FROM orders_transfers FINAL) WHERE status IN ('proposed', 'pending') GROUP BY order_id
)
GROUP BY decision;
