"""What is read of Salesforce: its objects, the fields of each, and how it is known that one changed."""

from __future__ import annotations

from dataclasses import dataclass

ID, CHANGED, DELETED, CURRENCY = "Id", "SystemModstamp", "IsDeleted", "CurrencyIsoCode"
# The column of a stream with how far reading came: when the record changed, but at most when the reading began (and that with the last
# record of all that there are), and after a space a mark of what was asked for.
REACHED = "reached"


@dataclass(frozen=True)
class Sobject:
    """An object of Salesforce, which is a stream of the same name.

    `always` are the fields that must be readable wherever the object is; `often` those that are read where the organisation has them and
    the user may see them (both as words in one text; the id, the time of change and whether it was deleted go without saying). `needed`:
    nothing can be said without the object. `changed` is the field by which changes are found, None: it is small and is read whole. `where`
    are conditions, each after the field that it needs. `census`: its records can vanish for good, so that all ids are compared (others
    are there as long as what they belong to). `without` says what there is not where the object is not read.
    """

    name: str
    always: str
    often: str = ""
    without: str = ""
    needed: bool = False
    changed: str | None = CHANGED
    where: tuple[tuple[str, str], ...] = ()
    census: bool = True

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that must be readable."""
        return (ID, *self.always.split(), *([self.changed] if self.changed else []))

    @property
    def optional(self) -> tuple[str, ...]:
        """The fields that are read where they are there."""
        return (*self.often.split(), *([DELETED] if self.changed else []))


OBJECTS = {found.name: found for found in (
    Sobject("User", "Name IsActive", "Email ManagerId UserRole.Name UserType LastLoginDate LastModifiedDate", needed=True, census=False,
            where=(("UserType", "UserType != 'CspLitePortal' AND UserType != 'CustomerSuccess' AND UserType != 'Guest'"),)),
    Sobject("Account", "Name", "OwnerId Industry Type BillingCountry CreatedDate Website PersonEmail", "accounts"),
    Sobject("Contact", "AccountId", "Name Email OwnerId", "the accounts of activities with a contact"),
    Sobject("Lead", "CreatedDate OwnerId IsConverted",
            "LeadSource Status ConvertedDate ConvertedAccountId ConvertedContactId ConvertedOpportunityId", "leads"),
    Sobject("Campaign", "Name", f"Type StartDate EndDate ActualCost CreatedDate {CURRENCY}", "campaigns and what they cost"),
    Sobject("CampaignMember", "CampaignId LeadId CreatedDate", "", "the campaigns of leads"),
    Sobject("Opportunity", "AccountId OwnerId StageName Amount CloseDate CreatedDate IsClosed IsWon",
            f"Type LeadSource CampaignId NextStep RecordTypeId ContractId {CURRENCY}", needed=True),
    Sobject("OpportunityHistory", "OpportunityId StageName Amount CloseDate CreatedDate", "ForecastCategory Probability", needed=True,
            census=False),
    Sobject("OpportunityFieldHistory", "OpportunityId Field OldValue NewValue", "CreatedById", "the history of owners",
            changed="CreatedDate", where=(("Field", "Field = 'Owner'"),), census=False),
    Sobject("OpportunityStage", "MasterLabel IsActive IsClosed IsWon SortOrder", "ApiName DefaultProbability", needed=True, changed=None),
    Sobject("RecordType", "DeveloperName SobjectType", "", "pipelines apart", changed=None,
            where=(("SobjectType", "SobjectType = 'Opportunity'"),)),
    Sobject("OpportunityLineItem", "OpportunityId Product2Id", "Quantity UnitPrice TotalPrice", "the products of deals"),
    Sobject("OpportunityContactRole", "OpportunityId ContactId Role", "", "the roles of contacts"),
    Sobject("Product2", "Name", "Family QuantityUnitOfMeasure", "products"),
    Sobject("PricebookEntry", "Product2Id UnitPrice", CURRENCY, "list prices", where=(
        ("Pricebook2Id", "Pricebook2.IsStandard = true"), ("IsActive", "IsActive = true"))),
    Sobject("Task", "OwnerId WhoId WhatId IsClosed ActivityDate CreatedDate", "AccountId TaskSubtype Type CallType CompletedDateTime",
            "calls and other tasks", where=(("IsRecurrence", "IsRecurrence = false"),)),
    Sobject("Event", "OwnerId WhoId WhatId StartDateTime CreatedDate", "AccountId ActivityDate IsAllDayEvent Type EventSubtype", "meetings",
            where=(("IsChild", "IsChild = false"), ("IsRecurrence", "IsRecurrence = false"))),
    Sobject("EmailMessage", "ActivityId Incoming Status MessageDate", "RelatedToId CreatedById CreatedDate", "e-mails",
            where=(("ParentId", "ParentId = null"),)),
    Sobject("Quote", "OpportunityId Status CreatedDate", "", "proposals"),
    Sobject("Contract", "AccountId Status StartDate EndDate CreatedDate", f"OwnerId StatusCode ActivatedDate CustomerSignedDate {CURRENCY}",
            "contracts"),
    Sobject("Order", "AccountId EffectiveDate StatusCode", f"OwnerId OpportunityId ActivatedDate CreatedDate {CURRENCY}", "orders"),
    Sobject("OrderItem", "OrderId Product2Id Quantity UnitPrice", "ListPrice", "the lines of orders"),
    Sobject("ForecastingQuota", "QuotaOwnerId QuotaAmount StartDate", f"PeriodId IsAmount ForecastingTypeId {CURRENCY}", "quotas"),
    Sobject("Period", "StartDate EndDate", "Type", "the ends of quotas", changed=None),
    Sobject("CurrencyType", "IsoCode ConversionRate", "IsCorporate IsActive", "currencies", changed=None),
)}
NEEDED = tuple(name for name, found in OBJECTS.items() if found.needed)
MERGING = ("Account", "Contact", "Lead")  # objects whose records are merged: the one that goes says into which
