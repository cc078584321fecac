deal AS (  -- a deal as it was known: open where it closed later
    SELECT * REPLACE (coalesce(kind, 'new') AS kind,
                      CASE WHEN closed_at <= {as_of} AND outcome IS NOT NULL THEN outcome END AS outcome,
                      CASE WHEN closed_at <= {as_of} AND outcome IS NOT NULL THEN closed_at END AS closed_at,
                      CASE WHEN closed_at <= {as_of} AND outcome IS NOT NULL THEN closed_at_local END AS closed_at_local)
    FROM opportunities
    WHERE created_at <= {as_of}
)
