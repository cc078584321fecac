"""The page of the data: what is there, what was set aside, what the doctor finds, what has no value."""

from __future__ import annotations

import re

from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import Browse, plain

REP = Visitor("Ada Lind", "rep", "rep", Viewer("R1"), rep_id="R1")
ANALYST = Visitor("An analyst", "analyst", "executive", EVERYTHING, nameless=True)


def test_each_table_says_its_rows_or_that_it_is_not_there(browse: Browse, bare: Workspace) -> None:
    text = plain(browse(workspace=bare).get("/data").text)
    deals = re.search(r"<code>opportunities</code></th>(.*?)</tr>", text)
    assert deals and re.findall(r'"number">(\d+)<', deals[1]) == ["80", "81", "80", "0", "61"]  # stored; read, new, changed, set aside
    assert re.search(r"<code>orders</code></th> <td[^>]*>not loaded", text)


def test_a_rep_does_not_learn_how_many_rows_the_company_has(browse: Browse, bare: Workspace) -> None:
    text = browse(REP, bare).get("/data").text
    assert ">80<" not in text and ">81<" not in text and "not loaded" in text


def test_rejects_are_counted_and_paged(browse: Browse, bare: Workspace) -> None:
    client = browse(workspace=bare)
    first = plain(client.get("/data/rejects?table=opportunities&reason=unreadable_number").text)
    assert "1 to 50 of 60" in first and first.count("secret ") == 50
    address = re.search(r'href="([^"]*)" rel="next"', first)
    assert address
    second = plain(client.get(address[1].replace("&amp;", "&")).text)
    assert "51 to 60 of 60" in second and second.count("secret ") == 10 and 'rel="next"' not in second
    assert "1 to 1 of 1" in plain(client.get("/data/rejects?table=opportunities&reason=missing_value").text)
    assert "1 to 50 of 61" in plain(client.get("/data/rejects?start=-9").text)
    assert "51 to 61 of 61" in plain(client.get("/data/rejects?start=999").text)


def test_cells_are_shown_only_to_who_sees_all_records_and_names(browse: Browse, bare: Workspace) -> None:
    text = plain(browse(ANALYST, bare).get("/data/rejects").text)
    assert "secret" not in text and "the number cannot be read" in text and "1 to 50 of 61" in text


def test_a_rep_is_not_told_what_was_set_aside_of_the_whole_company(browse: Browse, bare: Workspace) -> None:
    text = plain(browse(REP, bare).get("/data/rejects").text)
    assert "it is shown to those who see everything" in text and "secret" not in text and "61" not in text
    assert "61 records" in plain(browse(workspace=bare).get("/data").text)
    assert "61 records" not in plain(browse(REP, bare).get("/data").text)


def test_the_doctor_says_what_suffers(browse: Browse, bare: Workspace) -> None:
    text = browse(workspace=bare).get("/data/doctor").text
    assert "Deals without an amount" in text and "60 (75.0%)" in text and 'href="/kpis/pipeline_created' in text
    assert "B0, B1" in text
    hidden = browse(REP, bare).get("/data/doctor").text
    assert "Deals without an amount" in hidden and "60 (75.0%)" not in hidden and "B0, B1" not in hidden


def test_a_kpi_without_a_value_says_why(browse: Browse, bare: Workspace) -> None:
    text = plain(browse(workspace=bare).get("/data/kpis?period=2026-Q2").text)
    assert "no data: needs leads" in text and "nothing to divide by" in text
    assert re.search(r"Pipeline created</a></th><td>60 records set aside: no amount", text)
