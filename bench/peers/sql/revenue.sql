-- The value of order lines, returns as well.
WITH rate AS (  -- what a unit of a currency was worth on each day
    SELECT day, currency, arg_max(rate, rated_on) AS rate
    FROM range(DATE '2025-01-01', DATE '2026-01-01', INTERVAL 1 DAY) AS days(day) JOIN exchange_rates ON rated_on <= day
    GROUP BY ALL
),
ordered AS (
    SELECT o.order_id, o.rep_id, date_trunc('month', o.ordered_at_local)::DATE AS start_on,
           CASE WHEN coalesce(o.currency, 'EUR') = 'EUR' THEN 1 ELSE r.rate END AS rate
    FROM orders o LEFT JOIN rate r ON r.day = o.ordered_at_local::DATE AND r.currency = o.currency
    WHERE o.ordered_at_local >= DATE '2025-01-01' AND o.ordered_at_local < DATE '2026-01-01'
)
SELECT o.start_on, o.rep_id AS key, sum(l.quantity * l.unit_price * o.rate) AS numerator
FROM order_lines l JOIN ordered o USING (order_id)
GROUP BY ALL
