-- The annual value of the contracts that start, and how many there are.
WITH rate AS (  -- what a unit of a currency was worth on each day
    SELECT day, currency, arg_max(rate, rated_on) AS rate
    FROM range(DATE '2025-01-01', DATE '2026-01-01', INTERVAL 1 DAY) AS days(day) JOIN exchange_rates ON rated_on <= day
    GROUP BY ALL
)
SELECT date_trunc('month', c.starts_on)::DATE AS start_on, c.rep_id AS key,
       sum(c.total_value / greatest(1, (c.ends_on - c.starts_on) / 365)
           * CASE WHEN coalesce(c.currency, 'EUR') = 'EUR' THEN 1 ELSE r.rate END) AS numerator, count(*) AS denominator
FROM contracts c LEFT JOIN rate r ON r.day = c.starts_on AND r.currency = c.currency
WHERE c.starts_on >= DATE '2025-01-01' AND c.starts_on < DATE '2026-01-01'
GROUP BY ALL
