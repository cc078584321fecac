"""The fields of the simulated organisation's objects, with the types that describe gives them."""

from __future__ import annotations

_SHORT = {"id": "id", "ref": "reference", "str": "string", "pick": "picklist", "dt": "datetime", "date": "date", "bool": "boolean",
          "money": "currency", "num": "double", "pct": "percent", "int": "int", "any": "anyType", "mail": "email"}
_TRACKED = "CreatedDate:dt CreatedById:ref LastModifiedDate:dt SystemModstamp:dt IsDeleted:bool"

# A * after an object: the field CurrencyIsoCode is there too where the organisation has several currencies.
_OBJECTS = {
    "User": "Name:str IsActive:bool Email:mail ManagerId:ref UserRoleId:ref UserType:pick LastLoginDate:dt LastModifiedDate:dt "
            "CreatedDate:dt SystemModstamp:dt",
    "UserRole": "Name:str SystemModstamp:dt",
    "Account*": f"{_TRACKED} Name:str OwnerId:ref Industry:pick Type:pick BillingCountry:str "
                "MasterRecordId:ref Phone:str Website:str",
    "Contact*": f"{_TRACKED} AccountId:ref OwnerId:ref Title:str Name:str Email:mail MasterRecordId:ref",
    "Lead*": f"{_TRACKED} OwnerId:ref Name:str Company:str LeadSource:pick Status:pick IsConverted:bool ConvertedDate:date "
             "ConvertedAccountId:ref ConvertedContactId:ref ConvertedOpportunityId:ref MasterRecordId:ref",
    "Campaign*": f"{_TRACKED} Name:str Type:pick StartDate:date EndDate:date ActualCost:money OwnerId:ref",
    "CampaignMember*": f"{_TRACKED} CampaignId:ref LeadId:ref ContactId:ref",
    "Opportunity*": f"{_TRACKED} Name:str AccountId:ref OwnerId:ref StageName:pick Amount:money Probability:pct CloseDate:date "
                    "IsClosed:bool IsWon:bool Type:pick LeadSource:pick CampaignId:ref NextStep:str ContractId:ref "
                    "ForecastCategoryName:pick RecordTypeId:ref Region__c:str",
    "OpportunityHistory*": "OpportunityId:ref StageName:pick Amount:money Probability:pct CloseDate:date ForecastCategory:pick "
                           "CreatedDate:dt CreatedById:ref SystemModstamp:dt IsDeleted:bool",
    "OpportunityFieldHistory": "OpportunityId:ref Field:pick OldValue:any NewValue:any CreatedDate:dt CreatedById:ref IsDeleted:bool",
    "OpportunityStage": "MasterLabel:str ApiName:str IsActive:bool IsClosed:bool IsWon:bool SortOrder:int DefaultProbability:pct "
                        "ForecastCategory:pick SystemModstamp:dt",
    "RecordType": "DeveloperName:str Name:str SobjectType:pick IsActive:bool SystemModstamp:dt",
    "OpportunityLineItem*": f"{_TRACKED} OpportunityId:ref Product2Id:ref Quantity:num UnitPrice:money TotalPrice:money",
    "OpportunityContactRole": f"{_TRACKED} OpportunityId:ref ContactId:ref Role:pick IsPrimary:bool",
    "Product2*": f"{_TRACKED} Name:str Family:pick QuantityUnitOfMeasure:pick IsActive:bool",
    "PricebookEntry*": f"{_TRACKED} Product2Id:ref Pricebook2Id:ref UnitPrice:money IsActive:bool",
    "Pricebook2": f"{_TRACKED} Name:str IsStandard:bool",
    "Task*": f"{_TRACKED} OwnerId:ref WhoId:ref WhatId:ref AccountId:ref Subject:str Status:pick IsClosed:bool ActivityDate:date "
             "TaskSubtype:pick Type:pick CallType:pick CompletedDateTime:dt IsRecurrence:bool IsArchived:bool",
    "Event*": f"{_TRACKED} OwnerId:ref WhoId:ref WhatId:ref AccountId:ref Subject:str StartDateTime:dt EndDateTime:dt ActivityDate:date "
              "IsAllDayEvent:bool Type:pick EventSubtype:pick IsChild:bool IsRecurrence:bool",
    "EmailMessage*": f"{_TRACKED} ParentId:ref ActivityId:ref RelatedToId:ref Incoming:bool Status:pick MessageDate:dt Subject:str",
    "Quote*": f"{_TRACKED} OpportunityId:ref Status:pick Name:str",
    "Contract*": f"{_TRACKED} AccountId:ref OwnerId:ref Status:pick StatusCode:pick StartDate:date EndDate:date ActivatedDate:dt "
                 "CustomerSignedDate:date",
    "Order*": f"{_TRACKED} AccountId:ref OwnerId:ref OpportunityId:ref EffectiveDate:date Status:pick StatusCode:pick ActivatedDate:dt",
    "OrderItem*": f"{_TRACKED} OrderId:ref Product2Id:ref Quantity:num UnitPrice:money ListPrice:money",
    "ForecastingQuota*": "QuotaOwnerId:ref QuotaAmount:money StartDate:date PeriodId:ref IsAmount:bool ForecastingTypeId:ref "
                         "ProductFamily:pick SystemModstamp:dt CreatedDate:dt",
    "Period": "StartDate:date EndDate:date Type:pick IsForecastPeriod:bool SystemModstamp:dt",
    "CurrencyType": "IsoCode:pick ConversionRate:num IsCorporate:bool IsActive:bool SystemModstamp:dt",
}
PREFIXES = {"User": "005", "UserRole": "00E", "Account": "001", "Contact": "003", "Lead": "00Q", "Campaign": "701", "CampaignMember": "00v",
            "Opportunity": "006", "OpportunityHistory": "008", "OpportunityFieldHistory": "017", "OpportunityStage": "01J",
            "RecordType": "012", "OpportunityLineItem": "00k", "OpportunityContactRole": "00K", "Product2": "01t", "PricebookEntry": "01u",
            "Pricebook2": "01s", "Task": "00T", "Event": "00U", "EmailMessage": "02s", "Quote": "0Q0", "Contract": "800",
            "Order": "801", "OrderItem": "802", "ForecastingQuota": "0J9", "Period": "026", "CurrencyType": "01L"}
# Of a reference its field and its object.
PARENTS = {"UserRole": ("UserRoleId", "UserRole"), "Pricebook2": ("Pricebook2Id", "Pricebook2")}


def schema(currencies: bool) -> dict[str, dict[str, str]]:
    """The types of the fields by object; without several currencies there is no CurrencyIsoCode, and no object of currencies."""
    made = {}
    for name, text in _OBJECTS.items():
        fields = {"Id": "id", **{field: _SHORT[kind] for field, kind in (word.split(":") for word in text.split())}}
        if name.endswith("*") and currencies:
            fields["CurrencyIsoCode"] = "picklist"
        made[name.rstrip("*")] = fields
    if not currencies:
        del made["CurrencyType"]
    return made
