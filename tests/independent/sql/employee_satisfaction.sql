-- The mean score of the employee survey, by each rep's last response in P.
WITH
{belonging},  --? team region manager
response AS (
    SELECT p.start_on, p.end_on, s.rep_id, s.responded_at_local::DATE AS day, s.score
    FROM {pieces} p JOIN survey_responses s ON s.responded_at_local >= p.start_on AND s.responded_at_local < p.end_on
    WHERE s.survey = 'employee' AND s.responded_at <= {as_of}
    QUALIFY row_number() OVER (PARTITION BY p.start_on, s.rep_id, CASE WHEN s.rep_id IS NULL THEN s.response_id END
                               ORDER BY s.responded_at DESC, s.response_id DESC) = 1
),
counted AS (
    SELECT r.start_on, r.end_on, r.score,
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = r.rep_id AND b.valid_from <= r.day AND r.day < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = r.rep_id AND b.valid_from <= r.day AND r.day < b.valid_to).it AS region,  --? region
           (SELECT max_by({'it': b.manager_id}, b.valid_from) FROM belonging b WHERE b.rep_id = r.rep_id AND b.valid_from <= r.day AND r.day < b.valid_to).it AS manager,  --? manager
           (year(r.day) - year(e.hired_on)) * 12 + month(r.day) - month(e.hired_on) AS months,  --? tenure
           CASE WHEN months < 0 THEN NULL WHEN months <= 2 THEN '0-2' WHEN months <= 5 THEN '3-5' WHEN months <= 11 THEN '6-11' WHEN months <= 23 THEN '12-23' WHEN months > 23 THEN '24+' END AS tenure,  --? tenure
    FROM response r
    LEFT JOIN reps e USING (rep_id)  --? tenure
)
SELECT start_on, end_on, {by} avg(score) AS value, sum(score) AS numerator, count(*) AS denominator, count(*) AS n
FROM counted WHERE {where} GROUP BY ALL
