"""What Salesforce's streams say of sellers, leads, deals, activities and orders, in SQL over the streams (no network, no state)."""

from __future__ import annotations

from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.salesforce.activities import ACTIVITIES
from salesgauge.sources.salesforce.deals import DEALS, STAGES
from salesgauge.sources.salesforce.objects import OBJECTS, REACHED
from salesgauge.sources.salesforce.settings import read
from salesgauge.staging import ident

# Canonical tables that are not brought until the organisation has a record of them: an empty table of orders would say that there was no
# revenue, where the organisation has its revenue in its deals.
LEFT_OUT = frozenset({"leads", "campaigns", "products", "activities", "documents", "contracts", "orders", "order_lines", "spend", "quotas",
                      "contact_keys"})

# A record that was merged: with the one that is there in its place, at the end of the chain. One that was restored stands for itself.
_KEPT = """
chain(Id, master) AS (SELECT Id, MasterRecordId FROM "Merged" UNION
                    SELECT c.Id, m.MasterRecordId FROM chain c JOIN "Merged" m ON m.Id = c.master),
kept AS (SELECT Id, min(master) AS master FROM chain WHERE master NOT IN (SELECT Id FROM "Merged") AND Id NOT IN (
             SELECT Id FROM "Account" UNION ALL SELECT Id FROM "Contact" UNION ALL SELECT Id FROM "Lead") GROUP BY Id)"""

# Users who own something that is sold or towards a sale, with all who manage them. An inactive user is gone since the day after the last
# time that they were in: Salesforce keeps no day on which somebody left.
_SELLERS = """
WITH RECURSIVE owning AS (
    SELECT OwnerId AS Id FROM "Opportunity" UNION SELECT OwnerId FROM "Lead" UNION SELECT OwnerId FROM "Account"
    UNION SELECT OwnerId FROM "Order" UNION SELECT OwnerId FROM "Task" UNION SELECT OwnerId FROM "Event"
    UNION SELECT QuotaOwnerId FROM "ForecastingQuota"),
selling AS (SELECT Id FROM owning UNION SELECT u.ManagerId FROM selling s JOIN "User" u ON u.Id = s.Id)
SELECT u.*, u."UserRole.Name" AS role, 'User/' || u.Id AS record,
       CASE WHEN u.IsActive = 'false' THEN CAST(CAST(left(coalesce(u.LastLoginDate, u.LastModifiedDate), 10) AS DATE) + 1 AS VARCHAR) END
           AS gone
FROM "User" u WHERE u.Id IN (SELECT Id FROM selling)"""

_CUSTOMERS = """
SELECT a.*, CASE WHEN a.OwnerId LIKE '005%' THEN a.OwnerId END AS seller, 'Account/' || a.Id AS record FROM "Account" a"""

_CONTACTS = """SELECT c.*, 'Contact/' || c.Id AS record FROM "Contact" c"""

# When a lead was converted: Salesforce keeps the day; where the deal was made by it, that is the instant.
_PROSPECTS = """
SELECT l.*, CASE WHEN l.OwnerId LIKE '005%' THEN l.OwnerId END AS seller, 'Lead/' || l.Id AS record, o.Id AS deal, c.CampaignId AS campaign,
       coalesce(k.master, l.ConvertedAccountId) AS account,
       CASE WHEN l.IsConverted = 'true' THEN
           CASE WHEN abs(date_diff('day', CAST(left(o.CreatedDate, 10) AS DATE), CAST(l.ConvertedDate AS DATE))) <= 1
                     AND o.CreatedDate >= l.CreatedDate THEN o.CreatedDate
                WHEN left(l.CreatedDate, 10) >= l.ConvertedDate THEN l.CreatedDate ELSE l.ConvertedDate END END AS converted
FROM "Lead" l
LEFT JOIN "Opportunity" o ON o.Id = l.ConvertedOpportunityId
LEFT JOIN kept k ON k.Id = l.ConvertedAccountId
LEFT JOIN (SELECT LeadId, arg_min(CampaignId, CreatedDate || Id) AS CampaignId FROM "CampaignMember" WHERE LeadId IS NOT NULL GROUP BY 1) c
    ON c.LeadId = l.Id"""

_CAMPAIGNS = """SELECT c.*, 'Campaign/' || c.Id AS record FROM "Campaign" c"""

_COSTS = """
SELECT c.*, coalesce(c.StartDate, left(c.CreatedDate, 10)) AS day, 'Campaign/' || c.Id AS record FROM "Campaign" c
WHERE TRY_CAST(c.ActualCost AS DOUBLE) > 0"""

# A product has a list price in each currency: that of the corporate one, else of the first.
_PRODUCTS = """
SELECT p.*, e.UnitPrice AS price, e.CurrencyIsoCode AS currency, 'Product2/' || p.Id AS record FROM "Product2" p
LEFT JOIN (SELECT e.*, row_number() OVER (PARTITION BY e.Product2Id ORDER BY c.IsCorporate IS DISTINCT FROM 'true', e.CurrencyIsoCode, e.Id)
               AS place
           FROM "PricebookEntry" e LEFT JOIN "CurrencyType" c ON c.IsoCode = e.CurrencyIsoCode) e ON e.Product2Id = p.Id AND e.place = 1"""

_ORDERS = """
SELECT o.*, coalesce(k.master, o.AccountId) AS account, CASE WHEN o.OwnerId LIKE '005%' THEN o.OwnerId END AS seller,
       'Order/' || o.Id AS record
FROM "Order" o LEFT JOIN kept k ON k.Id = o.AccountId WHERE o.StatusCode = 'Activated'"""

_ORDER_LINES = """
SELECT i.*, 'OrderItem/' || i.Id AS record FROM "OrderItem" i JOIN "Order" o ON o.Id = i.OrderId WHERE o.StatusCode = 'Activated'"""

# The revenue quotas of one forecast type (that with the most), product families added up, from their start to the end of their period; a
# month, where they are of the first kind of quotas, which had no period. One whose period cannot be read has no end, and is set aside.
_QUOTAS = """
SELECT q.QuotaOwnerId, q.StartDate,
       CAST(CASE WHEN q.PeriodId IS NULL THEN CAST(CAST(q.StartDate AS DATE) + INTERVAL 1 MONTH AS DATE)
                 ELSE CAST(p.EndDate AS DATE) + 1 END AS VARCHAR) AS ends,
       CAST(sum(CAST(q.QuotaAmount AS DECIMAL(38, 6))) AS VARCHAR) AS amount, min(q.CurrencyIsoCode) AS currency,
       'ForecastingQuota/' || min(q.Id) AS record
FROM "ForecastingQuota" q LEFT JOIN "Period" p ON p.Id = q.PeriodId
WHERE q.IsAmount IS DISTINCT FROM 'false' AND q.QuotaOwnerId LIKE '005%' AND q.ForecastingTypeId IS NOT DISTINCT FROM (
    SELECT ForecastingTypeId FROM "ForecastingQuota" WHERE IsAmount IS DISTINCT FROM 'false' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1)
GROUP BY 1, 2, 3"""

_PROPOSALS = """
SELECT q.*, 'Quote/' || q.Id AS record FROM "Quote" q JOIN "Opportunity" o ON o.Id = q.OpportunityId"""

# A contract belongs to the deal that names it.
_SIGNED = """
SELECT c.*, o.deal, 'Contract/' || c.Id AS record,
       CASE WHEN c.CustomerSignedDate = left(c.CreatedDate, 10) THEN c.CreatedDate ELSE c.CustomerSignedDate END AS signed
FROM "Contract" c JOIN (SELECT ContractId, min(Id) AS deal FROM "Opportunity" GROUP BY 1) o ON o.ContractId = c.Id"""

_AGREEMENTS = """
SELECT c.*, coalesce(k.master, c.AccountId) AS account, CASE WHEN c.OwnerId LIKE '005%' THEN c.OwnerId END AS seller,
       CAST(CAST(c.EndDate AS DATE) + 1 AS VARCHAR) AS ends, o.deal, o.value, 'Contract/' || c.Id AS record
FROM "Contract" c LEFT JOIN kept k ON k.Id = c.AccountId
JOIN (SELECT ContractId, min(Id) AS deal, CAST(sum(CAST(Amount AS DECIMAL(38, 6))) AS VARCHAR) AS value FROM "Opportunity"
      WHERE IsWon = 'true' GROUP BY 1) o ON o.ContractId = c.Id
WHERE coalesce(c.StatusCode, c.Status) IN ('Activated', 'Expired') AND c.EndDate IS NOT NULL"""

# What one unit of a currency is worth in the corporate currency.
_RATES = """
SELECT c.IsoCode, CAST(1 / CAST(c.ConversionRate AS DOUBLE) AS VARCHAR) AS rate FROM "CurrencyType" c
WHERE CAST(c.ConversionRate AS DOUBLE) > 0"""

_OWNER_CHANGES = """
SELECT h.*, 'Opportunity/' || h.OpportunityId AS record FROM "OpportunityFieldHistory" h JOIN "Opportunity" o ON o.Id = h.OpportunityId
WHERE h.Field = 'Owner' AND h.NewValue LIKE '005%'"""

_WRITTEN = {
    "sellers": _SELLERS, "customers": _CUSTOMERS, "people": _CONTACTS, "prospects": _PROSPECTS,
    "marketing": _CAMPAIGNS, "costs": _COSTS, "goods": _PRODUCTS,
    **DEALS, **ACTIVITIES, "purchases": _ORDERS, "purchase_lines": _ORDER_LINES, "targets": _QUOTAS, "proposals": _PROPOSALS,
    "signed": _SIGNED, "agreements": _AGREEMENTS, "rates": _RATES, "owner_changes": _OWNER_CHANGES,
}


def SHAPES(connection: Connection) -> dict[str, str]:
    """The shapes of a connection by name. An object that it does not read is empty in them."""
    settings = read(connection)
    there = {sobject.name for sobject in settings.objects}
    absent = [f"{ident(name)} AS (SELECT {_nothing((*settings.columns(found), REACHED))} WHERE false)"
              for name, found in OBJECTS.items() if name not in there]
    before = f"WITH RECURSIVE {', '.join([*absent, _KEPT, STAGES])}"
    return {name: f"{before} SELECT * FROM ({query})" for name, query in _WRITTEN.items()}


def _nothing(columns: tuple[str, ...]) -> str:
    return ", ".join(f"NULL::VARCHAR AS {ident(column)}" for column in columns)
