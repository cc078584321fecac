-- Hours to the first outbound activity at or after creation, over the leads created and answered. An answer to a lead of 2025 is no older
-- than 2025, so older activities are not even joined.
WITH naming AS (
    SELECT lead_id, arg_min(opportunity_id, (created_at, opportunity_id)) AS deal_id FROM opportunities WHERE lead_id IS NOT NULL GROUP BY lead_id
),
created AS (
    SELECT l.lead_id, l.owner_id, l.created_at, date_trunc('month', l.created_at_local)::DATE AS start_on,
           coalesce(named.opportunity_id, naming.deal_id) AS deal_id
    FROM leads l LEFT JOIN opportunities named USING (opportunity_id) LEFT JOIN naming ON naming.lead_id = l.lead_id
    WHERE l.created_at_local >= DATE '2025-01-01' AND l.created_at_local < DATE '2026-01-01'
),
outbound AS NOT MATERIALIZED (
    SELECT lead_id, opportunity_id, occurred_at
    FROM activities
    WHERE coalesce(direction, 'outbound') = 'outbound' AND automatic IS DISTINCT FROM true AND occurred_at_local >= DATE '2025-01-01'
),
answered AS (
    SELECT lead_id, min(occurred_at) AS at
    FROM (SELECT c.lead_id, o.occurred_at FROM outbound o JOIN created c ON o.lead_id = c.lead_id
          WHERE coalesce(o.occurred_at >= c.created_at, false)
          UNION ALL
          SELECT c.lead_id, o.occurred_at FROM outbound o JOIN created c ON o.opportunity_id = c.deal_id
          WHERE o.lead_id IS NULL AND coalesce(o.occurred_at >= c.created_at, false))
    GROUP BY lead_id
),
hours AS (
    SELECT c.start_on, c.owner_id AS key, (epoch_us(a.at) - epoch_us(c.created_at)) / 3.6e9 AS hours
    FROM created c JOIN answered a USING (lead_id)
)
SELECT start_on, key, sum(hours) AS numerator, count(*) AS denominator, quantile_cont(hours, [0.5, 0.9])[1] AS median,
       quantile_cont(hours, [0.5, 0.9])[2] AS p90
FROM hours
GROUP BY ALL
