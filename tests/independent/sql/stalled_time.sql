-- Days from entering the stage that a deal is in at the horizon to the horizon, over the deals open then.
WITH {deal},
{belonging},  --? team region
entered AS (  -- when a deal went into another stage than before
    SELECT opportunity_id, stage, changed_at, changed_at_local, ordinal_
    FROM stage_changes
    WHERE changed_at <= {as_of}
    QUALIFY stage IS DISTINCT FROM lag(stage) OVER (PARTITION BY opportunity_id ORDER BY changed_at, ordinal_)
),
latest AS (  --? as_of
    SELECT opportunity_id, max_by(stage, (changed_at, ordinal_)) AS stage FROM entered GROUP BY ALL  --? as_of
),  --? as_of
open AS (
    SELECT p.start_on, p.end_on, p.horizon_at, p.last_on, d.*
    FROM {pieces} p JOIN deal d ON d.created_at_local < p.end_on AND (d.closed_at_local IS NULL OR d.closed_at_local >= p.end_on)
),
standing AS (
    SELECT o.start_on, o.opportunity_id, max(e.changed_at) AS since, max_by(e.stage, (e.changed_at, e.ordinal_)) AS stage
    FROM open o JOIN entered e ON e.opportunity_id = o.opportunity_id AND e.changed_at_local < o.end_on
    GROUP BY ALL
),
counted AS (
    SELECT o.start_on, o.end_on, (epoch_us(o.horizon_at) - epoch_us(coalesce(s.since, o.created_at))) / 864e8 AS days,
           coalesce(s.stage, l.stage, o.stage) AS stage,  --? as_of
           coalesce(s.stage, o.stage) AS stage,  --? everything
           o.owner_id AS rep,  --? rep
           (SELECT max_by({'it': b.team}, b.valid_from) FROM belonging b WHERE b.rep_id = o.owner_id AND b.valid_from <= o.last_on AND o.last_on < b.valid_to).it AS team,  --? team
           (SELECT max_by({'it': b.region}, b.valid_from) FROM belonging b WHERE b.rep_id = o.owner_id AND b.valid_from <= o.last_on AND o.last_on < b.valid_to).it AS region,  --? region
           o.x_tier AS tier,  --? tier
           o.product_id AS product
    FROM open o
    LEFT JOIN standing s USING (start_on, opportunity_id)
    LEFT JOIN latest l USING (opportunity_id)  --? as_of
)
SELECT start_on, end_on, {by} avg(days) AS value, sum(days) AS numerator, count(*) AS denominator, count(*) AS n
FROM counted WHERE {where} GROUP BY ALL
