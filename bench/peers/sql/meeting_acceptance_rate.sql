-- Meetings booked with prospects and not declined, per call, e-mail or message of a prospect; no activity is both, so one pass reads them.
WITH returned AS (  -- only an order with a line below 0 can be one
    SELECT order_id FROM order_lines
    WHERE order_id IN (SELECT order_id FROM order_lines WHERE quantity * unit_price < 0)
    GROUP BY order_id HAVING sum(quantity * unit_price) < 0
),
customer AS (  -- since when an account has been one: its first purchase or contract; an order below 0 is a return
    SELECT account_id, min(since) AS since
    FROM (SELECT account_id, min(ordered_at) AS since FROM orders WHERE order_id NOT IN (FROM returned) AND account_id IS NOT NULL GROUP BY ALL
          UNION ALL
          SELECT account_id, timezone('UTC', timezone('Europe/Berlin', min(starts_on)::TIMESTAMP)) FROM contracts
          WHERE account_id IS NOT NULL GROUP BY ALL)
    GROUP BY account_id
),
counted AS (
    SELECT rep_id, account_id, opportunity_id, lead_id, kind IN ('meeting', 'video', 'visit', 'demo') AS meeting,
           CASE WHEN meeting THEN booked_at ELSE occurred_at END AS at,
           CASE WHEN meeting THEN booked_at_local ELSE occurred_at_local END AS local
    FROM activities
    WHERE automatic IS DISTINCT FROM true AND local >= DATE '2025-01-01' AND local < DATE '2026-01-01'
      AND CASE WHEN meeting THEN status IS DISTINCT FROM 'declined'
               ELSE direction <> 'outbound' AND kind IN ('call', 'email', 'message') END
)
SELECT date_trunc('month', t.local)::DATE AS start_on, t.rep_id AS key, count_if(meeting) AS numerator, count_if(NOT meeting) AS denominator
FROM counted t
LEFT JOIN opportunities d ON d.opportunity_id = t.opportunity_id
LEFT JOIN leads l ON l.lead_id = t.lead_id
LEFT JOIN customer c ON c.account_id = coalesce(t.account_id, d.account_id, l.account_id)
WHERE coalesce(c.since > t.at, true)
GROUP BY ALL
