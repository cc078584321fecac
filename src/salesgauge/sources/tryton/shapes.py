"""What Tryton's streams say of leads, deals and orders, in SQL (no network, no state): an opportunity of Tryton begins as a lead and is a
deal from the first time it was more than that; its states are the stages."""

FINAL = "('won', 'lost', 'cancelled')"
DEAL = "('opportunity', 'converted', 'won')"
SOLD = "('confirmed', 'processing', 'done')"

# Each revision beside the state before it.
_STEPS = """
SELECT opportunity, changed, state, amount, end_date,
       lag(state) OVER (PARTITION BY opportunity ORDER BY changed) AS before
FROM history"""

# When a deal was first one, and when it last entered the final state that it is in.
_TURNS = f"""
SELECT opportunity, min(changed) FILTER (state IN {DEAL}) AS opened,
       max(changed) FILTER (state IN {FINAL} AND coalesce(before, '') NOT IN {FINAL}) AS closed
FROM ({_STEPS}) GROUP BY opportunity"""

SHAPES = {
    "customers": """
SELECT p.id, p.name, p.created, 'party.party/' || p.id AS record FROM parties p
WHERE p.id IN (SELECT party FROM opportunities UNION ALL SELECT party FROM sales)""",
    "leads": """
SELECT 'lead-' || o.id AS id, o.created, o.employee, o.party, CASE WHEN t.opened IS NOT NULL THEN o.id END AS deal, t.opened AS converted,
       'sale.opportunity/' || o.id AS record
FROM opportunities o LEFT JOIN (""" + _TURNS + """) t ON t.opportunity = o.id""",
    "deals": """
SELECT o.id, t.opened, 'lead-' || o.id AS lead, o.employee, o.party, o.state, o.amount, c.code AS currency, o.end_date, o.lost_reason,
       CASE WHEN o.state IN """ + FINAL + """ THEN t.closed END AS closed,
       CASE o.state WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost' WHEN 'cancelled' THEN 'lost' END AS outcome,
       'sale.opportunity/' || o.id AS record
FROM opportunities o JOIN (""" + _TURNS + """) t ON t.opportunity = o.id LEFT JOIN currencies c ON c.id = o.currency
WHERE t.opened IS NOT NULL""",
    "deal_changes": """
SELECT h.opportunity, h.changed, h.state, h.amount, h.end_date, 'sale.opportunity/' || h.opportunity AS record
FROM history h JOIN opportunities o ON o.id = h.opportunity JOIN (""" + _TURNS + """) t ON t.opportunity = h.opportunity
WHERE h.changed >= t.opened ORDER BY h.opportunity, h.changed""",
    "states": """
SELECT * FROM (VALUES ('opportunity', '1', 'true', 'false', 'false'), ('converted', '2', 'true', 'false', 'false'),
                      ('won', '3', 'true', 'true', 'true'), ('lost', '4', 'false', 'true', 'false'),
                      ('cancelled', '5', 'false', 'true', 'false')) AS s(state, position, qualified, closed, won)""",
    "sold": """
SELECT s.id, s.party, s.employee, s.sale_date, c.code AS currency, 'sale.sale/' || s.id AS record,
       CASE WHEN s.origin LIKE 'sale.opportunity,%' THEN split_part(s.origin, ',', 2) END AS deal
FROM sales s LEFT JOIN currencies c ON c.id = s.currency WHERE s.state IN """ + SOLD,
    "sold_lines": """
SELECT l.id, l.sale, l.product, l.quantity, l.unit_price, 'sale.line/' || l.id AS record
FROM sale_lines l JOIN sales s ON s.id = l.sale WHERE s.state IN """ + SOLD + """ AND l.type = 'line' AND l.product IS NOT NULL""",
}
