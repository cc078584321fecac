-- Days from the first activity to the close, over the deals won; an activity without a deal is that of its lead's.
WITH won AS (
    SELECT d.opportunity_id, d.owner_id, d.created_at, d.closed_at, date_trunc('month', d.closed_at_local)::DATE AS start_on,
           coalesce(d.lead_id, l.lead_id) AS lead_id
    FROM opportunities d
    LEFT JOIN (SELECT opportunity_id, arg_min(lead_id, (created_at, lead_id)) AS lead_id FROM leads WHERE opportunity_id IS NOT NULL
               GROUP BY opportunity_id) l USING (opportunity_id)
    WHERE d.outcome = 'won' AND d.closed_at_local >= DATE '2025-01-01' AND d.closed_at_local < DATE '2026-01-01'
),
known AS NOT MATERIALIZED (SELECT opportunity_id, lead_id, occurred_at FROM activities WHERE automatic IS DISTINCT FROM true AND occurred_at IS NOT NULL),
first AS (
    SELECT opportunity_id, min(occurred_at) AS first_at
    FROM (SELECT w.opportunity_id, a.occurred_at FROM known a JOIN won w ON a.opportunity_id = w.opportunity_id
          WHERE coalesce(a.occurred_at <= w.closed_at, false)
          UNION ALL
          SELECT w.opportunity_id, a.occurred_at FROM known a JOIN won w ON a.lead_id = w.lead_id
          WHERE a.opportunity_id IS NULL AND coalesce(a.occurred_at <= w.closed_at, false))
    GROUP BY opportunity_id
),
cycle AS (
    SELECT w.start_on, w.owner_id AS key, (epoch_us(w.closed_at) - epoch_us(coalesce(f.first_at, w.created_at))) / 864e8 AS days
    FROM won w LEFT JOIN first f USING (opportunity_id)
)
SELECT start_on, key, sum(days) AS numerator, count(*) AS denominator, quantile_cont(days, [0.5, 0.9])[1] AS median,
       quantile_cont(days, [0.5, 0.9])[2] AS p90
FROM cycle
GROUP BY ALL
