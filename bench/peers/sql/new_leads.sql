-- Leads created, by month and owner.
SELECT date_trunc('month', created_at_local)::DATE AS start_on, owner_id AS key, count(*) AS numerator
FROM leads
WHERE created_at_local >= DATE '2025-01-01' AND created_at_local < DATE '2026-01-01'
GROUP BY ALL
