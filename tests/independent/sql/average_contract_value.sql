-- The annual value of the contracts that start in P, per contract.
WITH {rate},
{belonging},  --? team region
counted AS (
    SELECT p.start_on, p.end_on, c.total_value * r.rate / greatest(1, (c.ends_on - c.starts_on) / 365) AS money,
           c.rep_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = c.rep_id AND b.valid_from <= c.starts_on AND c.starts_on < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = c.rep_id AND b.valid_from <= c.starts_on AND c.starts_on < b.valid_to).it AS region,  --? region
           a.segment,  --? segment
           a.industry,  --? industry
           c.product_id AS product
    FROM {pieces} p
    JOIN contracts c ON c.starts_on >= p.start_on AND c.starts_on < p.end_on AND c.starts_on <= {as_of_on}
    ASOF LEFT JOIN rate r ON coalesce(c.currency, '{currency}') = r.currency AND c.starts_on >= r.rated_on
    LEFT JOIN accounts a USING (account_id)  --? segment industry
)
SELECT start_on, end_on, {by} avg(money) AS value, coalesce(sum(money), 0) AS numerator, count(money) AS denominator, count(money) AS n
FROM counted WHERE {where} GROUP BY ALL
