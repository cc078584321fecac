"""One record and its timeline: as known, and only for who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from examples.company import Company, rows
from laws.companies import ZONE, Tables
from laws.oversight import sees
from laws.test_laws import instant
from salesgauge.errors import BadQuery, MissingTable
from salesgauge.schema import TABLES
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.workspace import Workspace

ROWS = {
    "reps": "rep_id manager_id name\nR1 M1 Ann\nR2 M2 Bo\nM1 - Mia\nM2 - Max\nM3 - Moe\nX - Xu",
    "rep_assignments": "rep_id manager_id valid_from valid_to\nR1 M1 2025-01-01 2025-02-01\nR1 M3 2025-02-01 -",
    "accounts": "account_id owner_id name\nA1 R2 Acme\nA2 R1 Beta",
    "stages": "pipeline stage position\np one 1\np two 2",
    "leads": "lead_id created_at owner_id account_id opportunity_id qualified_at\n"
             "L1 2025-01-02 R2 A1 D1 2025-01-20\nL2 2025-01-03 R1 A2 - -",
    "opportunities": "opportunity_id created_at owner_id account_id pipeline stage amount closed_at outcome\n"
                     "D1 2025-01-05 R1 A1 p two 200 2025-01-25 won\nD2 2025-01-10 R2 A1 p one 50 - -",
    "stage_changes": "opportunity_id changed_at stage amount\nD1 2025-01-05 one 100\nD1 2025-01-15 two 200",
    "activities": "activity_id occurred_at booked_at kind rep_id opportunity_id lead_id account_id automatic\n"
                  "T1 2025-01-04 - call R2 - L1 - -\nT2 2025-01-12 2025-01-06 meeting R1 D1 - - -\nT3 2025-01-13 - email R2 D1 - - -\n"
                  "T4 2025-01-14 - email R1 D1 - - true\nT5 2025-01-16 - call R2 - - A1 -\nT6 2025-01-18 - call R1 - L2 - -",
    "documents": "document_id opportunity_id kind sent_at signed_at\nC1 D1 contract 2025-01-17 2025-01-24",
    "orders": "order_id account_id ordered_at rep_id opportunity_id\nO1 A1 2025-01-26 R2 D1\nO2 A1 2025-01-27 R2 -",
    "order_lines": "order_id line quantity unit_price\nO1 1 2 5",
    "contracts": "contract_id account_id starts_on ends_on total_value rep_id opportunity_id\nK1 A1 2025-01-28 2025-01-30 9 R1 D1",
    "survey_responses": "response_id survey responded_at score account_id rep_id\nS1 nps 2025-01-29 9 A1 -\nS2 employee 2025-01-29 7 - R1",
    "quotas": "rep_id starts_on ends_on amount\nR1 2025-01-01 2025-02-01 100",
    "forecasts": "forecast_id rep_id submitted_at starts_on ends_on amount\nF1 R1 2025-01-09 2025-01-01 2025-02-01 90",
    "spend": "spend_id spent_on amount rep_id\nG1 2025-01-08 5 R1\nG2 2025-01-08 5 -",
    "products": "product_id name\nP1 Pen",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, firm: Company) -> Iterator[Workspace]:
    made = Company(tmp_path_factory.mktemp("small"), firm.templates, {name: rows(text) for name, text in ROWS.items()})
    with closing(ServedWorkspace(made.workspace.folder)) as workspace:
        yield workspace


def seen(workspace: Workspace, table: str, name: str, **more: Any) -> dict[str, Any] | None:
    return workspace.record(table, name, **more)


def told(workspace: Workspace, table: str, name: str, viewer: Viewer = EVERYTHING, **more: Any) -> list[tuple[str, str, str]]:
    found = workspace.timeline(table, name, viewer, **more)
    assert found is not None
    return [(f"{entry.at:%m-%d}", entry.event, entry.id) for entry in found.entries]


def test_a_record_is_as_it_was_known(small: Workspace) -> None:
    now = seen(small, "opportunities", "D1")
    assert now is not None and (now["stage"], now["amount"], now["outcome"], now["kind"]) == ("two", 200, "won", "new")
    then = seen(small, "opportunities", "D1", as_of="2025-01-10")
    assert then is not None and (then["stage"], then["amount"], then["outcome"], then["closed_at"]) == ("one", 100, None, None)
    assert seen(small, "opportunities", "D1", as_of="2025-01-04") is None
    unsigned = seen(small, "documents", "C1", as_of="2025-01-20")
    assert unsigned is not None and unsigned["signed_at"] is None and unsigned["signed_at_local"] is None


def test_a_record_of_a_key_of_several_parts_is_found_by_its_parts(small: Workspace) -> None:
    assert seen(small, "quotas", "R1|2025-01-01|2025-02-01") is not None
    line = seen(small, "order_lines", "O1|1")
    assert line is not None and line["quantity"] == 2


def test_what_is_absent_and_what_may_not_be_seen_look_alike(small: Workspace) -> None:
    assert seen(small, "opportunities", "D9") is None
    assert seen(small, "opportunities", "D2", viewer=Viewer("R1")) is None
    assert small.timeline("opportunities", "D2", Viewer("R1")) is None
    assert seen(small, "activities", "T4") is None  # a machine's message counts nowhere
    assert seen(small, "promotions", "Q1|S1") is None


@pytest.mark.parametrize(("viewer", "visible"), [
    (Viewer("R1"), "D1 L2 T2 T6 K1 C1 S2 F1 G1 A2 A1 R1 P1"),           # A1 through the own deal and contract
    (Viewer("R2"), "D2 L1 T1 T3 T5 O1 O2 S1 A1 R2 P1"),
    (Viewer("M1", reports=True), "D1 L2 T2 T6 K1 C1 S2 F1 G1 A2 A1 R1 M1 P1"),  # R1's until February
    (Viewer("M1"), "M1 P1"),
    (Viewer("M2", reports=True), "D2 L1 T1 T3 T5 O1 O2 S1 A1 R2 M2 P1"),
    (Viewer("M3", reports=True), "L2 A2 R1 M3 P1"),                     # R1's manager from February on: of what lasts until then
    (Viewer("nobody", reports=True), "P1"),
])
def test_a_rep_sees_own_records_and_a_manager_those_of_who_reported_on_their_day(small: Workspace, viewer: Viewer, visible: str) -> None:
    names = {"opportunities": "D1 D2", "leads": "L1 L2", "activities": "T1 T2 T3 T5 T6", "orders": "O1 O2", "contracts": "K1",
             "documents": "C1", "survey_responses": "S1 S2", "forecasts": "F1", "spend": "G1 G2", "accounts": "A1 A2",
             "reps": "R1 R2 M1 M2 M3 X", "products": "P1"}
    found = {name for table, listed in names.items() for name in listed.split() if seen(small, table, name, viewer=viewer)}
    assert found == set(visible.split())


def test_the_timeline_of_a_deal_has_its_touches_changes_documents_and_purchases_in_order(small: Workspace) -> None:
    assert told(small, "opportunities", "D1") == [
        ("01-02", "lead_created", "L1"), ("01-04", "touch", "T1"), ("01-05", "deal_created", "D1"),
        ("01-05", "stage_changed", "D1|2025-01-05 00:00:00|1"), ("01-06", "meeting_booked", "T2"), ("01-12", "touch", "T2"),
        ("01-13", "touch", "T3"), ("01-15", "stage_changed", "D1|2025-01-15 00:00:00|1"), ("01-17", "document_sent", "C1"),
        ("01-20", "lead_qualified", "L1"), ("01-24", "document_signed", "C1"), ("01-25", "deal_closed", "D1"), ("01-26", "purchase", "O1"),
        ("01-28", "contract_started", "K1"), ("01-30", "contract_ended", "K1")]
    assert told(small, "opportunities", "D1", Viewer("R1")) == told(small, "opportunities", "D1")


def test_the_timeline_of_a_lead_has_its_deal_and_touches(small: Workspace) -> None:
    assert [event[1:] for event in told(small, "leads", "L1")] == [
        ("lead_created", "L1"), ("touch", "T1"), ("deal_created", "D1"), ("meeting_booked", "T2"), ("touch", "T2"), ("touch", "T3"),
        ("lead_qualified", "L1"), ("deal_closed", "D1")]


def test_the_timeline_of_an_account_is_whole_for_its_owner_and_else_what_one_may_see(small: Workspace) -> None:
    every = {name.split("|")[0] for _day, _event, name in told(small, "accounts", "A1")}
    assert every == {"L1", "D1", "D2", "T1", "T2", "T3", "T5", "C1", "O1", "O2", "K1", "S1"}
    assert told(small, "accounts", "A1", Viewer("R2")) == told(small, "accounts", "A1")
    own = {name.split("|")[0] for _day, _event, name in told(small, "accounts", "A1", Viewer("R1"))}
    assert own == {"D1", "T2", "T3", "C1", "K1"}  # T3 is of the own deal


def test_the_timeline_of_a_rep_is_what_the_rep_did_without_what_was_answered_in_confidence(small: Workspace) -> None:
    own = {name.split("|")[0] for _day, _event, name in told(small, "reps", "R1", Viewer("R1"))}
    assert own == {"L2", "D1", "T2", "T6", "C1", "K1", "F1"}
    assert {name.split("|")[0] for _day, _event, name in told(small, "reps", "R1", Viewer("M3", reports=True))} == {"L2", "T6"}


def test_a_timeline_ends_at_the_instant_and_has_pages_and_both_directions(small: Workspace) -> None:
    assert told(small, "opportunities", "D1", as_of="2025-01-12T00:00:00")[-1] == ("01-12", "touch", "T2")
    assert ("01-30", "contract_ended", "K1") not in told(small, "opportunities", "D1", as_of="2025-01-29")
    every = told(small, "opportunities", "D1")
    assert told(small, "opportunities", "D1", newest_first=True) == every[::-1]
    assert told(small, "opportunities", "D1", offset=3, limit=2) == every[3:5]
    page = small.timeline("opportunities", "D1", offset=100)
    assert page is not None and (page.count, page.entries, page.row["opportunity_id"]) == (len(every), [], "D1")


def test_what_cannot_be_asked_is_said(small: Workspace) -> None:
    with pytest.raises(MissingTable, match="there is no table deals; there are: reps, "):
        small.record("deals", "D1")
    with pytest.raises(BadQuery, match="'orders' has no timeline; these have: opportunities, leads, accounts, reps"):
        small.timeline("orders", "O1")
    with pytest.raises(BadQuery, match="cannot read as_of"):
        small.record("leads", "L1", as_of="yesterday")
    with pytest.raises(BadQuery, match="has 1 to 1000 events"):
        small.timeline("leads", "L1", limit=0)


def test_leads_of_a_made_up_company_are_seen_as_its_reporting_lines_say(firm: Company, tables: Tables) -> None:
    as_of = "2025-02-14T09:30:00"
    with closing(ServedWorkspace(firm.workspace.folder)) as workspace:
        for viewer in ("R1", "王芳", "r|4", "ghost"):
            for lead in tables["leads"]:
                created = instant(lead["created_at"])
                first, last = created.astimezone(ZoneInfo(ZONE)).date(), date(2025, 2, 14)
                days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
                expected = created <= instant(as_of) and any(sees(tables, viewer, lead["owner_id"] or None, day) for day in days)
                found = workspace.record("leads", lead["lead_id"], Viewer(viewer, reports=True), as_of)
                assert (found is not None) == expected, (viewer, lead)


def test_every_table_can_be_looked_into_by_everyone_without_an_error(small: Workspace) -> None:
    for viewer in (EVERYTHING, Viewer("R1"), Viewer("M1", reports=True)):
        assert [small.record(table, "no|such|thing|1", viewer, "2025-01-20") for table in TABLES] == [None] * len(TABLES)
