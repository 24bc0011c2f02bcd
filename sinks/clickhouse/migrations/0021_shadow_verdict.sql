-- Whether one policy of a comparison earns more than the other, by what is known so far, however often one looks.
-- Money a day, `low` to `high` with 98 %: an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and
-- Ramdas, Annals of Statistics 2024, theorem 2.2) over whole weeks, since days hang together; tightest after 12 weeks.
CREATE VIEW IF NOT EXISTS shadow_verdict AS
SELECT comparison, currency, weeks, more_profit_a_day,
       more_profit_a_day - half_width AS low, more_profit_a_day + half_width AS high,
       multiIf(weeks < 8, 'too_early', low > 0, 'shadow_earns_more', high < 0, 'in_force_earns_more', 'undecided') AS verdict
FROM (
    SELECT comparison, currency, count() AS weeks, avg(more) AS more_profit_a_day,
           (-2 * log(0.02) + log(1 - 2 * log(0.02))) / 12 AS scale, weeks * scale + 1 AS grown,
           if(weeks < 2, NULL, sqrt(varSamp(more) * 2 * grown / (weeks * weeks * scale) * log(sqrt(grown) / 0.02))) AS half_width
    FROM (
        SELECT comparison, currency, week, sum(more_of_day) / 7 AS more
        FROM (
            SELECT comparison, currency, day, intDiv(dateDiff('day', min(s.since) OVER (PARTITION BY comparison, currency), day), 7) AS week,
                   sumIf(s.profit, s.role = 'shadow') - sumIf(s.profit, s.role = 'in_force') AS more_of_day
            FROM decisions_shadow AS s FINAL
            GROUP BY comparison, currency, day, s.since
        )
        GROUP BY comparison, currency, week
        HAVING uniqExact(day) = 7
    )
    GROUP BY comparison, currency
);
