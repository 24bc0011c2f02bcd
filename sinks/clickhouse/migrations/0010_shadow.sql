-- What the policy in force and its shadow brought and cost, day by day, each in a virtual world of its own.
CREATE TABLE IF NOT EXISTS decisions_shadow (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    day Date32,
    since Date32,
    location LowCardinality(String),
    currency LowCardinality(String),
    comparison LowCardinality(String),
    role LowCardinality(String),
    policy LowCardinality(String),
    series Int64,
    demand_units Int64,
    served_units Int64,
    lost_units Int64,
    margin Float64,
    lost_margin Float64,
    holding_cost Float64,
    ordering_cost Float64,
    profit Float64,
    orders Int64,
    purchased_units Int64,
    purchases Float64,
    average_stock_units Float64,
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (location, comparison, role, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- What each policy of a comparison would have earned over its days, and how much more a day than the one in force.
CREATE VIEW IF NOT EXISTS shadow_ledger AS
SELECT comparison, currency, role, policy, min(s.since) AS since, uniqExact(s.day) AS days,
       sum(s.demand_units) AS demand_units, sum(s.served_units) AS served_units, sum(s.lost_units) AS lost_units,
       if(demand_units > 0, served_units / demand_units, NULL) AS fill_rate, sum(s.margin) AS margin,
       sum(s.lost_margin) AS lost_margin, sum(s.holding_cost) AS holding_cost, sum(s.ordering_cost) AS ordering_cost,
       sum(s.profit) AS profit, sum(s.orders) AS orders, sum(s.purchased_units) AS purchased_units,
       sum(s.purchases) AS purchases, sum(s.average_stock_units) / days AS average_stock_units,
       (profit - anyIf(profit, role = 'in_force') OVER (PARTITION BY comparison, currency)) / days AS more_profit_a_day
FROM decisions_shadow AS s FINAL
GROUP BY comparison, currency, role, policy;
