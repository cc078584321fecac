-- Revenue per purchasing account over the 365 days before the horizon, times the years that a customer lasts at the churn of those days.
WITH {rate},
bought AS (
    SELECT o.order_id, o.account_id, o.ordered_at, o.ordered_at_local, o.value, o.value * r.rate AS money
    FROM (SELECT o.order_id, o.account_id, o.ordered_at, o.ordered_at_local, coalesce(o.currency, '{currency}') AS currency, coalesce(sum(l.quantity * l.unit_price), 0) AS value
          FROM orders o LEFT JOIN order_lines l USING (order_id) WHERE o.ordered_at <= {as_of} AND o.account_id IS NOT NULL GROUP BY ALL) o
    ASOF LEFT JOIN rate r ON o.currency = r.currency AND o.ordered_at_local::DATE >= r.rated_on
),
stacked AS (
    SELECT p.start_on, p.end_on, b.account_id, sum(b.money) AS money, NULL AS before, NULL AS kept
    FROM {pieces} p JOIN bought b ON b.ordered_at >= p.year_ago_at AND b.ordered_at_local < p.end_on
    GROUP BY ALL HAVING count(b.money) FILTER (b.value >= 0) > 0
    UNION ALL
    SELECT p.start_on, p.end_on, c.account_id, NULL, bool_or(c.starts_on <= p.year_ago_on AND p.year_ago_on < c.ends_on) AS before,
           bool_or(c.starts_on <= p.horizon_on AND p.horizon_on < c.ends_on)
    FROM {pieces} p CROSS JOIN contracts c
    GROUP BY ALL HAVING before
),
counted AS (
    SELECT s.start_on, s.end_on, s.money, s.before, s.kept,
           a.segment,  --? segment
           a.industry,  --? industry
           a.region,  --? region
           a.owner_id AS account_owner,  --? account_owner
    FROM stacked s
    LEFT JOIN accounts a USING (account_id)  --? account_owner segment industry region
)
SELECT start_on, end_on, {by} coalesce(sum(money), 0) AS numerator, count(money) AS denominator, count(money) AS n,
       count_if(before AND NOT kept) / nullif(count_if(before), 0) AS churn,
       CASE WHEN denominator > 0 AND churn IS NOT NULL
            THEN numerator / denominator * least(coalesce(1 / nullif(churn, 0), {max_lifespan_years}), {max_lifespan_years}) END AS value
FROM counted WHERE {where} GROUP BY ALL
