-- Of the reps employed at P's start and hired a year before it, those employed at its horizon.
WITH
{belonging},  --? team region manager
counted AS (
    SELECT p.start_on, p.end_on, coalesce(e.left_on > p.horizon_on, true) AS kept,
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = e.rep_id AND b.valid_from <= p.start_on AND p.start_on < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = e.rep_id AND b.valid_from <= p.start_on AND p.start_on < b.valid_to).it AS region,  --? region
           (SELECT max_by({'it': b.manager_id}, b.valid_from) FROM belonging b WHERE b.rep_id = e.rep_id AND b.valid_from <= p.start_on AND p.start_on < b.valid_to).it AS manager,  --? manager
    FROM {pieces} p
    JOIN reps e ON e.hired_on + INTERVAL {rep_tenure_months} MONTHS <= p.start_on AND coalesce(e.left_on > p.start_on, true)
)
SELECT start_on, end_on, {by} avg(kept::INTEGER) AS value, count_if(kept) AS numerator, count(*) AS denominator, count(*) AS n
FROM counted WHERE {where} GROUP BY ALL
