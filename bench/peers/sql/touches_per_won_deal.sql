-- Touches until the close, per deal won; an activity without a deal is that of its lead's. A deal without a touch is in the denominator.
WITH won AS (
    SELECT d.opportunity_id, d.owner_id, d.created_at, d.closed_at, date_trunc('month', d.closed_at_local)::DATE AS start_on,
           coalesce(d.lead_id, l.lead_id) AS lead_id
    FROM opportunities d
    LEFT JOIN (SELECT opportunity_id, arg_min(lead_id, (created_at, lead_id)) AS lead_id FROM leads WHERE opportunity_id IS NOT NULL
               GROUP BY opportunity_id) l USING (opportunity_id)
    WHERE d.outcome = 'won' AND d.closed_at_local >= DATE '2025-01-01' AND d.closed_at_local < DATE '2026-01-01'
),
touch AS NOT MATERIALIZED (
    SELECT opportunity_id, lead_id, occurred_at
    FROM activities
    WHERE automatic IS DISTINCT FROM true AND occurred_at IS NOT NULL
      AND status IS DISTINCT FROM 'declined' AND status IS DISTINCT FROM 'no_show'
),
touches AS (
    SELECT start_on, key, sum(touches) AS touches
    FROM (SELECT w.start_on, w.owner_id AS key, count(*) AS touches
          FROM touch a JOIN won w ON a.opportunity_id = w.opportunity_id
          WHERE coalesce(a.occurred_at <= w.closed_at, false) GROUP BY ALL
          UNION ALL
          SELECT w.start_on, w.owner_id AS key, count(*)
          FROM touch a JOIN won w ON a.lead_id = w.lead_id
          WHERE a.opportunity_id IS NULL AND coalesce(a.occurred_at <= w.closed_at, false) GROUP BY ALL)
    GROUP BY ALL
),
deals AS (SELECT start_on, owner_id AS key, count(*) AS deals FROM won GROUP BY ALL)
SELECT d.start_on, d.key, coalesce(t.touches, 0) AS numerator, d.deals AS denominator
FROM deals d LEFT JOIN touches t ON t.start_on = d.start_on AND t.key IS NOT DISTINCT FROM d.key
