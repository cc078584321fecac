"""Explore: the address is the state."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from salesgauge.language import language
from salesgauge.semantics.question import EVERYTHING
from salesgauge.serving import ServedWorkspace
from salesgauge.state import Actor, Role, State
from salesgauge.state.accounts import Rights
from salesgauge.web.app import create_app
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import NOW, Browse
from web.test_kpi_page import AS_OF

EN = language("en")


def test_the_form_alone_offers_every_kpi(browse: Browse, demo: Workspace) -> None:
    text = browse().get("/explore").text
    offered = text.split('<select name="kpi"')[1].split("</select>")[0]
    assert set(re.findall(r'<option value="(\w+)"', offered)) == set(demo.catalogue)


def test_what_it_shows_is_the_answer(browse: Browse, demo: Workspace) -> None:
    rows = demo.answer([{"kpi": "win_rate", "period": "2026-Q1", "as_of": AS_OF, "by": ["team", "kind"]}])[0]["rows"]
    text = unescape(browse().get("/explore?kpi=win_rate&kpi=revenue&by=team&by=kind&period=2026-Q1&show=table").text)
    assert all(EN.percent(row["value"]) in text for row in rows)
    assert "does not have this dimension" in text  # revenue has no kind


def test_the_question_is_shown_as_programs_ask_it(browse: Browse, demo: Workspace) -> None:
    text = browse().get("/explore?kpi=win_rate&by=team&grain=month&period=2026-Q1&f.region=DACH").text
    question = json.loads(unescape(text.split("<pre")[1].split(">", 1)[1].split("</pre>")[0]))
    assert question == {"kpi": "win_rate", "period": "2026-01-01..2026-04-01", "as_of": AS_OF, "grain": "month", "by": ["team"],
                        "where": {"region": ["DACH"]}}
    assert "error" not in demo.answer([question])[0]


def test_lines_are_drawn_by_grain_and_bars_without(browse: Browse) -> None:
    client = browse()
    assert 'class="lines"' in client.get("/explore?kpi=win_rate&by=team&grain=month&period=2025").text
    assert 'class="lines"' not in client.get("/explore?kpi=win_rate&by=team&period=2025").text
    assert 'class="bar"' not in client.get("/explore?kpi=win_rate&by=team&period=2025&show=table").text


def test_what_has_not_happened_yet_is_no_zero(browse: Browse) -> None:
    text = browse().get("/explore?kpi=new_leads&grain=month&period=2026-Q2&show=table").text
    assert "May 2026" in text and "Jun 2026" not in text.split("<table")[1]


def test_the_form_keeps_the_filters_and_the_period(browse: Browse) -> None:
    text = browse().get("/explore?kpi=win_rate&by=team&period=2025&f.region=DACH").text
    form = text.split('class="panel builder"')[1].split("</form>")[0]
    assert 'type="hidden" name="period" value="2025"' in form and 'type="hidden" name="f.region" value="DACH"' in form
    assert '<option value="win_rate" selected>' in form and '<option value="team" selected>' in form
    controls = text.split('class="controls"')[1].split('class="panel builder"')[0]
    assert 'type="hidden" name="kpi" value="win_rate"' in controls


def test_the_file_holds_every_row(browse: Browse, demo: Workspace) -> None:
    rows = demo.answer([{"kpi": kpi, "period": "2025", "as_of": AS_OF, "grain": "month", "by": ["team"]}
                        for kpi in ("win_rate", "new_opportunities")])
    answer = browse().get("/explore/answers.csv?kpi=win_rate&kpi=new_opportunities&by=team&grain=month&period=2025")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(line["kpi"], line["start"], line["team"] or None, int(line["n"])) for line in lines] == [
        (found["kpi"], row["start"], row["by"]["team"], row["n"]) for found in rows for row in found["rows"]]


@pytest.mark.parametrize(("wrong", "status"), [
    ("kpi=nothing", 404), ("kpi=win_rate&grain=hour", 400), ("kpi=win_rate&show=pie", 400), ("by=a&by=b&by=c", 400),
    ("&".join(f"kpi={kpi}" for kpi in ("win_rate", "revenue", "new_leads", "close_rate", "referrals", "churn_rate", "ramp_time")), 400)])
def test_what_cannot_be_explored_is_refused(browse: Browse, wrong: str, status: int) -> None:
    assert browse().get(f"/explore?{wrong}").status_code == status


def test_without_an_account_nothing_is_saved(browse: Browse) -> None:
    assert "Save this view" not in browse().get("/explore?kpi=win_rate").text
    assert browse().post("/explore/views", data={"name": "x", "address": "/explore"}).status_code == 403


def test_a_view_is_saved_opened_by_its_name_and_deleted(demo: ServedWorkspace, tmp_path: Path) -> None:
    state = State.open(tmp_path, lambda: NOW, environment={})
    try:
        with state.change() as unit:
            person = unit.accounts.create("vera@example.org", "Vera Lind", Rights(Role.EXECUTIVE), Actor(None, "test"))
        visitor = Visitor("Vera Lind", "executive", "executive", EVERYTHING, person_id=person.id)
        app = create_app(demo, who=lambda request: visitor, clock=lambda: NOW)
        app.state.guard = SimpleNamespace(state=state)
        client = TestClient(app, base_url="http://localhost", follow_redirects=False)
        address = "/explore?kpi=win_rate&by=team&period=2025"
        assert "Save this view" in client.get(address).text
        saved = client.post("/explore/views", data={"name": "Teams of <2025>", "address": address})
        assert (saved.status_code, saved.headers["location"]) == (303, address)
        text = client.get("/explore").text
        assert "Teams of &lt;2025&gt;" in text and f'href="{address.replace("&", "&amp;")}"' in text
        slug = re.findall(r"/explore/views/([^/]+)/delete", text)[0]
        assert client.post(f"/explore/views/{slug}/delete").status_code == 303
        assert "Teams of" not in client.get("/explore").text
    finally:
        state.close()
