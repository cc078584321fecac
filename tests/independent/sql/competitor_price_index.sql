-- Our revenue in P on the products that have a competitor's price in P, against the same quantities at the mean of those prices.
WITH {rate},
seen AS (
    SELECT p.start_on, p.end_on, v.product_id,
           v.competitor,  --? competitor
           v.location_id,  --? location
           avg(v.price * r.rate) AS price
    FROM {pieces} p
    JOIN price_observations v ON v.observed_on >= p.start_on AND v.observed_on < p.end_on AND v.observed_on <= {as_of_on}
    ASOF JOIN rate r ON coalesce(v.currency, '{currency}') = r.currency AND v.observed_on >= r.rated_on
    WHERE v.competitor IS DISTINCT FROM 'own'
    GROUP BY ALL
),
ordered AS (
    SELECT o.*, r.rate FROM orders o ASOF JOIN rate r ON coalesce(o.currency, '{currency}') = r.currency AND o.ordered_at_local::DATE >= r.rated_on
),
counted AS (
    SELECT s.start_on, s.end_on, l.quantity * l.unit_price * o.rate AS ours, l.quantity * s.price AS theirs,
           s.competitor,  --? competitor
           s.location_id AS location,  --? location
           i.family,  --? family
           s.product_id AS product
    FROM seen s
    JOIN ordered o ON o.ordered_at_local >= s.start_on AND o.ordered_at_local < s.end_on AND o.ordered_at <= {as_of}
                  AND o.location_id IS NOT DISTINCT FROM s.location_id  --? location
    JOIN order_lines l ON l.order_id = o.order_id AND l.product_id = s.product_id
    LEFT JOIN products i ON i.product_id = s.product_id  --? family
)
SELECT start_on, end_on, {by} CASE WHEN sum(theirs) <> 0 THEN sum(ours) / sum(theirs) END AS value,
       coalesce(sum(ours), 0) AS numerator, coalesce(sum(theirs), 0) AS denominator, count(*) AS n
FROM counted WHERE {where} GROUP BY ALL
