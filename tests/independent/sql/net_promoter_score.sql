-- Promoters less detractors per hundred answers: the last of each contact in P, of customers that are no newcomers.
WITH {customer},
response AS (
    SELECT p.start_on, p.end_on, s.account_id, s.responded_at, s.responded_at_local, s.score
    FROM {pieces} p JOIN survey_responses s ON s.responded_at_local >= p.start_on AND s.responded_at_local < p.end_on
    WHERE s.survey = 'nps' AND s.responded_at <= {as_of}
    QUALIFY row_number() OVER (PARTITION BY p.start_on, s.contact_id, CASE WHEN s.contact_id IS NULL THEN s.account_id END,
                                            CASE WHEN coalesce(s.contact_id, s.account_id) IS NULL THEN s.response_id END
                               ORDER BY s.responded_at DESC, s.response_id DESC) = 1
),
counted AS (
    SELECT r.start_on, r.end_on,
           CASE WHEN c.since <= r.responded_at AND c.since_local + INTERVAL {nps_min_tenure_days} DAYS <= r.responded_at_local
                THEN CASE WHEN r.score >= 9 THEN 100 WHEN r.score <= 6 THEN -100 ELSE 0 END END AS points,
           a.segment,  --? segment
           a.industry,  --? industry
           a.region,  --? region
           a.owner_id AS account_owner,  --? account_owner
    FROM response r
    LEFT JOIN customer c USING (account_id)
    LEFT JOIN accounts a USING (account_id)  --? account_owner segment industry region
)
SELECT start_on, end_on, {by} avg(points) AS value, coalesce(sum(points), 0) AS numerator, count(points) AS denominator, count(points) AS n
FROM counted WHERE {where} GROUP BY ALL
