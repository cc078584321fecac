-- Days from being hired to the first outbound activity with a prospect, over the reps hired; by who managed them then.
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
hired AS (
    SELECT rep_id, hired_on, timezone('UTC', timezone('Europe/Berlin', hired_on::TIMESTAMP)) AS hired_at
    FROM reps WHERE hired_on >= DATE '2025-01-01' AND hired_on < DATE '2026-01-01'
),
outbound AS (
    SELECT rep_id, account_id, opportunity_id, lead_id, occurred_at
    FROM activities SEMI JOIN hired USING (rep_id)
    WHERE coalesce(direction, 'outbound') = 'outbound' AND automatic IS DISTINCT FROM true AND occurred_at_local >= DATE '2025-01-01'
),
first AS (
    SELECT h.rep_id, min(o.occurred_at) AS first_at
    FROM outbound o
    JOIN hired h ON h.rep_id = o.rep_id
    LEFT JOIN opportunities d ON d.opportunity_id = o.opportunity_id
    LEFT JOIN leads l ON l.lead_id = o.lead_id
    LEFT JOIN customer c ON c.account_id = coalesce(o.account_id, d.account_id, l.account_id)
    WHERE coalesce(o.occurred_at >= h.hired_at, false) AND coalesce(c.since > o.occurred_at, true)
    GROUP BY ALL
),
placed AS (
    SELECT h.*, CASE WHEN h.rep_id IN (SELECT rep_id FROM rep_assignments) THEN b.manager_id ELSE e.manager_id END AS manager_id
    FROM hired h JOIN reps e USING (rep_id)
    LEFT JOIN (SELECT h.rep_id, arg_max({'it': b.manager_id}, b.valid_from).it AS manager_id
               FROM hired h JOIN rep_assignments b ON b.rep_id = h.rep_id AND b.valid_from <= h.hired_on AND (b.valid_to IS NULL OR h.hired_on < b.valid_to)
               GROUP BY ALL) b USING (rep_id)
)
SELECT date_trunc('month', p.hired_on)::DATE AS start_on, p.manager_id AS key,
       sum((epoch_us(f.first_at) - epoch_us(p.hired_at)) / 864e8) AS numerator, count(*) AS denominator
FROM placed p JOIN first f USING (rep_id)
GROUP BY ALL
