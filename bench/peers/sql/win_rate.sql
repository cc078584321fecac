-- Of the deals tracked in a month, those won in it.
WITH tracked AS (  -- a row per month in which a deal was open or closed
    SELECT opportunity_id, owner_id, pipeline, stage, outcome, last_on,
           unnest(generate_series(greatest(date_trunc('month', created_at_local)::DATE, DATE '2025-01-01'),
                                  least(last_on, DATE '2025-12-01'), INTERVAL 1 MONTH))::DATE AS start_on
    FROM (SELECT *, CASE WHEN outcome IS NOT NULL THEN date_trunc('month', closed_at_local)::DATE END AS last_on FROM opportunities)
    WHERE created_at_local < DATE '2026-01-01' AND (last_on IS NULL OR last_on >= DATE '2025-01-01')
)
SELECT start_on, owner_id AS key, count_if(outcome = 'won' AND last_on = start_on) AS numerator, count(*) AS denominator
FROM tracked
GROUP BY ALL
