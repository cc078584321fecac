-- What was booked in P against the quotas over P, each by the share of its days in P and by the team of each day.
WITH {deal},
{rate},
{belonging},  --? team region
amounts AS (  --? as_of
    SELECT opportunity_id, max_by(amount, (changed_at, ordinal_)) FILTER (amount IS NOT NULL) AS amount  --? as_of
    FROM stage_changes WHERE changed_at <= {as_of} GROUP BY ALL  --? as_of
),  --? as_of
quota AS (
    SELECT p.start_on, p.end_on, q.rep_id, q.starts_on, q.amount / (q.ends_on - q.starts_on) AS daily, coalesce(q.currency, '{currency}') AS currency,
           greatest(p.start_on, q.starts_on) AS first_on, least(p.end_on, q.ends_on) AS until
    FROM {pieces} p JOIN quotas q ON q.starts_on < p.end_on AND q.ends_on > p.start_on AND q.starts_on < q.ends_on
),
stacked AS (
    SELECT start_on, end_on, rep_id AS rep, unnest(generate_series(first_on, until - 1, INTERVAL 1 DAY))::DATE AS day, 1 AS days, starts_on AS rated, daily AS amount, currency, (rep_id, starts_on, first_on, until) AS quota FROM quota  --? team region
    SELECT start_on, end_on, rep_id AS rep, first_on AS day, until - first_on AS days, starts_on AS rated, daily AS amount, currency, (rep_id, starts_on, first_on, until) AS quota FROM quota  --! team region
    UNION ALL
    SELECT p.start_on, p.end_on, d.owner_id, d.closed_at_local::DATE, 1, d.closed_at_local::DATE,
           coalesce(c.amount, d.amount),  --? as_of
           d.amount,  --? everything
           coalesce(d.currency, '{currency}'), NULL
    FROM {pieces} p JOIN deal d ON d.outcome = 'won' AND d.closed_at_local >= p.start_on AND d.closed_at_local < p.end_on
    LEFT JOIN amounts c USING (opportunity_id)  --? as_of
),
counted AS (
    SELECT s.start_on, s.end_on, s.quota, s.days * s.amount * r.rate AS money,
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = s.rep AND b.valid_from <= s.day AND s.day < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = s.rep AND b.valid_from <= s.day AND s.day < b.valid_to).it AS region,  --? region
           s.rep
    FROM stacked s ASOF LEFT JOIN rate r ON s.currency = r.currency AND s.rated >= r.rated_on
)
SELECT start_on, end_on, {by} coalesce(sum(money) FILTER (quota IS NULL), 0) AS numerator, coalesce(sum(money) FILTER (quota IS NOT NULL), 0) AS denominator,
       count(DISTINCT quota) FILTER (money IS NOT NULL) AS n,
       CASE WHEN denominator <> 0 THEN numerator / denominator END AS value
FROM counted WHERE {where} GROUP BY ALL
