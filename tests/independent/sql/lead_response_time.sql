-- Hours from a lead's creation to its first outbound activity at or after it, over the leads created in P and answered by as_of.
WITH {lead},
{belonging},  --? team region
counted AS (
    SELECT p.start_on, p.end_on,
           (epoch_us((SELECT min(o.occurred_at) FROM outbound o WHERE o.lead_id = l.lead_id AND o.occurred_at >= l.created_at))
            - epoch_us(l.created_at)) / 3.6e9 AS hours,
           l.owner_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = l.owner_id AND b.valid_from <= l.created_at_local::DATE AND l.created_at_local::DATE < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = l.owner_id AND b.valid_from <= l.created_at_local::DATE AND l.created_at_local::DATE < b.valid_to).it AS region,  --? region
           l.x_utm_source AS utm_source,  --? utm_source
           l.channel
    FROM {pieces} p JOIN lead l ON l.created_at_local >= p.start_on AND l.created_at_local < p.end_on
)
SELECT start_on, end_on, {by} avg(hours) AS value, coalesce(sum(hours), 0) AS numerator, count(hours) AS denominator, count(hours) AS n,
       median(hours) AS median, quantile_cont(hours, 0.9) AS p90
FROM counted WHERE {where} GROUP BY ALL
