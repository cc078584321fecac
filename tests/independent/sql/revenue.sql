-- The value of the purchases and returns in P, by order line.
WITH {rate},
{belonging},  --? team region
ordered AS (
    SELECT o.*, r.rate FROM orders o ASOF LEFT JOIN rate r ON coalesce(o.currency, '{currency}') = r.currency AND o.ordered_at_local::DATE >= r.rated_on
),
counted AS (
    SELECT p.start_on, p.end_on, l.quantity * l.unit_price * o.rate AS money,
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
)
SELECT start_on, end_on, {by} coalesce(sum(money), 0) AS value, coalesce(sum(money), 0) AS numerator, NULL AS denominator, count(money) AS n
FROM counted WHERE {where} GROUP BY ALL
