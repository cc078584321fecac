-- Of the deals tracked in a month and qualified by its end, those won in it. A deal without changes by then is judged by its stage.
WITH tracked AS (  -- a row per month in which a deal was open or closed
    SELECT opportunity_id, owner_id, pipeline, stage, outcome, last_on,
           unnest(generate_series(greatest(date_trunc('month', created_at_local)::DATE, DATE '2025-01-01'),
                                  least(last_on, DATE '2025-12-01'), INTERVAL 1 MONTH))::DATE AS start_on
    FROM (SELECT *, CASE WHEN outcome IS NOT NULL THEN date_trunc('month', closed_at_local)::DATE END AS last_on FROM opportunities)
    WHERE created_at_local < DATE '2026-01-01' AND (last_on IS NULL OR last_on >= DATE '2025-01-01')
),
history AS (
    SELECT c.opportunity_id, date_trunc('month', min(c.changed_at_local))::DATE AS told_on,
           date_trunc('month', min(c.changed_at_local) FILTER (s.is_qualified))::DATE AS qualified_on
    FROM stage_changes c
    JOIN (SELECT opportunity_id, any_value(pipeline) AS pipeline FROM tracked GROUP BY ALL) d USING (opportunity_id)
    LEFT JOIN stages s ON s.pipeline = d.pipeline AND s.stage = c.stage
    WHERE c.changed_at_local < DATE '2026-01-01' AND c.stage IS NOT NULL
    GROUP BY c.opportunity_id
)
SELECT t.start_on, t.owner_id AS key, count_if(t.outcome = 'won' AND t.last_on = t.start_on) AS numerator, count(*) AS denominator
FROM tracked t
LEFT JOIN history h USING (opportunity_id)
LEFT JOIN stages s ON s.pipeline = t.pipeline AND s.stage = t.stage
WHERE (t.outcome = 'won' AND t.last_on = t.start_on)
   OR CASE WHEN h.told_on <= t.start_on THEN h.qualified_on <= t.start_on ELSE s.is_qualified END
GROUP BY ALL
