"""What is HubSpot's own: its limits, its bin, its merges, its pipelines, and how it is signed in to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.wire import Network, Wire
from salesgauge.sources.hubspot import connect, page
from salesgauge.sources.hubspot.api import Api
from salesgauge.store.lineage import lineage
from sources.conformance.cases.hubspot import Case
from sources.conformance.connected import START, Connected
from sources.simulators.hubspot import FOUND, TOKEN, HubSpot


@pytest.fixture
def made(tmp_path: Path) -> Connected:
    return Connected("hubspot", tmp_path)


def account(made: Connected) -> HubSpot:
    assert isinstance(made.case, Case)
    return made.case.account


def api(account: HubSpot) -> Api:
    network = Network(httpx.MockTransport(account.handle))
    return Api(Wire("crm", "https://api.hubapi.com", network=network, headers={"Authorization": f"Bearer {TOKEN}"}), "2026-09", network)


def test_a_search_never_meets_the_limit_of_10_000_results() -> None:
    system = HubSpot(START)
    made = {system.create("deals", amount="1") for _ in range(10_050)}  # more than the limit, all of one instant
    system.tick(1)
    made |= {system.create("deals", amount="2") for _ in range(FOUND)}
    since = system.objects["deals"][1001].created
    found = [row["id"] for rows in api(system).changed("deals", "hs_lastmodifieddate", since, ["amount"]) for row in rows]
    assert set(found) == made and len(found) <= len(made) + 3 * FOUND


def test_a_record_that_changes_while_a_search_is_read_pushes_no_other_out_of_it() -> None:
    system = HubSpot(START)
    made = []
    for _ in range(3 * FOUND):
        made.append(system.create("deals", amount="1"))
        system.tick(0.01)
    seen: set[str] = set()
    for number, rows in enumerate(api(system).changed("deals", "hs_lastmodifieddate", "2025-06-02T09:00:00.000Z", ["amount"])):
        seen |= {row["id"] for row in rows}
        if number < 3:
            system.write("deals", made[number], amount="2")
    assert seen == set(made)


def test_stages_keep_their_names_apart_and_old_ones_stay_readable(made: Connected) -> None:
    system = account(made)
    (deal,) = made.case.add(1)
    made.tick()
    made.case.move(deal, "Offer made")
    made.sync()
    system.stage("other", "1001", "First talk", "0.3", name="Renewals")
    system.stage("other", "1002", "Renewed", "1.0", name="Renewals")  # says nothing of being closed, but cannot be more probable
    made.tick()
    system.stages = [stage for stage in system.stages if stage["stage"] != "open2"]           # deleted
    system.stage("default", "open1", "Hello", "0.2", name="Sales")                            # renamed
    system.stage("default", "open3", "Offer made", "0.6", name="Sales")                       # its name is used again
    for one in system.stages:
        one["closed"] = one["closed"] and one["stage"] != "1002"
    system.write("deals", deal, dealstage="open3")
    made.tick()
    made.sync()
    assert made.history()[deal] == ["Hello", "Offer made (open2)", "Offer made"]
    assert made.found()[deal][2] == "Offer made"
    assert made.rows("SELECT stage, is_closed, is_won FROM stages WHERE pipeline = 'Sales' ORDER BY 1") == [
        ("Hello", False, False), ("Offer made", False, False), ("Offer made (open2)", False, False), ("lost", True, False),
        ("won", True, True)]
    assert made.rows("SELECT DISTINCT pipeline FROM stages ORDER BY 1") == [("Renewals",), ("Sales",)]


def test_what_is_merged_archived_and_restored_is_where_hubspot_has_it(made: Connected) -> None:
    system = account(made)
    kept, gone, binned, back = made.case.add(4)
    company, other = (str(number) for number in system.objects["companies"])
    system.write("companies", company, domain="acme.example.com")
    lead = system.create("contacts", email="kim@example.com", lifecyclestage="customer", associatedcompanyid=company,
                         hs_lifecyclestage_lead_date="2025-05-01T08:00:00.000Z",
                         hs_lifecyclestage_salesqualifiedlead_date="2025-05-03T08:00:00.000Z")
    nobody = system.create("contacts", email="ann@example.com", lifecyclestage="subscriber", associatedcompanyid=company)
    owner = system.owners[0]["id"]
    call = system.create("calls", {"deals": [gone], "contacts": [lead]}, hs_timestamp=system.time, hs_call_direction="INBOUND",
                         hubspot_owner_id=owner)
    meeting = system.create("meetings", {"contacts": [nobody], "companies": [other]}, hs_timestamp=system.time,
                            hs_meeting_outcome="NO_SHOW", hs_meeting_start_time="2025-06-05T10:00:00.000Z", hs_createdate=system.time,
                            hubspot_owner_id=owner)
    system.create("emails", {"contacts": [lead]}, hs_timestamp=system.time, hs_email_direction="EMAIL", hs_email_status="FAILED")
    product = system.create("products", name="Gauge", price="12.5")
    system.create("line_items", {"deals": [kept]}, hs_product_id=product, quantity="2", amount="25")
    system.write("deals", kept, deal_currency_code="EUR", dealtype="existingbusiness")
    system.archive("deals", back)
    made.tick()
    first = made.sync()
    assert set(made.found()) == {kept, gone, binned}
    touches = "SELECT activity_id, kind, direction, status, opportunity_id, lead_id, account_id, rep_id FROM activities ORDER BY 1"
    assert made.rows(touches) == [
        (f"calls/{call}", "call", "inbound", None, gone, lead, company, owner),
        (f"meetings/{meeting}", "meeting", None, "no_show", None, None, other, owner)]
    assert made.rows("SELECT lead_id, account_id, strftime(created_at, '%d.%m'), strftime(qualified_at, '%d.%m') FROM leads") == [
        (lead, company, "01.05", "03.05")]
    assert (first["account_keys"]["new"], first["contact_keys"]["new"]) == (2, 2)
    assert made.rows(f"SELECT kind, product_id FROM opportunities WHERE opportunity_id = '{kept}'") == [("upsell", product)]

    made.tick(3600)
    system.merge("deals", kept, gone)
    system.merge("companies", company, other)
    system.archive("deals", binned)
    system.restore("deals", back)
    made.tick()
    made.sync()
    assert set(made.found()) == {kept, back} and {row[2] for row in made.found().values()} == {"First talk"}
    assert made.rows(touches) == [
        (f"calls/{call}", "call", "inbound", None, kept, lead, company, owner),
        (f"meetings/{meeting}", "meeting", None, "no_show", None, None, company, owner)]
    assert made.rows("SELECT DISTINCT account_id FROM opportunities") == [(company,)]
    system.purge("deals", binned)  # after 90 days
    made.tick()
    made.sync()
    assert set(made.found()) == {kept, back}
    with made.workspace.session() as session:
        assert lineage(session, "opportunities", [kept])[kept].record == f"deals/{kept}"


def opened(folder: Path, system: HubSpot, secrets: dict[str, str], **options: Any) -> Any:
    connection = Connection(folder, "crm", "hubspot", options, {name: f"env:{name}" for name in secrets})
    return connect(connection, Secrets(folder, secrets), Network(httpx.MockTransport(system.handle), lambda seconds: system.tick(seconds),
                                                                 lambda: 1.0, lambda: system.now))


def test_a_burst_is_waited_for_and_a_scope_that_lacks_is_named(tmp_path: Path) -> None:
    system = HubSpot(START, burst=5)
    system.scopes.discard("crm.objects.deals.read")
    made = opened(tmp_path, system, {"token": TOKEN})
    refused = {right.what: right.remedy.split(" (")[0] for right in made.rights() if not right.granted}
    assert refused == dict.fromkeys(("read deals", "read the stages of deals"), "grant the scope crm.objects.deals.read")
    assert system.now - START >= timedelta(seconds=10)


@pytest.mark.parametrize(("secrets", "options", "said"), [
    ({}, {}, "crm.toml: secrets.token is missing"),
    ({"client_id": "a", "client_secret": "b"}, {}, "crm.toml: secrets.refresh_token is missing"),
    ({"client_id": "a", "client_secret": "hunter2", "refresh_token": "c"}, {}, "no new access token is given"),
    ({"token": "hunter2"}, {}, "it refuses (401)"),
    ({"token": TOKEN}, {"version": "2024-01"}, "it answers 404"),
    ({"token": TOKEN}, {"without": "deal"}, "options.without: there is no 'deal'"),
    ({"token": TOKEN}, {"properties": {"tickets": "x"}}, "options.properties is a table of names by object")])
def test_what_cannot_be_read_is_said(tmp_path: Path, secrets: dict[str, str], options: dict[str, Any], said: str) -> None:
    system = HubSpot(START)
    with pytest.raises(SourceError) as problem:
        made = opened(tmp_path, system, secrets, **options)
        streams = {stream.name: stream for stream in made.streams()}
        next(streams["owners"].read(None))
    assert said in problem.value.message and "hunter2" not in problem.value.message


def test_further_properties_are_read_and_what_is_left_out_is_not(tmp_path: Path) -> None:
    system = HubSpot(START)
    system.create("companies", name="Acme", territory="North")
    made = opened(tmp_path, system, {"token": TOKEN}, properties={"companies": "territory"}, without="emails, contacts", history="false")
    streams = {stream.name: stream for stream in made.streams()}
    (record,) = next(iter(streams["companies"].read(None)))
    assert record["territory"] == "North" and "territory" in streams["companies"].columns
    assert [*streams["emails"].read(None)] == [*streams["deal_history"].read(None)] == []


@pytest.mark.parametrize(("options", "record", "address"), [
    ({"portal": "62515"}, "deals/17", "https://app.hubspot.com/contacts/62515/record/0-3/17"),
    ({"portal": 62515, "app": "app-eu1.hubspot.com"}, "contacts/17", "https://app-eu1.hubspot.com/contacts/62515/record/0-1/17"),
    ({"portal": "62515", "app": "evil.example.com"}, "deals/17", None), ({"portal": "6/../1"}, "deals/17", None),
    ({}, "deals/17", None), ({"portal": "62515"}, "owners/17", None), ({"portal": "62515"}, "deals/17?x=1", None)])
def test_a_record_leads_to_its_page(options: dict[str, Any], record: str, address: str | None) -> None:
    assert page(options, record) == address
