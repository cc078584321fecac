"""What Salesforce's records become: leads that are converted, deals with their history, activities, orders, quotas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from salesgauge.store.lineage import lineage
from salesgauge.workspace import Workspace
from sources.organisation import NOW, Organisation
from sources.simulators.salesforce import Org


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Organisation]:
    yield Organisation(tmp_path, org=Org(NOW))


def seller(made: Organisation, name: str = "Ada Quist", **values: Any) -> str:
    return made.org.create("User", **{"Name": name, "IsActive": True, **values})


def deal(made: Organisation, owner: str, **values: Any) -> str:
    return made.org.create("Opportunity", **{
        "OwnerId": owner, "StageName": "Prospecting", "CloseDate": "2025-07-01", "Amount": 100, **values})


def populated(made: Organisation) -> dict[str, str]:
    """Fills an organisation with a record of each sort; their ids."""
    org = made.org
    role = org.create("UserRole", Name="North")
    head = seller(made, "Cleo Vane", IsActive=False, LastLoginDate="2025-05-30T16:00:00.000+0000")
    ada = seller(made, ManagerId=head, UserRoleId=role, Email="ada@example.com")
    seller(made, "Nobody's Integration")
    org.create("CurrencyType", IsoCode="EUR", ConversionRate=1, IsCorporate=True, IsActive=True)
    fair = org.create("Campaign", Name="Fair", Type="Trade Show", StartDate="2025-05-01", ActualCost=Decimal(5000), CurrencyIsoCode="EUR")
    lead = org.create("Lead", OwnerId=ada, LeadSource="Web")
    queued = org.create("Lead", OwnerId="00G000000000001AAA")
    org.create("CampaignMember", CampaignId=fair, LeadId=lead)
    made.tick(hours=3)
    account = org.create("Account", Name="Acme", OwnerId=ada, Industry="Energy", Website="acme.example")
    contact = org.create("Contact", AccountId=account, Name="Eli Moss", Email="eli@acme.example")
    won = deal(made, ada, AccountId=account, Amount=Decimal("1500.5"), CurrencyIsoCode="USD", Type="Existing Customer - Upgrade")
    org.update(lead, IsConverted=True, ConvertedDate="2025-06-02", ConvertedAccountId=account, ConvertedOpportunityId=won)
    product = org.create("Product2", Name="Pump", Family="Hardware")
    standard = org.create("Pricebook2", Name="Standard", IsStandard=True)
    for currency, price in (("EUR", 90), ("AUD", 150)):
        org.create("PricebookEntry", Product2Id=product, Pricebook2Id=standard, IsActive=True, UnitPrice=price, CurrencyIsoCode=currency)
    org.create("OpportunityLineItem", OpportunityId=won, Product2Id=product, TotalPrice=Decimal(1500))
    org.create("OpportunityContactRole", OpportunityId=won, ContactId=contact, Role="Decision Maker")
    call = org.create("Task", OwnerId=ada, WhoId=contact, WhatId=won, IsClosed=True, TaskSubtype="Call", CallType="Inbound",
                      CompletedDateTime=org.stamp())
    org.create("Task", OwnerId=ada, WhatId=won, IsClosed=False, TaskSubtype="Call")
    org.create("Task", OwnerId=ada, WhatId=won, IsClosed=True, TaskSubtype="Task", CompletedDateTime=org.stamp())
    beside = org.create("Task", OwnerId=ada, WhoId=lead, IsClosed=True, TaskSubtype="Email", CompletedDateTime=org.stamp())
    mail = org.create("EmailMessage", ActivityId=beside, Incoming=False, Status="3", MessageDate=org.stamp())
    org.create("EmailMessage", ParentId="500000000000001AAA", Status="0", Incoming=True, MessageDate=org.stamp())
    past = org.create("Event", OwnerId=ada, WhatId=account, StartDateTime=org.stamp(-60), Type="Demo")
    coming = org.create("Event", OwnerId=ada, WhoId=contact, StartDateTime=org.stamp(86_400))
    quote = org.create("Quote", OpportunityId=won, Status="Presented")
    org.create("Quote", OpportunityId=won, Status="Draft")
    made.tick(hours=1)
    org.update(won, StageName="Closed Won", CloseDate="2025-06-02")
    order = org.create("Order", AccountId=account, OwnerId=ada, EffectiveDate="2025-06-02", StatusCode="Activated", OpportunityId=won)
    org.create("OrderItem", OrderId=order, Product2Id=product, Quantity=Decimal(2), UnitPrice=Decimal("750.25"))
    org.create("Order", AccountId=account, OwnerId=ada, EffectiveDate="2025-06-02", StatusCode="Draft")
    month = org.create("Period", StartDate="2025-06-01", EndDate="2025-06-30", Type="Month", IsForecastPeriod=True)
    for family in ("Hardware", "Service"):
        org.create("ForecastingQuota", QuotaOwnerId=ada, QuotaAmount=Decimal("10000.5"), StartDate="2025-06-01", PeriodId=month,
                   IsAmount=True, ForecastingTypeId="0Db000000000001AAA", ProductFamily=family, CurrencyIsoCode="EUR")
    return {"ada": ada, "head": head, "lead": lead, "queued": queued, "fair": fair, "won": won, "account": account, "product": product,
            "call": call, "mail": mail, "past": past, "coming": coming, "quote": quote, "order": order}


def test_a_whole_organisation_comes_into_the_model(tmp_path: Path) -> None:
    made = Organisation(tmp_path, org=Org(NOW, currencies=True))
    at = populated(made)
    tables = made.load()
    assert {name: (table["rows_aside"], table["cells_aside"]) for name, table in tables.items()} == dict.fromkeys(tables, ({}, {}))
    assert made.rows("SELECT rep_id, email, team, manager_id, left_on::VARCHAR FROM reps ORDER BY name") == [
        (at["ada"], "ada@example.com", "North", at["head"], None), (at["head"], None, None, None, "2025-05-31")]
    assert made.rows("SELECT lead_id, owner_id, account_id, campaign_id, opportunity_id, converted_at::VARCHAR FROM leads ORDER BY 1") == [
        (at["lead"], at["ada"], at["account"], at["fair"], at["won"], "2025-06-02 12:00:00"), (at["queued"], None, None, None, None, None)]
    assert made.rows("SELECT opportunity_id, owner_id, amount, currency, kind, outcome, stage, pipeline, product_id, closed_at::VARCHAR "
                     "FROM opportunities") == [
        (at["won"], at["ada"], 1500.5, "USD", "upsell", "won", "Closed Won", "salesforce", at["product"], "2025-06-02 13:00:00")]
    assert made.rows("SELECT stage, amount, forecast_category, changed_at::VARCHAR FROM stage_changes ORDER BY changed_at") == [
        ("Prospecting", 1500.5, "pipeline", "2025-06-02 12:00:00"), ("Closed Won", 1500.5, "closed", "2025-06-02 13:00:00")]
    assert made.rows("SELECT activity_id, kind, direction, rep_id, lead_id, account_id, opportunity_id, status, contact_role "
                     "FROM activities ORDER BY activity_id") == sorted([
        (at["call"], "call", "inbound", at["ada"], None, at["account"], at["won"], None, "decision_maker"),
        (at["mail"], "email", None, at["ada"], at["lead"], None, None, None, None),
        (at["past"], "demo", None, at["ada"], None, at["account"], None, "held", None),
        (at["coming"], "meeting", None, at["ada"], None, at["account"], None, "booked", None)],
        key=lambda row: str(row[0]))
    assert made.rows("SELECT product_id, family, list_price, currency FROM products") == [(at["product"], "Hardware", 90, "EUR")]
    assert made.rows("SELECT spend_id, spent_on::VARCHAR, amount, category, campaign_id FROM spend") == [
        (at["fair"], "2025-05-01", 5000, "events", at["fair"])]
    assert made.rows("SELECT document_id, kind, opportunity_id FROM documents") == [(at["quote"], "proposal", at["won"])]
    assert made.rows("SELECT o.order_id, o.rep_id, o.opportunity_id, l.quantity, l.unit_price FROM orders o, order_lines l "
                     "WHERE l.order_id = o.order_id") == [(at["order"], at["ada"], at["won"], 2, 750.25)]
    assert made.rows("SELECT rep_id, starts_on::VARCHAR, ends_on::VARCHAR, amount, currency FROM quotas") == [
        (at["ada"], "2025-06-01", "2025-07-01", 20001, "EUR")]
    assert tables["account_keys"]["new"] == tables["contact_keys"]["new"] == 1
    with Workspace(tmp_path / "workspace").session() as session:
        assert lineage(session, "activities", [at["mail"]])[at["mail"]].record == f"EmailMessage/{at['mail']}"


def test_a_table_that_the_organisation_does_not_keep_is_left_out_until_it_does(made: Organisation) -> None:
    owner = seller(made)
    order = made.org.create("Order", OwnerId=owner, EffectiveDate="2025-06-02", StatusCode="Activated")
    first = made.load()
    assert first["orders"]["new"] == 1 and not {"order_lines", "quotas", "spend", "leads"} & first.keys()
    made.org.delete(order)
    assert made.load()["orders"]["gone"] == 1 and made.rows("SELECT * FROM orders") == [], "from then on an empty table is brought as well"


def test_records_that_were_merged_or_removed_for_good_leave_nothing_that_leads_to_them(made: Organisation) -> None:
    owner = seller(made)
    first, second, third = (made.org.create("Account", Name=name, OwnerId=owner) for name in ("Acme", "ACME Ltd", "Acme Inc"))
    kept, gone = deal(made, owner, AccountId=first), deal(made, owner, AccountId=third)
    made.org.delete(first, into=second)
    made.org.delete(second, into=third)
    made.org.records["Opportunity"][kept]["AccountId"] = first  # as Salesforce has it until it has moved what belongs to the record
    made.org.purge(gone)
    assert made.shape("customers", "Id") == [(third,)]
    assert made.shape("deals", "Id, account") == [(kept, third)]
    assert made.shape("deal_changes", "DISTINCT OpportunityId") == [(kept,)]
    made.org.update(second, IsDeleted=False, MasterRecordId=None)  # taken out of the recycle bin again
    assert made.shape("customers", "Id") == [(second,), (third,)]
    assert made.shape("deals", "Id, account") == [(kept, second)]


def test_the_history_of_a_deal_that_was_taken_out_of_the_recycle_bin_is_there_again(made: Organisation) -> None:
    key = deal(made, seller(made))
    made.org.delete(key)
    assert made.shape("deals", "Id") == made.shape("deal_changes", "Id") == []
    made.org.update(key, IsDeleted=False)  # its steps keep their time of change
    assert made.shape("deal_changes", "OpportunityId") == [(key,)]


def test_ids_are_compared_so_that_what_was_removed_for_good_goes_as_well(made: Organisation) -> None:
    key = deal(made, seller(made))
    stream = made.stream("Opportunity")
    assert stream.census is not None and [list(keys) for keys in stream.census()] == [[(key,)]]
    made.org.purge(key)
    assert [list(keys) for keys in stream.census()] == [[]]
    assert made.stream("OpportunityHistory").census is None and made.stream("User").census is None


def test_history_stays_readable_when_a_stage_is_renamed_or_removed(made: Organisation) -> None:
    owner = seller(made)
    key = deal(made, owner)
    for stage in ("Qualification", "Closed Lost", "Prospecting", "Closed Won"):
        made.tick(days=1)
        made.org.update(key, StageName=stage)
    stages = made.org.records["OpportunityStage"]
    for number, record in list(stages.items()):
        if record["MasterLabel"] == "Closed Lost":
            del stages[number]
        elif record["MasterLabel"] == "Qualification":
            record |= {"MasterLabel": "Discovery", "ApiName": "Discovery"}
        elif record["MasterLabel"] == "Proposal":
            record["IsActive"] = False
    assert [stage for _, stage in made.shape("deal_changes", "CreatedDate, StageName")] == [
        "Prospecting", "Qualification", "Closed Lost", "Prospecting", "Closed Won"]
    assert made.shape("deal_stages", "stage, position, qualified, closed, won") == [
        ("Closed Lost", None, False, True, False), ("Closed Won", "4", True, True, True), ("Discovery", "2", True, False, False),
        ("Prospecting", "1", True, False, False), ("Qualification", None, True, False, False)]


def test_pipelines_are_kept_apart_by_record_type(made: Organisation) -> None:
    owner = seller(made)
    partner = made.org.create("RecordType", DeveloperName="Partner", SobjectType="Opportunity", IsActive=True)
    made.org.create("RecordType", DeveloperName="Vendor", SobjectType="Account", IsActive=True)
    direct, other = deal(made, owner, RecordTypeId="012000000000000AAA"), deal(made, owner, RecordTypeId=partner)
    made.org.update(other, StageName="Proposal")
    assert made.shape("deals", "Id, pipeline") == [(direct, "salesforce"), (other, "Partner")]
    assert made.shape("deal_stages", "pipeline, position, stage, probability") == [
        ("Partner", "1", "Prospecting", "0.1"), ("Partner", "3", "Proposal", "0.6"), ("salesforce", "1", "Prospecting", "0.1")]


def test_a_deal_is_closed_on_its_close_date(made: Organisation) -> None:
    owner, day = seller(made), 86_400
    for moved, close in ((3 * day, "2025-06-05"), (4 * day, "2025-06-05"), (4 * day, "2025-06-02")):
        made.org.update(deal(made, owner), moved, StageName="Closed Lost", CloseDate=close)
    assert made.shape("deals", "Id, outcome, closed") == [
        (key, "lost", closed) for key, closed in zip(made.org.records["Opportunity"], (
            "2025-06-05T09:00:00.000Z",   # the instant of the step
            "2025-06-05",                 # a day that was set back
            "2025-06-02T09:00:00.000Z"),  # the day on which it was made
            strict=True)]


def test_a_mapping_of_its_own_has_added_fields_contracts_and_rates(tmp_path: Path) -> None:
    from salesgauge.sources.salesforce import MAPPING
    made = Organisation(tmp_path, fields={"Opportunity": "Region__c"}, mapping="own.toml", org=Org(NOW, currencies=True))
    told = MAPPING.with_name("README.md").read_text(encoding="utf-8")
    more = [line for line in told.splitlines() if line.startswith("    ")]
    sections = dedent("\n".join(more[more.index("    [contracts]"):]))
    own = MAPPING.read_text(encoding="utf-8").replace('next_step = "NextStep"\n', 'loss_reason = "Region__c"\n')
    made.connection.folder.mkdir(parents=True)
    (made.connection.folder / "own.toml").write_text(f'{own}\n[opportunities.extra]\nregion_sold = "Region__c"\n{sections}',
                                                       encoding="utf-8")
    owner, account = seller(made), made.org.create("Account", Name="Acme")
    contract = made.org.create("Contract", AccountId=account, OwnerId=owner, StatusCode="Activated", StartDate="2025-01-01",
                               EndDate="2025-12-31")
    deal(made, owner, Region__c="North", ContractId=contract, StageName="Closed Won", Amount=Decimal("1200.5"))
    made.org.create("CurrencyType", IsoCode="USD", ConversionRate=Decimal("1.25"), IsActive=True)
    made.load()
    assert made.rows("SELECT contract_id, account_id, rep_id, starts_on::VARCHAR, ends_on::VARCHAR, total_value FROM contracts") == [
        (contract, account, owner, "2025-01-01", "2026-01-01", 1200.5)]
    assert made.rows("SELECT currency, rate FROM exchange_rates") == [("USD", 0.8)]
    assert made.rows("SELECT loss_reason, x_region_sold FROM opportunities") == [("North", "North")]


def test_changes_of_owner_are_kept_for_a_mapping_of_its_own(made: Organisation) -> None:
    first, second = seller(made), seller(made, "Bo Marlow")
    key = deal(made, first)
    made.tick(hours=1)
    made.org.update(key, OwnerId=second)
    found = made.records("OpportunityFieldHistory")
    assert [(row["OpportunityId"], row["OldValue"], row["NewValue"], row["CreatedDate"]) for row in found] == [
        (key, first, second, "2025-06-02T10:00:00.000Z"), (key, "Old Name", "New Name", "2025-06-02T10:00:00.000Z")]


def test_a_task_happened_when_it_was_done_and_one_written_down_later_on_its_day(made: Organisation) -> None:
    owner = seller(made)
    values: dict[str, Any] = {"OwnerId": owner, "IsClosed": True, "TaskSubtype": "Call", "CompletedDateTime": made.org.stamp()}
    late = made.org.create("Task", **values, ActivityDate="2025-05-30")
    done = made.org.create("Task", **values, ActivityDate="2025-06-20")
    assert made.shape("touches", "Id, occurred") == [(late, "2025-05-30"), (done, "2025-06-02T09:00:00.000Z")]


def test_an_object_that_is_not_read_is_empty_for_what_is_made_of_others(tmp_path: Path) -> None:
    made = Organisation(tmp_path, objects="Account,Task", org=Org(NOW + timedelta(days=1)))
    account = made.org.create("Account", Name="Acme")
    deal(made, seller(made), AccountId=account)
    assert set(made.load()) == {"account_keys", "accounts", "opportunities", "reps", "stage_changes", "stages"}
    assert not [request for request in made.org.requests if "/Lead/" in request or "Quote" in request]


@pytest.mark.more
def test_a_sync_by_jobs_brings_what_the_lists_bring(tmp_path: Path) -> None:
    by_lists = Organisation(tmp_path / "lists", org=Org(NOW, currencies=True))
    by_jobs = Organisation(tmp_path / "jobs", org=Org(NOW, currencies=True), bulk_from=1)
    for made in (by_lists, by_jobs):
        populated(made)
    by_lists.load()
    for _ in range(2):  # the second finds nothing new
        by_jobs.sync()
    assert by_jobs.org.jobs == {} and [request for request in by_jobs.org.requests if "jobs/query" in request]
    for table in ("reps", "accounts", "products", "campaigns", "stages", "leads", "opportunities", "stage_changes", "activities",
                  "documents", "orders", "order_lines", "spend", "quotas"):
        query = f"SELECT * FROM {table} ORDER BY ALL"
        assert by_jobs.rows(query) == by_lists.rows(query) != []
