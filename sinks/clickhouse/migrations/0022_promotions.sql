-- When the shadow's policy was put in force for the orders of a log partition in a currency, and when back.
CREATE TABLE IF NOT EXISTS decisions_promotions (
    fact_id UUID,
    occurred_at DateTime64(3, 'UTC'),
    action LowCardinality(String),
    currency LowCardinality(String),
    in_force LowCardinality(String),
    comparison LowCardinality(String),
    since Date32,
    weeks Int64,
    more_profit_a_day Float64,
    low Nullable(Float64),
    high Nullable(Float64),
    more_fill Float64,
    reason String,
    log_partition Int32,
    log_offset Int64,
    kafka_partition Int32,
    kafka_offset Int64,
    appended_at DateTime64(3, 'UTC'),
    keep_first UInt64 MATERIALIZED 9223372036854775807 - toUnixTimestamp64Milli(appended_at)
) ENGINE = ReplacingMergeTree(keep_first)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (log_partition, currency, occurred_at, fact_id)
TTL toDateTime(appended_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- What is known of each comparison: of one log partition, as that one judges it, and of all together (log_partition is
-- NULL). A comparison that began anew, for a promotion or by the rules, is judged by what came after. Money a day, `low`
-- to `high` with 98 % however often one looks: an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and
-- Ramdas, Annals of Statistics 2024, theorem 2.2) over whole weeks in which anything was asked for, since days hang
-- together; tightest after 12 weeks. The same as inventory/shadow/trial.py.
CREATE VIEW IF NOT EXISTS shadow_verdicts AS
SELECT scope AS log_partition, comparison, currency, since, until, weeks, more_profit_a_day, more_fill,
       more_profit_a_day - half_width AS low, more_profit_a_day + half_width AS high,
       multiIf(weeks < 8, 'too_early', low > 0, 'shadow_earns_more', high < 0, 'in_force_earns_more', 'undecided') AS verdict
FROM (
    SELECT scope, comparison, currency, min(first) AS since, max(last) AS until, countIf(counts) AS weeks,
           if(weeks > 0, sumIf(more, counts) / weeks, NULL) AS more_profit_a_day,
           if(weeks > 0, sumIf(more_served, counts) / sumIf(demand, counts), NULL) AS more_fill,
           (-2 * log(0.02) + log(1 - 2 * log(0.02))) / 12 AS scale, weeks * scale + 1 AS grown,
           if(weeks < 2, NULL, sqrt(varSampIf(more, counts) * 2 * grown / (weeks * weeks * scale) * log(sqrt(grown) / 0.02))) AS half_width
    FROM (
        SELECT scope, comparison, currency, week, min(started) AS first, max(day) AS last, sum(more_of_day) / 7 AS more,
               sum(more_served_of_day) AS more_served, sum(demand_of_day) AS demand, uniqExact(day) = 7 AND demand > 0 AS counts
        FROM (
            SELECT scope, comparison, currency, day, more_of_day, more_served_of_day, demand_of_day,
                   min(begun) OVER (PARTITION BY scope, comparison, currency) AS started,
                   intDiv(dateDiff('day', started, day), 7) AS week
            FROM (
                SELECT arrayJoin([NULL, log_partition]) AS scope, comparison, currency, day, begun, more_of_day,
                       more_served_of_day, demand_of_day
                FROM (
                    SELECT s.log_partition AS log_partition, comparison, currency, day, s.since AS begun,
                           max(begun) OVER (PARTITION BY log_partition, comparison, currency) AS newest,
                           sumIf(s.profit, role = 'shadow') - sumIf(s.profit, role = 'in_force') AS more_of_day,
                           sumIf(s.served_units, role = 'shadow') - sumIf(s.served_units, role = 'in_force') AS more_served_of_day,
                           sumIf(s.demand_units, role = 'in_force') AS demand_of_day
                    FROM decisions_shadow AS s FINAL
                    GROUP BY log_partition, comparison, currency, day, begun
                )
                WHERE begun = newest
            )
        )
        GROUP BY scope, comparison, currency, week
    )
    GROUP BY scope, comparison, currency
);

-- Of all log partitions together.
CREATE OR REPLACE VIEW shadow_verdict AS
SELECT comparison, currency, weeks, more_profit_a_day, low, high, verdict FROM shadow_verdicts WHERE isNull(log_partition);

-- The comparison that is played now in each log partition and currency: which policy decides orders, and which is its shadow.
CREATE VIEW IF NOT EXISTS shadow_now AS
SELECT assumeNotNull(log_partition) AS log_partition, currency, splitByString(' / ', comparison)[1] AS in_force,
       splitByString(' / ', comparison)[2] AS shadow, since, until, weeks, more_profit_a_day, low, high, more_fill, verdict
FROM (SELECT * FROM shadow_verdicts WHERE isNotNull(log_partition))
ORDER BY until DESC, since DESC LIMIT 1 BY log_partition, currency;
