-- 1 - |F - B| / B: F what the reps forecast for exactly P in their last commit by its start, B what they booked in P.
WITH {deal},
{rate},
{belonging},  --? team region
amounts AS (  --? as_of
    SELECT opportunity_id, max_by(amount, (changed_at, ordinal_)) FILTER (amount IS NOT NULL) AS amount  --? as_of
    FROM stage_changes WHERE changed_at <= {as_of} GROUP BY ALL  --? as_of
),  --? as_of
submitted AS (
    SELECT p.start_on, p.end_on, f.*
    FROM {pieces} p JOIN forecasts f ON f.starts_on = p.start_on AND f.ends_on = p.end_on
    WHERE coalesce(f.category, 'commit') = 'commit' AND f.submitted_at <= p.cutoff_at AND f.submitted_at <= {as_of}
    QUALIFY row_number() OVER (PARTITION BY p.start_on, f.rep_id ORDER BY f.submitted_at DESC, f.forecast_id DESC) = 1
),
stacked AS (
    SELECT f.start_on, f.end_on, f.rep_id AS rep, f.submitted_at_local::DATE AS day, f.amount, coalesce(f.currency, '{currency}') AS currency, true AS forecast
    FROM submitted f
    UNION ALL
    SELECT p.start_on, p.end_on, d.owner_id, d.closed_at_local::DATE,
           coalesce(c.amount, d.amount),  --? as_of
           d.amount,  --? everything
           coalesce(d.currency, '{currency}'), false
    FROM {pieces} p JOIN deal d ON d.outcome = 'won' AND d.closed_at_local >= p.start_on AND d.closed_at_local < p.end_on
    LEFT JOIN amounts c USING (opportunity_id)  --? as_of
),
counted AS (
    SELECT s.start_on, s.end_on, s.forecast, s.amount * r.rate AS money,
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = s.rep AND b.valid_from <= s.day AND s.day < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = s.rep AND b.valid_from <= s.day AND s.day < b.valid_to).it AS region,  --? region
           s.rep
    FROM stacked s ASOF LEFT JOIN rate r ON s.currency = r.currency AND s.day >= r.rated_on
)
SELECT start_on, end_on, {by} coalesce(sum(money) FILTER (forecast), 0) AS numerator, coalesce(sum(money) FILTER (NOT forecast), 0) AS denominator,
       count(money) FILTER (NOT forecast) AS n, count(money) FILTER (forecast) AS forecasts,
       CASE WHEN denominator <> 0 AND forecasts > 0 THEN 1 - abs(numerator - denominator) / denominator END AS value
FROM counted WHERE {where} GROUP BY ALL
