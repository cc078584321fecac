"""What Pipedrive's streams say of deals, leads and touches, in SQL (no network, no state).

A deal keeps its stage when it is won or lost: those are its status. An organisation is an account, and so is a person who belongs to none.
"""

# Pipelines by name; of those that are called the same each has its number behind it, so that they stay apart.
_PIPELINES = """
SELECT id, CASE WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || id || ')' ELSE name END AS name FROM pipelines"""

# Stages by name. A stage that was deleted keeps its name for the history; one that is not known any more has its number.
_STAGES = f"""
SELECT s.id, s.name, coalesce(p.name, 'pipeline ' || s.pipeline_id) AS pipeline, s.order_nr, s.deal_probability
FROM stages s LEFT JOIN ({_PIPELINES}) p ON p.id = s.pipeline_id"""

# Organisations and persons: those that there are, and those that a deal or a lead still names.
_ORGANIZATIONS = """
SELECT * FROM organizations WHERE id IN (SELECT id FROM organization_ids UNION ALL SELECT org_id FROM deals
                                         UNION ALL SELECT organization_id FROM leads)"""
_PERSONS = """
SELECT * FROM persons WHERE id IN (SELECT id FROM person_ids UNION ALL SELECT person_id FROM deals UNION ALL SELECT person_id FROM leads)"""

# The account that a person stands for.
_PEOPLE = f"""
SELECT p.id, CASE WHEN o.id IS NOT NULL THEN 'org-' || o.id ELSE 'person-' || p.id END AS account, o.id AS organization
FROM ({_PERSONS}) p LEFT JOIN ({_ORGANIZATIONS}) o ON o.id = p.org_id"""

# A deal's values at its creation: what the first change of each names as the old one, else as it stands.
_FIRST = """
SELECT deal_id,
       arg_min(old, CAST(step AS INTEGER)) FILTER (field = 'stage_id') AS stage,
       arg_min(coalesce(old, ''), CAST(step AS INTEGER)) FILTER (field = 'value') AS amount,
       arg_min(coalesce(old, ''), CAST(step AS INTEGER)) FILTER (field = 'expected_close_date') AS closes
FROM steps WHERE step <> '0' GROUP BY deal_id"""

# The steps of each deal that are still in its history.
_STEPS = """
SELECT h.* FROM deal_history h JOIN deal_history c ON c.deal_id = h.deal_id AND c.step = '0'
WHERE CAST(h.step AS INTEGER) <= CAST(c.steps AS INTEGER)"""

_CHANGES = f"""
WITH steps AS ({_STEPS}), firsts AS ({_FIRST}), moves AS (
    SELECT d.id AS deal, h.at, CAST(h.step AS INTEGER) AS step,
           CASE WHEN h.step = '0' THEN coalesce(f.stage, d.stage_id) WHEN h.field = 'stage_id' THEN h.new END AS stage,
           CASE WHEN h.step = '0' THEN nullif(coalesce(f.amount, d.value), '') WHEN h.field = 'value' THEN h.new END AS amount,
           CASE WHEN h.step = '0' THEN nullif(coalesce(f.closes, d.expected_close_date), '')
                WHEN h.field = 'expected_close_date' THEN h.new END AS closes
    FROM deals d JOIN steps h ON h.deal_id = d.id LEFT JOIN firsts f ON f.deal_id = d.id
    WHERE h.step = '0' OR h.field IN ('stage_id', 'value', 'expected_close_date'))
SELECT m.deal, m.at, m.step, m.amount, m.closes,
       last_value(m.stage IGNORE NULLS) OVER (PARTITION BY m.deal ORDER BY m.step) AS stage
FROM moves m"""

# When a touch was: a planned time that had passed when it was ticked off, else the moment of ticking off; a plan counts as planned.
_WHEN = """CASE WHEN a.done = 'true' AND a.marked_as_done_time IS NOT NULL
                AND (a.due_time IS NULL OR a.due_date || 'T' || a.due_time > replace(a.marked_as_done_time, 'Z', ''))
           THEN a.marked_as_done_time
           WHEN a.due_date IS NOT NULL THEN a.due_date || coalesce('T' || a.due_time || 'Z', '')
           ELSE coalesce(a.marked_as_done_time, a.add_time) END"""

_ACCOUNT = "CASE WHEN o.id IS NOT NULL THEN 'org-' || o.id ELSE p.account END"

SHAPES = {
    "customers": f"""
SELECT * REPLACE ('org-' || id AS id), 'organization/' || id AS record FROM ({_ORGANIZATIONS})
UNION ALL BY NAME
SELECT q.* REPLACE (p.account AS id), 'person/' || q.id AS record
FROM persons q JOIN ({_PEOPLE}) p ON p.id = q.id WHERE p.organization IS NULL""",
    "places": f"""
SELECT pipeline, name AS stage, min(CAST(order_nr AS INTEGER)) AS position,
       max(CAST(deal_probability AS DOUBLE)) / 100 AS probability, min('stage/' || id) AS record
FROM ({_STAGES}) GROUP BY pipeline, name""",
    "opened_leads": f"""
WITH became AS (SELECT source_lead_id AS lead, min(id) AS deal, min(add_time) AS at FROM deals WHERE source_lead_id IS NOT NULL
                GROUP BY source_lead_id),
     known AS (SELECT l.* FROM leads l WHERE l.id IN (SELECT id FROM lead_ids) OR l.id IN (SELECT lead FROM became))
SELECT l.id, l.add_time, l.owner_id, {_ACCOUNT} AS account, l.channel, l.source_name, b.at AS converted, b.deal, 'lead/' || l.id AS record
FROM known l LEFT JOIN became b ON b.lead = l.id LEFT JOIN ({_ORGANIZATIONS}) o ON o.id = l.organization_id
     LEFT JOIN ({_PEOPLE}) p ON p.id = l.person_id
UNION ALL BY NAME
SELECT b.lead AS id, b.at AS add_time, d.owner_id, {_ACCOUNT} AS account, d.channel, b.at AS converted, b.deal, 'deal/' || b.deal AS record
FROM became b JOIN deals d ON d.id = b.deal LEFT JOIN ({_ORGANIZATIONS}) o ON o.id = d.org_id LEFT JOIN ({_PEOPLE}) p ON p.id = d.person_id
WHERE b.lead NOT IN (SELECT id FROM leads)""",
    "all_deals": f"""
SELECT d.*, {_ACCOUNT} AS account, s.pipeline, coalesce(s.name, 'stage ' || d.stage_id) AS stage,
       CASE d.status WHEN 'won' THEN coalesce(d.won_time, d.close_time) WHEN 'lost' THEN coalesce(d.lost_time, d.close_time) END AS closed,
       q.product_id, 'deal/' || d.id AS record
FROM deals d LEFT JOIN ({_STAGES}) s ON s.id = d.stage_id LEFT JOIN ({_ORGANIZATIONS}) o ON o.id = d.org_id
     LEFT JOIN ({_PEOPLE}) p ON p.id = d.person_id LEFT JOIN deal_products q ON q.deal_id = d.id""",
    "deal_changes": f"""
SELECT c.deal, c.at, coalesce(s.name, 'stage ' || c.stage) AS stage, c.amount, c.closes, 'deal/' || c.deal AS record
FROM ({_CHANGES}) c LEFT JOIN ({_STAGES}) s ON s.id = c.stage ORDER BY CAST(c.deal AS BIGINT), c.step""",
    "touches": f"""
SELECT a.id, {_WHEN} AS happened, a.type, a.owner_id, {_ACCOUNT} AS account, a.deal_id, a.lead_id, a.add_time, a.done,
       CASE WHEN a.type = 'meeting' AND a.conference_meeting_client IS NOT NULL THEN 'video' ELSE a.type END AS kind,
       'activity/' || a.id AS record
FROM activities a LEFT JOIN ({_ORGANIZATIONS}) o ON o.id = a.org_id LEFT JOIN ({_PEOPLE}) p ON p.id = a.person_id
WHERE a.done = 'true' OR a.type NOT IN ('call', 'email', 'task', 'deadline')""",
}
