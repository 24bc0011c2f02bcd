-- Orders that restockd itself changed or took back when the evidence changed, by the week they were first said in and
-- location: how many of these corrections came in time. A change is a new revision with another quantity, or one that is
-- cancelled or superseded (who cancels in the ERP makes no new revision). It came late if the ERP turned out to have
-- taken what was before it: it took the order after it was taken back, or the fold said so.
CREATE VIEW IF NOT EXISTS order_corrections AS
SELECT
    toMonday(first_at) AS week,
    location,
    count() AS orders,
    countIf(amended AND NOT withdrawn) AS amended_orders,
    countIf(withdrawn) AS cancelled_orders,
    countIf((amended OR withdrawn) AND NOT late) AS in_time,
    countIf((amended OR withdrawn) AND late) AS too_late,
    if(in_time + too_late > 0, in_time / (in_time + too_late), NULL) AS share_in_time,
    sumIf(first_quantity, withdrawn AND NOT late) AS cancelled_units_in_time
FROM (
    SELECT
        order_id,
        any(location) AS location,
        min(occurred_at) AS first_at,
        argMin(quantity, said) AS first_quantity,
        countIf(changed AND status IN ('amended', 'pending')) > 0 AS amended,
        countIf(changed AND status IN ('cancelled', 'superseded')) > 0 AS withdrawn,
        (withdrawn AND countIf(taken) > 0
            AND maxIf(said, taken) > minIf(said, changed AND status IN ('cancelled', 'superseded')))
            OR countIf(told_late) > 0 AS late
    FROM (
        SELECT
            order_id, location, occurred_at, status, quantity,
            (log_offset, revision, kafka_offset) AS said,
            revision > lagInFrame(revision, 1, revision) OVER one_order
                AND (status IN ('cancelled', 'superseded')
                     OR quantity != lagInFrame(quantity, 1, quantity) OVER one_order) AS changed,
            status IN ('acknowledged', 'shipped', 'received') AS taken,
            match(reason, 'came too late$|withdrawn too late$|; the ERP has taken [0-9]+$') AS told_late
        FROM orders_reorders FINAL
        WINDOW one_order AS (PARTITION BY order_id ORDER BY log_offset, revision, kafka_offset)
    )
    GROUP BY order_id
)
GROUP BY week, location;
