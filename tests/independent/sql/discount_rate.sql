-- What was taken off the list prices in P, as a share of them, over the order lines that have one.
WITH {rate},
{belonging},  --? team region
ordered AS (
    SELECT o.*, r.rate FROM orders o ASOF LEFT JOIN rate r ON coalesce(o.currency, '{currency}') = r.currency AND o.ordered_at_local::DATE >= r.rated_on
),
counted AS (
    SELECT p.start_on, p.end_on, l.quantity * (l.unit_list_price - l.unit_price) * o.rate AS off, l.quantity * l.unit_list_price * o.rate AS list,
           o.rep_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = o.rep_id AND b.valid_from <= o.ordered_at_local::DATE AND o.ordered_at_local::DATE < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = o.rep_id AND b.valid_from <= o.ordered_at_local::DATE AND o.ordered_at_local::DATE < b.valid_to).it AS region,  --? region
           a.segment,  --? segment
           a.industry,  --? industry
           i.family,  --? family
           o.x_till AS till,  --? till
           l.product_id AS product, o.location_id AS location, o.channel
    FROM {pieces} p
    JOIN ordered o ON o.ordered_at_local >= p.start_on AND o.ordered_at_local < p.end_on AND o.ordered_at <= {as_of}
    JOIN order_lines l USING (order_id)
    LEFT JOIN accounts a USING (account_id)  --? segment industry
    LEFT JOIN products i USING (product_id)  --? family
    WHERE l.unit_list_price IS NOT NULL
)
SELECT start_on, end_on, {by} coalesce(sum(off), 0) AS numerator, coalesce(sum(list), 0) AS denominator,
       count(list) AS n,
       CASE WHEN denominator <> 0 THEN numerator / denominator END AS value
FROM counted WHERE {where} GROUP BY ALL
