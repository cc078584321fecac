-- Of the deals tracked in P, those won in P.
WITH {deal},
{belonging},  --? team region
tracked AS (
    SELECT p.start_on, p.end_on, d.*, coalesce(d.closed_at_local < p.end_on, false) AS closed, closed AND d.outcome = 'won' AS won,
           CASE WHEN closed THEN d.closed_at_local::DATE ELSE p.last_on END AS day
    FROM {pieces} p JOIN deal d ON d.created_at_local < p.end_on AND (d.closed_at_local IS NULL OR d.closed_at_local >= p.start_on)
),
counted AS (
    SELECT t.start_on, t.end_on, t.won,
           t.owner_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = t.owner_id AND b.valid_from <= t.day AND t.day < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = t.owner_id AND b.valid_from <= t.day AND t.day < b.valid_to).it AS region,  --? region
           a.segment,  --? segment
           a.industry,  --? industry
           t.x_tier AS tier,  --? tier
           t.product_id AS product, t.channel, t.kind
    FROM tracked t
    LEFT JOIN accounts a USING (account_id)  --? segment industry
)
SELECT start_on, end_on, {by} avg(won::INTEGER) AS value, count_if(won) AS numerator, count(*) AS denominator, count(*) AS n
FROM counted WHERE {where} GROUP BY ALL
