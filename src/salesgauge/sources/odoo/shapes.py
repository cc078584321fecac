"""What Odoo's streams say of leads, deals and touches, in SQL (no network, no state).

A record of crm.lead is a lead while its type says so, and was one where it was converted; as an opportunity it is a deal. Won is what
stands in a stage that says so, or has the probability 100; lost is what was archived. A contact counts for the company above it.
"""

# The company (or the person without one) that a contact belongs to. Odoo stores it too, but changes it without saying so.
_COMPANIES = """
WITH RECURSIVE up AS (
    SELECT id, id AS top, parent, is_company, 0 AS depth FROM partners
    UNION ALL
    SELECT u.id, p.id, p.parent, p.is_company, u.depth + 1 FROM up u JOIN partners p ON p.id = u.parent
    WHERE u.is_company <> 'true' AND u.depth < 30)
SELECT id, arg_max(top, depth) AS account FROM up GROUP BY id"""

# Stages by name; a stage that was deleted before the first sync is called as the history called it.
_STAGES = """
SELECT id, name FROM stages
UNION ALL
SELECT id, max(name) FROM (SELECT old AS id, old_name AS name FROM history WHERE field = 'stage_id' AND old <> '0'
                           UNION ALL SELECT new, new_name FROM history WHERE field = 'stage_id' AND new <> '0')
WHERE id NOT IN (SELECT id FROM stages) GROUP BY id"""

_DEALS = f"""
SELECT l.*, CASE WHEN l.active = 'false' THEN 'lost'
                 WHEN coalesce(s.is_won, 'false') = 'true' OR CAST(l.probability AS DOUBLE) >= 100 THEN 'won' END AS outcome,
       coalesce(c.account, l.partner) AS account, n.name AS stage_name, coalesce(t.name, 'none') AS pipeline
FROM leads l LEFT JOIN stages s ON s.id = l.stage LEFT JOIN ({_STAGES}) n ON n.id = l.stage LEFT JOIN teams t ON t.id = l.team
     LEFT JOIN ({_COMPANIES}) c ON c.id = l.partner
WHERE l.type = 'opportunity'"""

_FIRST = """
SELECT lead, arg_min(old, CAST(id AS BIGINT)) FILTER (field = 'stage_id' AND old <> '0') AS stage,
       arg_min(old, CAST(id AS BIGINT)) FILTER (field = 'expected_revenue') AS revenue
FROM history GROUP BY lead"""

# What happened before a lead was converted counts as having been so when it became a deal. Without the history (it was left out, or
# nothing was ever tracked) there is none, rather than one that was made up.
_CHANGES = f"""
WITH firsts AS ({_FIRST}), deals AS (SELECT *, coalesce(converted, created) AS opened FROM ({_DEALS})), moves AS (
    SELECT d.id AS deal, d.opened, d.opened AS moment, 0 AS step, coalesce(f.stage, d.stage) AS stage,
           coalesce(f.revenue, d.revenue) AS revenue
    FROM deals d LEFT JOIN firsts f ON f.lead = d.id WHERE EXISTS (SELECT 1 FROM history)
    UNION ALL
    SELECT h.lead, d.opened, h.changed, CAST(h.id AS BIGINT), CASE WHEN h.field = 'stage_id' THEN nullif(h.new, '0') END,
           CASE WHEN h.field = 'expected_revenue' THEN h.new END
    FROM history h JOIN deals d ON d.id = h.lead WHERE h.field IN ('stage_id', 'expected_revenue'))
SELECT deal, greatest(moment, opened) AS moment, step, revenue,
       last_value(stage IGNORE NULLS) OVER (PARTITION BY deal ORDER BY step) AS stage
FROM moves"""

_AUTHORS = "SELECT partner, min(id) AS id FROM users WHERE partner IS NOT NULL GROUP BY partner"

SHAPES = {
    "customers": f"""
SELECT p.*, 'res.partner/' || p.id AS record FROM partners p
WHERE p.id IN (SELECT account FROM ({_COMPANIES}) WHERE id IN (
    SELECT partner FROM leads UNION ALL SELECT partner FROM sale_orders))""",
    "companies": _COMPANIES,
    "places": f"""
SELECT x.pipeline, n.name AS stage, min(CAST(s.sequence AS INTEGER)) AS position, max(coalesce(s.is_won, 'false')) AS won,
       min('crm.stage/' || n.id) AS record
FROM (SELECT DISTINCT pipeline FROM ({_DEALS})) x CROSS JOIN ({_STAGES}) n LEFT JOIN stages s ON s.id = n.id
GROUP BY x.pipeline, n.name""",
    "opened_leads": f"""
SELECT l.*, 'lead-' || l.id AS lead, coalesce(c.account, l.partner) AS account, coalesce(l.medium, l.source) AS channel,
       CASE WHEN l.type = 'opportunity' THEN l.id END AS deal, 'crm.lead/' || l.id AS record
FROM leads l LEFT JOIN ({_COMPANIES}) c ON c.id = l.partner WHERE l.type = 'lead' OR l.converted IS NOT NULL""",
    "deals": f"""
SELECT d.*, coalesce(d.converted, d.created) AS opened, CASE WHEN d.converted IS NOT NULL THEN 'lead-' || d.id END AS lead,
       coalesce(d.medium, d.source) AS channel, CASE WHEN d.outcome IS NOT NULL THEN coalesce(d.closed, d.changed) END AS ended,
       p.step AS next_step, p.deadline AS next_step_on, 'crm.lead/' || d.id AS record
FROM ({_DEALS}) d LEFT JOIN (SELECT lead, arg_min(coalesce(summary, type), deadline) AS step, min(deadline) AS deadline
                             FROM planned GROUP BY lead) p ON p.lead = d.id""",
    "deal_changes": f"""
SELECT c.deal, c.moment, coalesce(n.name, 'stage ' || c.stage) AS stage, c.revenue, 'crm.lead/' || c.deal AS record
FROM ({_CHANGES}) c LEFT JOIN ({_STAGES}) n ON n.id = c.stage ORDER BY CAST(c.deal AS BIGINT), c.step""",
    "touches": f"""
SELECT 'message-' || m.id AS id, m.date AS happened, coalesce(u.id, l.user) AS rep, l.id AS lead, l.type AS lead_type, l.converted,
       CASE WHEN t.category = 'phonecall' THEN 'call' WHEN t.category = 'meeting' THEN 'planned meeting' WHEN t.id IS NOT NULL THEN t.name
            ELSE 'email' END AS kind,
       CASE WHEN t.id IS NULL AND u.id IS NULL THEN 'inbound' ELSE 'outbound' END AS direction,
       NULL AS booked, NULL AS status, 'mail.message/' || m.id AS record
FROM messages m JOIN leads l ON l.id = m.lead LEFT JOIN activity_types t ON t.id = m.activity_type
     LEFT JOIN ({_AUTHORS}) u ON u.partner = m.author
UNION ALL BY NAME
SELECT 'event-' || e.id AS id, e.start AS happened, coalesce(e.user, l.user) AS rep, l.id AS lead, l.type AS lead_type, l.converted,
       CASE WHEN e.video IS NOT NULL AND e.location IS NULL THEN 'video' ELSE 'meeting' END AS kind, 'outbound' AS direction,
       e.created AS booked, CASE WHEN e.active = 'false' THEN 'declined' ELSE 'held' END AS status, 'calendar.event/' || e.id AS record
FROM events e JOIN leads l ON l.id = e.lead""",
}
SHAPES["activities"] = f"""
SELECT t.*, CASE WHEN t.lead_type = 'lead' OR (t.converted IS NOT NULL AND t.happened < t.converted) THEN 'lead-' || t.lead END AS of_lead,
       CASE WHEN t.lead_type = 'opportunity' AND (t.converted IS NULL OR t.happened >= t.converted) THEN t.lead END AS of_deal
FROM ({SHAPES.pop("touches")}) t"""
