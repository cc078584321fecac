-- Of the customers with a contract at a month's start, those with one at its end, which is the next month's start.
WITH running AS (  -- a row per month at whose start a contract ran
    SELECT account_id, ends_on, unnest(generate_series(greatest((date_trunc('month', starts_on - 1) + INTERVAL 1 MONTH)::DATE, DATE '2025-01-01'),
               least(ends_on - 1, DATE '2026-01-01'), INTERVAL 1 MONTH))::DATE AS start_on
    FROM contracts
    WHERE account_id IS NOT NULL AND starts_on <= DATE '2026-01-01' AND ends_on > DATE '2025-01-01' AND ends_on > starts_on
),
active AS (SELECT DISTINCT account_id, start_on FROM running)
SELECT a.start_on, c.owner_id AS key, count(kept.account_id) AS numerator, count(*) AS denominator
FROM active a
LEFT JOIN active kept ON kept.account_id = a.account_id AND kept.start_on = a.start_on + INTERVAL 1 MONTH
LEFT JOIN accounts c ON c.account_id = a.account_id
WHERE a.start_on < DATE '2026-01-01'
GROUP BY ALL
