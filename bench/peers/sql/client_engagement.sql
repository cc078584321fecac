-- Touches with the customers that had a contract at a month's start, and those customers.
WITH running AS (  -- a row per month at whose start a contract ran
    SELECT account_id, ends_on, unnest(generate_series(greatest((date_trunc('month', starts_on - 1) + INTERVAL 1 MONTH)::DATE, DATE '2025-01-01'),
               least(ends_on - 1, DATE '2026-01-01'), INTERVAL 1 MONTH))::DATE AS start_on
    FROM contracts
    WHERE account_id IS NOT NULL AND starts_on <= DATE '2026-01-01' AND ends_on > DATE '2025-01-01' AND ends_on > starts_on
),
active AS (SELECT DISTINCT account_id, start_on FROM running),
touches AS (
    SELECT coalesce(a.account_id, d.account_id, l.account_id) AS account_id, date_trunc('month', a.occurred_at_local)::DATE AS start_on, count(*) AS touches
    FROM activities a
    LEFT JOIN opportunities d ON d.opportunity_id = a.opportunity_id
    LEFT JOIN leads l ON l.lead_id = a.lead_id
    WHERE a.automatic IS DISTINCT FROM true AND a.status IS DISTINCT FROM 'declined' AND a.status IS DISTINCT FROM 'no_show'
      AND a.occurred_at_local >= DATE '2025-01-01' AND a.occurred_at_local < DATE '2026-01-01'
    GROUP BY ALL
)
SELECT a.start_on, c.owner_id AS key, coalesce(sum(t.touches), 0) AS numerator, count(*) AS denominator
FROM active a
LEFT JOIN touches t USING (account_id, start_on)
LEFT JOIN accounts c ON c.account_id = a.account_id
WHERE a.start_on < DATE '2026-01-01'
GROUP BY ALL
