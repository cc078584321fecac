-- The purchases in P of the largest accounts, as a share of all purchases in P.
WITH {rate},
purchase AS (
    SELECT o.order_id, o.ordered_at_local, o.account_id, o.value * r.rate AS money
    FROM (SELECT o.order_id, o.account_id, o.ordered_at_local, coalesce(o.currency, '{currency}') AS currency, coalesce(sum(l.quantity * l.unit_price), 0) AS value
          FROM orders o LEFT JOIN order_lines l USING (order_id) WHERE o.ordered_at <= {as_of} GROUP BY ALL) o
    ASOF LEFT JOIN rate r ON o.currency = r.currency AND o.ordered_at_local::DATE >= r.rated_on
    WHERE o.value >= 0
),
counted AS (
    SELECT p.start_on, p.end_on, o.account_id, o.money,
           a.segment,  --? segment
           a.region,  --? region
    FROM {pieces} p
    JOIN purchase o ON o.ordered_at_local >= p.start_on AND o.ordered_at_local < p.end_on
    LEFT JOIN accounts a USING (account_id)  --? segment region
),
bought AS (
    SELECT start_on, end_on, {by} account_id, sum(money) AS money, count(money) AS n FROM counted WHERE {where} GROUP BY ALL
),
ranked AS (
    SELECT *, account_id IS NOT NULL AND row_number() OVER (PARTITION BY start_on, end_on, {by} account_id IS NULL ORDER BY money DESC NULLS LAST)
                                         <= {concentration_top} AS large
    FROM bought
)
SELECT start_on, end_on, {by} coalesce(sum(money) FILTER (large), 0) AS numerator, coalesce(sum(money), 0) AS denominator, sum(n) AS n,
       CASE WHEN denominator <> 0 THEN numerator / denominator END AS value
FROM ranked GROUP BY ALL
