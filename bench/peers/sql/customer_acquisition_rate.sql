-- Of the prospects first contacted, those whose account became a customer.
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
naming AS (
    SELECT lead_id, arg_min(opportunity_id, (created_at, opportunity_id)) AS deal_id FROM opportunities WHERE lead_id IS NOT NULL GROUP BY lead_id
),
pairs AS (
    SELECT l.lead_id, coalesce(named.opportunity_id, naming.deal_id) AS deal_id
    FROM leads l LEFT JOIN opportunities named USING (opportunity_id) LEFT JOIN naming ON naming.lead_id = l.lead_id
    WHERE coalesce(named.opportunity_id, naming.deal_id) IS NOT NULL
),
outbound AS (
    SELECT lead_id, opportunity_id, occurred_at, occurred_at_local
    FROM activities
    WHERE coalesce(direction, 'outbound') = 'outbound' AND automatic IS DISTINCT FROM true AND occurred_at IS NOT NULL
),
contacted AS (
    SELECT lead_id, min(occurred_at) AS first_at, arg_min(occurred_at_local, occurred_at) AS first_local
    FROM (SELECT lead_id, occurred_at, occurred_at_local FROM outbound WHERE lead_id IS NOT NULL
          UNION ALL
          SELECT p.lead_id, o.occurred_at, o.occurred_at_local FROM outbound o JOIN pairs p ON o.opportunity_id = p.deal_id
          WHERE o.lead_id IS NULL)
    GROUP BY lead_id
    HAVING first_local >= DATE '2025-01-01' AND first_local < DATE '2026-01-01'
)
SELECT date_trunc('month', t.first_local)::DATE AS start_on, l.owner_id AS key, count(c.since) AS numerator, count(*) AS denominator
FROM contacted t JOIN leads l USING (lead_id) LEFT JOIN customer c ON c.account_id = l.account_id
WHERE coalesce(c.since >= t.first_at, true)
GROUP BY ALL
