"""Records lead back to the system that they came from, for who may know it."""

from __future__ import annotations

import re

import pytest

from salesgauge.language import LANGUAGES, language
from salesgauge.semantics.question import EVERYTHING
from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from store.workbench import Workbench
from web.conftest import EXECUTIVE, NOW, Browse, words

ANALYST = Visitor("", "analyst", "executive", EVERYTHING, nameless=True)
HEADER = "opportunity_id,created_at,owner_id,amount\n"
LINK = "https://erp.example.com/#erp/model/sale.opportunity/4"
LIST = "/kpis/new_opportunities/records?period=2026-Q2"
API = "/api/v1/records?kpi=new_opportunities&period=2026-Q2&sort=id"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Deals of a file and of a system whose records have the ids that its mapping gives."""
    bench = Workbench(tmp_path_factory.mktemp("lineage"))
    bench.load({"opportunities.csv": HEADER + "F1,2026-04-02,R1,100\n"}, now=NOW)
    bench.load({"opportunities.csv": HEADER + "4,2026-04-03,R1,200\n"}, now=NOW, system="erp")
    bench.load({"leads.csv": "lead_id,created_at\nL1,2026-04-03\n"}, now=NOW, system="gone")
    return Workspace(bench.workspace)


@pytest.fixture
def erp(firm: Workspace, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """The system is connected, and knows the records by the names that the bench gives them."""
    made = Connection(firm.folder / FOLDER, "erp", "tryton", {"url": "https://erp.example.com", "database": "erp"})
    made.write()
    monkeypatch.setattr("salesgauge.sources.tryton.page", lambda options, record: LINK if record == "opportunities/4" else None)
    return made


def test_the_page_of_a_record_leads_to_it_in_its_system(browse: Browse, firm: Workspace, erp: Connection) -> None:
    text = browse(workspace=firm).get("/records/opportunities/4").text
    assert f'<a href="{LINK}" rel="noopener noreferrer" class="out">opportunities/4 ' in text
    assert re.search(r"Where it comes from Source erp Record there opportunities/4 ↗ Loaded 20 May 2026.* g-000002", words(text))
    of_file = words(browse(workspace=firm).get("/records/opportunities/F1").text)
    assert re.search(r"Source opportunities\.csv Loaded 20 May 2026.* g-000001", of_file) and "Record there" not in of_file
    of_gone = browse(workspace=firm).get("/records/leads/L1").text
    assert "leads/L1" in of_gone and "noreferrer" not in of_gone


def test_a_list_of_records_says_their_system_where_there_is_one(browse: Browse, firm: Workspace, erp: Connection) -> None:
    text = browse(workspace=firm).get(LIST).text
    assert text.count(f'href="{LINK}"') == 1 and "opportunities.csv" in text
    assert "opportunities.csv" not in browse(workspace=firm).get(f"{LIST}&q=F1").text, "a list of a file's records alone has no such column"


def test_programs_get_it_too_and_a_connection_that_changes_changes_the_answer(browse: Browse, firm: Workspace, erp: Connection) -> None:
    client = browse(workspace=firm)
    found = client.get(API)
    rows = {row["id"]: row["lineage"] for row in found.json()["rows"]}
    assert rows["4"] == {"source": "erp", "record": "opportunities/4", "link": LINK, "load": "g-000002",
                         "loaded_at": "2026-05-20T09:02:00Z"}
    assert (rows["F1"]["source"], rows["F1"]["record"], rows["F1"]["link"]) == ("opportunities.csv", None, None)
    same = client.get(found.url.path, params=found.url.params, headers={"If-None-Match": found.headers["ETag"]})
    erp.path.unlink()
    other = client.get(found.url.path, params=found.url.params, headers={"If-None-Match": found.headers["ETag"]})
    assert (same.status_code, other.status_code) == (304, 200)
    assert {row["id"]: row["lineage"]["link"] for row in other.json()["rows"]} == {"4": None, "F1": None}


def test_who_sees_no_names_sees_neither_the_text_of_a_record_nor_its_page(browse: Browse, firm: Workspace, erp: Connection) -> None:
    analyst = browse(ANALYST, firm)
    for path in ("/records/opportunities/4", LIST):
        text = analyst.get(path).text
        assert "opportunities/4" not in words(text) and "erp.example.com" not in text and " erp " in words(text)
    found = {row["id"]: row["lineage"] for row in analyst.get(API).json()["rows"]}["4"]
    assert (found["source"], found["record"], found["link"], found["load"]) == ("erp", None, None, "g-000002")


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_said_in_each_language(browse: Browse, firm: Workspace, erp: Connection, code: str) -> None:
    text = words(browse(EXECUTIVE, firm).get("/records/opportunities/4", headers={"Accept-Language": code}).text)
    assert all(language(code).message(key) in text for key in ("origin", "origin_record", "origin_loaded"))


def test_a_connection_whose_file_cannot_be_read_costs_the_link_alone(browse: Browse, firm: Workspace, erp: Connection) -> None:
    erp.path.write_text("kind = ")
    said = words(browse(workspace=firm).get("/records/opportunities/4").text)
    assert "Record there opportunities/4" in said
    erp.path.unlink()


def test_rows_that_are_not_stored_have_no_origin(firm: Workspace, erp: Connection) -> None:
    found = firm.origins([("opportunities", "4"), ("opportunities", "F1"), ("opportunities", "none"), ("nothing", "1")])
    assert {key: origin.link for key, origin in found.items()} == {("opportunities", "4"): LINK, ("opportunities", "F1"): None}
