-- Days in the present stage, over the deals open at a month's end. A stay in a stage covers the month ends after its beginning, up to the
-- beginning of the next; before the first one a deal stands since its creation.
WITH open AS (
    SELECT opportunity_id, owner_id, created_at, greatest(date_trunc('month', created_at_local)::DATE, DATE '2025-01-01') AS first_on,
           least(coalesce(closed_on, DATE '9999-01-01') - INTERVAL 1 MONTH, DATE '2025-12-01')::DATE AS last_on
    FROM (SELECT *, CASE WHEN outcome IS NOT NULL THEN date_trunc('month', closed_at_local)::DATE END AS closed_on FROM opportunities)
    WHERE created_at_local < DATE '2026-01-01' AND last_on >= first_on
),
entered AS (
    SELECT opportunity_id, changed_at, changed_at_local
    FROM stage_changes SEMI JOIN open USING (opportunity_id)
    WHERE stage IS NOT NULL AND changed_at_local < DATE '2026-01-01'
    QUALIFY stage IS DISTINCT FROM lag(stage) OVER (PARTITION BY opportunity_id ORDER BY changed_at, ordinal_)
),
stays AS (
    SELECT opportunity_id, changed_at AS since, date_trunc('month', changed_at_local)::DATE AS from_on,
           date_trunc('month', lead(changed_at_local) OVER (PARTITION BY opportunity_id ORDER BY changed_at))::DATE AS until_on
    FROM entered
    UNION ALL
    SELECT o.opportunity_id, o.created_at, DATE '2025-01-01', date_trunc('month', f.first_local)::DATE
    FROM open o LEFT JOIN (SELECT opportunity_id, min(changed_at_local) AS first_local FROM entered GROUP BY ALL) f USING (opportunity_id)
),
months AS (
    SELECT start_on::DATE AS start_on, epoch_us(timezone('UTC', timezone('Europe/Berlin', start_on + INTERVAL 1 MONTH))) AS end_us
    FROM range(DATE '2025-01-01', DATE '2026-01-01', INTERVAL 1 MONTH) AS each(start_on)
),
standing AS (
    SELECT o.owner_id, s.since, unnest(generate_series(greatest(o.first_on, s.from_on),
               least(o.last_on, coalesce(s.until_on - INTERVAL 1 MONTH, DATE '2025-12-01'))::DATE, INTERVAL 1 MONTH))::DATE AS start_on
    FROM open o JOIN stays s USING (opportunity_id)
)
SELECT m.start_on, t.owner_id AS key, sum((m.end_us - epoch_us(t.since)) / 864e8) AS numerator, count(*) AS denominator
FROM standing t JOIN months m USING (start_on)
GROUP BY ALL
