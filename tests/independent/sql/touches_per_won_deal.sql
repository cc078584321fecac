-- The touches of the deals won in P, at or before their close, per deal. Grouped by activity_kind the deals stay whole.
WITH {deal},
{deal_activity},
{belonging},  --? team region
won AS (
    SELECT p.start_on, p.end_on, d.opportunity_id, d.closed_at,
           d.owner_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = d.owner_id AND b.valid_from <= d.closed_at_local::DATE AND d.closed_at_local::DATE < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = d.owner_id AND b.valid_from <= d.closed_at_local::DATE AND d.closed_at_local::DATE < b.valid_to).it AS region,  --? region
           a.segment,  --? segment
           d.x_tier AS tier,  --? tier
           d.product_id AS product
    FROM {pieces} p JOIN deal d ON d.outcome = 'won' AND d.closed_at_local >= p.start_on AND d.closed_at_local < p.end_on
    LEFT JOIN accounts a USING (account_id)  --? segment
),
kinds AS (  --? activity_kind
    SELECT w.start_on, w.end_on, a.kind AS activity_kind, count(*) AS numerator  --? activity_kind
    FROM won w JOIN deal_activity a ON a.opportunity_id = w.opportunity_id AND a.touch AND a.occurred_at <= w.closed_at  --? activity_kind
    GROUP BY ALL  --? activity_kind
),  --? activity_kind
deals AS (SELECT start_on, end_on, count(*) AS n FROM won GROUP BY ALL),  --? activity_kind
touched AS (
    SELECT w.*, (SELECT count(*) FROM deal_activity a WHERE a.opportunity_id = w.opportunity_id AND a.touch AND a.occurred_at <= w.closed_at) AS touches
    FROM won w
)
SELECT start_on, end_on, {by} numerator / n AS value, numerator, n AS denominator, n FROM kinds JOIN deals USING (start_on, end_on)  --? activity_kind
SELECT start_on, end_on, {by} avg(touches) AS value, sum(touches) AS numerator, count(*) AS denominator, count(*) AS n  --! activity_kind
FROM touched WHERE {where} GROUP BY ALL  --! activity_kind
