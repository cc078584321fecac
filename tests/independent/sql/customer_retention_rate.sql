-- Of the customers with a running contract at P's start, those with one at its horizon.
WITH
{belonging},  --? team region
active AS (
    SELECT p.start_on, p.end_on, c.account_id, bool_or(c.starts_on <= p.start_on AND p.start_on < c.ends_on) AS before,
           bool_or(c.starts_on <= p.horizon_on AND p.horizon_on < c.ends_on) AS kept
    FROM {pieces} p CROSS JOIN contracts c
    GROUP BY ALL HAVING before
),
counted AS (
    SELECT c.start_on, c.end_on, c.kept,
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = a.owner_id AND b.valid_from <= c.start_on AND c.start_on < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = a.owner_id AND b.valid_from <= c.start_on AND c.start_on < b.valid_to).it AS region,  --? region
           a.segment,  --? segment
           a.industry,  --? industry
           a.owner_id AS account_owner,  --? account_owner
    FROM active c
    LEFT JOIN accounts a USING (account_id)  --? account_owner team region segment industry
)
SELECT start_on, end_on, {by} avg(kept::INTEGER) AS value, count_if(kept) AS numerator, count(*) AS denominator, count(*) AS n
FROM counted WHERE {where} GROUP BY ALL
