lead AS (  -- a lead and its deal
    SELECT l.*, coalesce(named.opportunity_id, naming.opportunity_id) AS deal_id
    FROM leads l
    LEFT JOIN (SELECT opportunity_id FROM opportunities WHERE created_at <= {as_of}) named USING (opportunity_id)
    LEFT JOIN (SELECT lead_id, min_by(opportunity_id, (created_at, opportunity_id)) AS opportunity_id
               FROM opportunities WHERE created_at <= {as_of} GROUP BY lead_id) naming USING (lead_id)
    WHERE l.created_at <= {as_of}
),
outbound AS (  -- the outbound activities of a lead
    WITH known AS (
        SELECT activity_id, lead_id, opportunity_id, occurred_at, occurred_at_local, kind, coalesce(status, '') NOT IN ('declined', 'no_show') AS touch
        FROM activities
        WHERE coalesce(direction, 'outbound') = 'outbound' AND coalesce(automatic, false) = false AND occurred_at <= {as_of}
    )
    SELECT * EXCLUDE (opportunity_id) FROM known WHERE lead_id IS NOT NULL
    UNION ALL
    SELECT k.* EXCLUDE (opportunity_id) REPLACE (l.lead_id AS lead_id) FROM known k JOIN lead l ON l.deal_id = k.opportunity_id WHERE k.lead_id IS NULL
)
