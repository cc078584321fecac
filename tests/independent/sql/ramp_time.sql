-- Days from being hired to the first outbound activity with a prospect, over the reps hired in P.
WITH {customer},
{belonging},  --? team region manager
hired AS (
    SELECT p.start_on, p.end_on, e.rep_id, e.hired_on, timezone('UTC', timezone('{zone}', e.hired_on::TIMESTAMP)) AS hired_at
    FROM {pieces} p JOIN reps e ON e.hired_on >= p.start_on AND e.hired_on < p.end_on AND e.hired_on <= {as_of_on}
),
prospecting AS (
    SELECT a.rep_id, a.occurred_at
    FROM activities a
    LEFT JOIN opportunities d ON d.opportunity_id = a.opportunity_id AND d.created_at <= {as_of}
    LEFT JOIN leads l ON l.lead_id = a.lead_id AND l.created_at <= {as_of}
    LEFT JOIN customer c ON c.account_id = coalesce(a.account_id, d.account_id, l.account_id)
    WHERE coalesce(a.direction, 'outbound') = 'outbound' AND coalesce(a.automatic, false) = false AND a.occurred_at <= {as_of}
      AND (c.since IS NULL OR c.since > a.occurred_at)
),
counted AS (
    SELECT e.start_on, e.end_on,
           (epoch_us((SELECT min(a.occurred_at) FROM prospecting a WHERE a.rep_id = e.rep_id AND a.occurred_at >= e.hired_at)) - epoch_us(e.hired_at)) / 864e8 AS days,
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = e.rep_id AND b.valid_from <= e.hired_on AND e.hired_on < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = e.rep_id AND b.valid_from <= e.hired_on AND e.hired_on < b.valid_to).it AS region,  --? region
           (SELECT max_by({'it': b.manager_id}, b.valid_from) FROM belonging b WHERE b.rep_id = e.rep_id AND b.valid_from <= e.hired_on AND e.hired_on < b.valid_to).it AS manager,  --? manager
    FROM hired e
)
SELECT start_on, end_on, {by} avg(days) AS value, coalesce(sum(days), 0) AS numerator, count(days) AS denominator, count(days) AS n
FROM counted WHERE {where} GROUP BY ALL
