-- How likely it is that what an alert says is so, transfers that were decided half blind, and a place in the count list.

ALTER TABLE alerts ADD COLUMN IF NOT EXISTS probability Nullable(Float64) AFTER summary;
ALTER TABLE orders_transfers ADD COLUMN IF NOT EXISTS blind_devices String DEFAULT '' AFTER reason;

CREATE OR REPLACE VIEW open_alerts AS
SELECT *, dateDiff('second', starts_at, now64(3)) AS age_seconds
FROM (
    SELECT * FROM alerts FINAL
    ORDER BY fingerprint, appended_at DESC, kafka_offset DESC
    LIMIT 1 BY fingerprint
)
WHERE state = 'firing';

-- Where a look is worth most: what a wrong record costs a day, by its chance of being wrong; the book as it is now,
-- the most worth a look first at each location.
CREATE OR REPLACE VIEW count_list AS
SELECT b.location AS location, b.sku AS sku, i.name AS name, s.on_hand AS book_units,
       b.likeliest_units AS believed_units, b.probability_book_right AS probability_book_right,
       b.probability_empty AS probability_empty, f.mean_per_day AS mean_per_day,
       (1 - b.probability_book_right) * abs(s.on_hand - b.mean_units) * ifNull(i.price, 1) AS wrong_value,
       if(s.on_hand > 0, b.probability_empty, 0) * f.mean_per_day * (ifNull(i.price, 1) - ifNull(i.cost, 0)) AS margin_at_risk_a_day,
       margin_at_risk_a_day * 7 + wrong_value AS worth,
       row_number() OVER (PARTITION BY location ORDER BY worth DESC, sku) AS rank
FROM beliefs_now AS b
INNER JOIN stock_now AS s ON s.location = b.location AND s.sku = b.sku
LEFT JOIN (SELECT sku, name, price, cost FROM items FINAL) AS i ON i.sku = b.sku
LEFT JOIN (
    SELECT location, sku, mean_per_day FROM demand_forecasts FINAL
    ORDER BY location, sku, occurred_at DESC LIMIT 1 BY location, sku
) AS f ON f.location = b.location AND f.sku = b.sku
WHERE b.probability_book_right < 0.95
ORDER BY worth DESC;
