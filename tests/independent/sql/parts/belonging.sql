belonging AS (  -- where a rep belonged, from when to when; reps decides for those without assignments
    SELECT rep_id, team, region, manager_id, valid_from, coalesce(valid_to, DATE 'infinity') AS valid_to FROM rep_assignments
    UNION ALL
    SELECT rep_id, team, region, manager_id, DATE '-infinity', DATE 'infinity' FROM reps ANTI JOIN rep_assignments USING (rep_id)
)
