origin AS (  -- a deal's lead
    SELECT d.opportunity_id, coalesce(d.lead_id, l.lead_id) AS lead_id
    FROM deal d
    LEFT JOIN (SELECT opportunity_id, min_by(lead_id, (created_at, lead_id)) AS lead_id FROM leads WHERE created_at <= {as_of}
               GROUP BY opportunity_id) l USING (opportunity_id)
),
deal_activity AS (
    SELECT opportunity_id, occurred_at, kind, coalesce(status, '') NOT IN ('declined', 'no_show') AS touch
    FROM activities
    WHERE opportunity_id IS NOT NULL AND coalesce(automatic, false) = false AND occurred_at <= {as_of}
    UNION ALL
    SELECT o.opportunity_id, a.occurred_at, a.kind, coalesce(a.status, '') NOT IN ('declined', 'no_show')
    FROM activities a JOIN origin o USING (lead_id)
    WHERE a.opportunity_id IS NULL AND coalesce(a.automatic, false) = false AND a.occurred_at <= {as_of}
)
