-- Of the prospects first contacted in P, those whose account became a customer at or after it, by as_of.
WITH {lead},
{customer},
{belonging},  --? team region
contacted AS (
    SELECT lead_id, min(occurred_at) AS first_at, min_by(occurred_at_local, (occurred_at, activity_id)) AS first_local,
           min_by(kind, (occurred_at, activity_id)) AS outreach
    FROM outbound GROUP BY lead_id
),
touched AS (  --? touches
    SELECT o.lead_id, count(*) AS touches  --? touches
    FROM outbound o JOIN lead l USING (lead_id) LEFT JOIN customer c USING (account_id)  --? touches
    WHERE o.touch AND (c.since IS NULL OR o.occurred_at <= c.since) GROUP BY o.lead_id  --? touches
),  --? touches
counted AS (
    SELECT p.start_on, p.end_on, c.since IS NOT NULL AS became,
           l.owner_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = l.owner_id AND b.valid_from <= f.first_local::DATE AND f.first_local::DATE < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = l.owner_id AND b.valid_from <= f.first_local::DATE AND f.first_local::DATE < b.valid_to).it AS region,  --? region
           coalesce(t.touches, 0) AS touched,  --? touches
           CASE WHEN touched < 5 THEN touched::VARCHAR WHEN touched <= 7 THEN '5-7' WHEN touched <= 12 THEN '8-12' ELSE '13+' END AS touches,  --? touches
           l.x_utm_source AS utm_source,  --? utm_source
           f.outreach, l.channel
    FROM {pieces} p
    JOIN contacted f ON f.first_local >= p.start_on AND f.first_local < p.end_on
    JOIN lead l USING (lead_id)
    LEFT JOIN customer c USING (account_id)
    LEFT JOIN touched t USING (lead_id)  --? touches
    WHERE c.since IS NULL OR c.since >= f.first_at
)
SELECT start_on, end_on, {by} avg(became::INTEGER) AS value, count_if(became) AS numerator, count(*) AS denominator, count(*) AS n
FROM counted WHERE {where} GROUP BY ALL
