"""What Salesforce says of deals, their stages and how they went through them, in SQL over its streams."""

from __future__ import annotations

# A deal's pipeline is its record type; without one it is the organisation's only one. (012000000000000 is "no record type".)
_PIPELINE = "CASE WHEN o.RecordTypeId IS NULL OR o.RecordTypeId LIKE '012000000000000%' THEN 'salesforce' ELSE coalesce(r.DeveloperName, " \
            "o.RecordTypeId) END"

# What each name of a stage means, also of those that are no longer used. Of a name that Salesforce no longer has at all (a stage that was
# renamed or removed), history tells it: its forecast category was Closed where it was won; it was Omitted at 0 % where it was lost.
STAGES = f"""
deal_pipelines AS (SELECT o.Id, {_PIPELINE} AS pipeline FROM "Opportunity" o LEFT JOIN "RecordType" r ON r.Id = o.RecordTypeId),
named_stages AS (SELECT stage, arg_min(closed, rank) AS closed, arg_min(won, rank) AS won, arg_min(active, rank) AS active,
                        arg_min(position, rank) AS position, arg_min(probability, rank) AS probability
    FROM (SELECT unnest([MasterLabel, ApiName]) AS stage, unnest([0, 2]) + (IsActive IS DISTINCT FROM 'true')::INT AS rank,
                 IsClosed = 'true' AS closed, IsWon = 'true' AS won, IsActive = 'true' AS active, SortOrder AS position,
                 CAST(CAST(coalesce(DefaultProbability, '0') AS DOUBLE) / 100 AS VARCHAR) AS probability FROM "OpportunityStage")
    WHERE stage IS NOT NULL GROUP BY 1),
steps AS (SELECT h.*, coalesce(n.closed, h.ForecastCategory = 'Closed'
                               OR (h.ForecastCategory = 'Omitted' AND TRY_CAST(h.Probability AS DOUBLE) = 0), false) AS closed,
                 coalesce(n.won, h.ForecastCategory = 'Closed', false) AS won, p.pipeline
    FROM "OpportunityHistory" h JOIN deal_pipelines p ON p.Id = h.OpportunityId LEFT JOIN named_stages n ON n.stage = h.StageName)"""

_STAGES = """
SELECT u.pipeline, u.stage, n.position, n.probability, coalesce(n.closed, u.closed) AS closed, coalesce(n.won, u.won) AS won,
       coalesce(n.won, u.won) OR NOT coalesce(n.closed, u.closed) AS qualified
FROM (SELECT pipeline, stage, bool_or(closed) AS closed, bool_or(won) AS won FROM (
          SELECT pipeline, StageName AS stage, closed, won FROM steps
          UNION ALL SELECT p.pipeline, o.StageName, o.IsClosed = 'true', o.IsWon = 'true'
                    FROM "Opportunity" o JOIN deal_pipelines p ON p.Id = o.Id
          UNION ALL SELECT sole.pipeline, n.stage, n.closed, n.won FROM named_stages n,
                           (SELECT coalesce(min(pipeline), 'salesforce') AS pipeline FROM deal_pipelines
                            HAVING count(DISTINCT pipeline) <= 1) sole
                    WHERE n.active AND n.position IS NOT NULL AND n.stage IN (SELECT MasterLabel FROM "OpportunityStage"))
      GROUP BY 1, 2) u LEFT JOIN named_stages n ON n.stage = u.stage"""

# Closed is a deal on its close date, as Salesforce's own reports count it: at the instant at which it went into a closed stage where that
# was on that day, else at its creation where that was, else when that day began.
_DEALS = """
SELECT o.*, p.pipeline, coalesce(k.master, o.AccountId) AS account, l.Product2Id AS product, 'Opportunity/' || o.Id AS record,
       CASE WHEN o.IsClosed = 'true' THEN CASE WHEN o.IsWon = 'true' THEN 'won' ELSE 'lost' END END AS outcome,
       CASE WHEN o.IsClosed = 'true' THEN CASE WHEN left(t.closing, 10) = o.CloseDate THEN t.closing
                                               WHEN left(o.CreatedDate, 10) = o.CloseDate THEN o.CreatedDate
                                               ELSE o.CloseDate END END AS closed
FROM "Opportunity" o JOIN deal_pipelines p ON p.Id = o.Id
LEFT JOIN kept k ON k.Id = o.AccountId
LEFT JOIN (SELECT OpportunityId, max(CreatedDate) FILTER (closed AND NOT coalesce(before, false)) AS closing
           FROM (SELECT *, lag(closed) OVER (PARTITION BY OpportunityId ORDER BY CreatedDate, Id) AS before FROM steps) GROUP BY 1) t
    ON t.OpportunityId = o.Id
LEFT JOIN (SELECT OpportunityId, Product2Id, row_number() OVER (
               PARTITION BY OpportunityId ORDER BY TRY_CAST(TotalPrice AS DOUBLE) DESC NULLS LAST, Id) AS place
           FROM "OpportunityLineItem" WHERE Product2Id IS NOT NULL) l ON l.OpportunityId = o.Id AND l.place = 1"""

_CHANGES = """
SELECT s.*, 'Opportunity/' || s.OpportunityId AS record FROM steps s ORDER BY s.OpportunityId, s.CreatedDate, s.Id"""

DEALS = {"deals": _DEALS, "deal_changes": _CHANGES, "deal_stages": _STAGES}
