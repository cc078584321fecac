-- Days from the first contact to the close, over the deals won in P.
WITH {deal},
{deal_activity},
{belonging},  --? team region
won AS (
    SELECT p.start_on, p.end_on, d.*, d.closed_at_local::DATE AS day,
           (SELECT min(a.occurred_at) FROM deal_activity a WHERE a.opportunity_id = d.opportunity_id AND a.occurred_at <= d.closed_at) AS first_at
    FROM {pieces} p JOIN deal d ON d.outcome = 'won' AND d.closed_at_local >= p.start_on AND d.closed_at_local < p.end_on
),
counted AS (
    SELECT t.start_on, t.end_on, (epoch_us(t.closed_at) - epoch_us(coalesce(t.first_at, t.created_at))) / 864e8 AS days,
           t.owner_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = t.owner_id AND b.valid_from <= t.day AND t.day < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = t.owner_id AND b.valid_from <= t.day AND t.day < b.valid_to).it AS region,  --? region
           a.segment,  --? segment
           a.industry,  --? industry
           t.x_tier AS tier,  --? tier
           t.product_id AS product, t.channel, t.kind
    FROM won t
    LEFT JOIN accounts a USING (account_id)  --? segment industry
)
SELECT start_on, end_on, {by} avg(days) AS value, sum(days) AS numerator, count(*) AS denominator, count(*) AS n,
       median(days) AS median, quantile_cont(days, 0.9) AS p90
FROM counted WHERE {where} GROUP BY ALL
