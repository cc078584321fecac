-- The value of the deals won, and how many of them have one.
WITH rate AS (  -- what a unit of a currency was worth on each day
    SELECT day, currency, arg_max(rate, rated_on) AS rate
    FROM range(DATE '2025-01-01', DATE '2026-01-01', INTERVAL 1 DAY) AS days(day) JOIN exchange_rates ON rated_on <= day
    GROUP BY ALL
),
won AS (
    SELECT date_trunc('month', d.closed_at_local)::DATE AS start_on, d.owner_id AS key,
           d.amount * CASE WHEN coalesce(d.currency, 'EUR') = 'EUR' THEN 1 ELSE r.rate END AS money
    FROM opportunities d LEFT JOIN rate r ON r.day = d.closed_at_local::DATE AND r.currency = d.currency
    WHERE d.outcome = 'won' AND d.closed_at_local >= DATE '2025-01-01' AND d.closed_at_local < DATE '2026-01-01'
)
SELECT start_on, key, sum(money) AS numerator, count(money) AS denominator FROM won GROUP BY ALL
