"""What HubSpot's streams say of accounts, leads, deals and touches, in SQL (no network, no state): without what was archived or merged into
another record, with the names of stages instead of their ids, and with won and lost from the pipelines' own settings."""

from __future__ import annotations


def _merged(kind: str) -> str:
    """Of each record that was merged into another of its kind: which one stands for it now."""
    return ("SELECT merged, max(winner) AS winner FROM (SELECT id AS winner, trim(unnest(string_split(hs_merged_object_ids, ';'))) "
            f"AS merged FROM {kind} WHERE hs_merged_object_ids <> '') WHERE merged NOT IN ('', winner) GROUP BY merged")


def _alive(kind: str, merges: bool = True) -> str:
    """The records of a kind that are there. One that was archived and changed after that was taken out of the bin again."""
    gone = f" AND r.id NOT IN (SELECT merged FROM ({_merged(kind)}))" if merges else ""
    return (f"(SELECT r.* FROM {kind} r WHERE NOT EXISTS (SELECT 1 FROM archived a WHERE a.object = '{kind}' AND a.id = r.id "
            f"AND a.archived_at >= r.changed){gone})")


def _standing(kind: str, alias: str, reference: str) -> str:
    """A join to the id of the record that a reference leads to, by way of a merge; empty where it is no longer there."""
    return (f"LEFT JOIN ({_merged(kind)}) {alias}_merged ON {alias}_merged.merged = {reference} "
            f"LEFT JOIN (SELECT id FROM {_alive(kind)}) {alias} ON {alias}.id = coalesce({alias}_merged.winner, {reference})")


# Stages by the names of today; where a name was used twice in a pipeline, the older stage has its id beside it. A stage that does not say
# whether it is closed is so where nothing or everything is probable. Qualified is what is not lost, from HubSpot's stage of that name on.
_STAGES = """
SELECT s.pipeline AS pipeline_id, s.stage AS stage_id, p.name AS pipeline, s.position, s.probability,
       CASE WHEN row_number() OVER (PARTITION BY s.pipeline, s.name ORDER BY s.updated DESC, s.stage) = 1 THEN s.name
            ELSE s.name || ' (' || s.stage || ')' END AS stage,
       s.closed, s.closed AND s.won AS won,
       NOT (s.closed AND NOT s.won) AND s.place >= coalesce(min(CASE WHEN s.stage = 'qualifiedtobuy' THEN s.place END)
                                                            OVER (PARTITION BY s.pipeline), s.place) AS qualified
FROM (SELECT *, TRY_CAST(position AS INTEGER) AS place, coalesce(TRY_CAST(probability AS DOUBLE), 0.5) >= 1 AS won,
             coalesce(TRY_CAST(nullif(closed, '') AS BOOLEAN), TRY_CAST(probability AS DOUBLE) IN (0, 1), false) AS closed FROM stages
      ) AS s(pipeline, pipeline_name, stage, name, position, probability, closed_said, updated, place, won, closed)
JOIN (SELECT pipeline, CASE WHEN row_number() OVER (PARTITION BY label ORDER BY latest DESC, pipeline) = 1 THEN label
                            ELSE label || ' (' || pipeline || ')' END AS name
      FROM (SELECT pipeline, arg_max(pipeline_name, updated) AS label, max(updated) AS latest FROM stages GROUP BY pipeline)) p
  ON p.pipeline = s.pipeline"""

# When a contact first became a lead, or more than one; empty where it never was.
_ENTERED = "least({})".format(", ".join(f"nullif(c.hs_lifecyclestage_{stage}_date, '')" for stage in (
    "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity")))

# Contacts that were ever a lead in their lifecycle, or are one.
_LEADS = f"""
SELECT c.*, coalesce({_ENTERED}, nullif(c.createdate, '')) AS entered
FROM {_alive('contacts')} c
WHERE c.lifecyclestage IN ('lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity') OR {_ENTERED} IS NOT NULL"""

# Each deal with the ids that its references lead to now.
_DEALS = f"""
SELECT d.*, company.id AS account, lead.id AS lead
FROM (SELECT *, coalesce(nullif(hs_primary_associated_company, ''), company) AS company_said FROM {_alive('deals')}) d
{_standing('companies', 'company', 'd.company_said')}
LEFT JOIN ({_merged('contacts')}) contact_merged ON contact_merged.merged = d.contact
LEFT JOIN (SELECT id FROM ({_LEADS})) lead ON lead.id = coalesce(contact_merged.winner, d.contact)"""


def _touches(kind: str, columns: str, when: str = "true") -> str:
    """The touches of one kind of engagement, with what they lead to."""
    return f"""
SELECT '{kind}/' || t.id AS record, t.hubspot_owner_id AS owner, {columns}, deal.id AS deal, lead.id AS lead,
       coalesce(company.id, contact_company.id) AS account
FROM {_alive(kind, merges=False)} t
{_standing('deals', 'deal', 't.deal')}
{_standing('contacts', 'contact', 't.contact')}
LEFT JOIN (SELECT id FROM ({_LEADS})) lead ON lead.id = contact.id
LEFT JOIN contacts person ON person.id = contact.id
{_standing('companies', 'company', 't.company')}
{_standing('companies', 'contact_company', 'person.associatedcompanyid')}
WHERE {when}"""


SHAPES = {
    "people": """
SELECT id, coalesce(nullif(concat_ws(' ', nullif(first, ''), nullif(last, '')), ''), email, id) AS name, email, team,
       CASE WHEN archived = 'true' THEN updated END AS left_at, 'owners/' || id AS record
FROM owners QUALIFY row_number() OVER (PARTITION BY id ORDER BY archived, updated DESC) = 1""",
    "firms": f"""
SELECT f.*, 'companies/' || f.id AS record FROM {_alive('companies')} f""",
    "persons": f"""
SELECT c.id, nullif(concat_ws(' ', nullif(c.firstname, ''), nullif(c.lastname, '')), '') AS name, c.email, 'contacts/' || c.id AS record
FROM {_alive('contacts')} c""",
    "catalogue": f"""
SELECT p.*, 'products/' || p.id AS record FROM {_alive('products', merges=False)} p""",
    "pipeline_stages": _STAGES,
    "lead_contacts": f"""
SELECT l.*, 'contacts/' || l.id AS record, company.id AS account, d.deal AS deal
FROM ({_LEADS}) l
{_standing('companies', 'company', 'l.associatedcompanyid')}
LEFT JOIN (SELECT lead, arg_min(id, createdate || id) AS deal FROM ({_DEALS}) GROUP BY lead) d ON d.lead = l.id""",
    "deals_now": f"""
SELECT d.*, 'deals/' || d.id AS record, coalesce(s.pipeline, d.pipeline) AS pipeline_name, coalesce(s.stage, d.dealstage) AS stage_name,
       CASE WHEN s.won THEN 'won' WHEN s.closed THEN 'lost' END AS outcome,
       CASE WHEN s.closed THEN coalesce(nullif(d.closedate, ''), d.changed) END AS closed, l.product
FROM ({_DEALS}) d LEFT JOIN ({_STAGES}) s ON s.stage_id = d.dealstage
LEFT JOIN (SELECT i.deal, arg_max(p.id, (coalesce(TRY_CAST(i.amount AS DOUBLE), 0), i.id)) AS product
           FROM {_alive('line_items', merges=False)} i JOIN {_alive('products', merges=False)} p ON p.id = i.hs_product_id
           WHERE i.deal IS NOT NULL GROUP BY i.deal) l ON l.deal = d.id""",
    "deal_steps": f"""
SELECT h.deal, h.changed, coalesce(s.stage, h.stage) AS stage_name, h.amount, h.closes, 'deals/' || h.deal AS record
FROM (SELECT deal, changed, amount, closes, last_value(nullif(stage, '') IGNORE NULLS) OVER (PARTITION BY deal ORDER BY changed) AS stage
      FROM (SELECT deal, changed, max(value) FILTER (property = 'dealstage') AS stage, max(value) FILTER (property = 'amount') AS amount,
                   max(value) FILTER (property = 'closedate') AS closes
            FROM deal_history WHERE property IN ('dealstage', 'amount', 'closedate') GROUP BY deal, changed)) h
JOIN {_alive('deals')} d ON d.id = h.deal LEFT JOIN ({_STAGES}) s ON s.stage_id = h.stage
WHERE h.stage IS NOT NULL ORDER BY h.deal, h.changed""",
    "touches": " UNION ALL ".join((
        _touches("calls", "'call' AS kind, t.hs_timestamp AS occurred, NULL AS booked, t.hs_call_direction AS direction, NULL AS outcome",
                 "coalesce(t.hs_call_status, '') NOT IN ('CANCELED', 'FAILED', 'QUEUED')"),
        _touches("meetings", "'meeting' AS kind, coalesce(nullif(t.hs_meeting_start_time, ''), t.hs_timestamp) AS occurred, "
                             "nullif(t.hs_createdate, '') AS booked, NULL AS direction, t.hs_meeting_outcome AS outcome"),
        _touches("emails", "'email' AS kind, t.hs_timestamp AS occurred, NULL AS booked, t.hs_email_direction AS direction, "
                           "NULL AS outcome",
                 "coalesce(t.hs_email_status, '') NOT IN ('BOUNCED', 'FAILED', 'SCHEDULED', 'SENDING') "
                 "AND coalesce(t.hs_email_direction, '') <> 'DRAFT_EMAIL'"),
        _touches("communications", "'message' AS kind, t.hs_timestamp AS occurred, NULL AS booked, NULL AS direction, NULL AS outcome"))),
}
