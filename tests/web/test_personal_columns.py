"""Columns of a company's own that hold names of persons: who sees no names sees nothing of them, and cannot ask by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from salesgauge import settings
from salesgauge.errors import SettingError
from salesgauge.semantics.question import EVERYTHING
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW, Browse

DEALS = """opportunity_id,created_at,owner_id,amount,sponsor,tier
D1,2026-04-02,R1,100,Jane Roe,gold
D2,2026-04-03,R1,200,Max Doe,silver"""
ANALYST = Visitor("", "analyst", "executive", EVERYTHING, nameless=True, personal=frozenset({"sponsor"}))
PATHS = ("/kpis/new_opportunities?period=2026-Q2&by=sponsor", "/kpis/new_opportunities/records?period=2026-Q2",
         "/kpis/new_opportunities/records.csv?period=2026-Q2", "/kpis/new_opportunities/breakdown.csv?period=2026-Q2&by=sponsor",
         "/explore?kpi=new_opportunities&by=sponsor&period=2026-Q2", "/records/opportunities/D1",
         "/api/v1/questions?kpi=new_opportunities&period=2026-Q2&by=sponsor", "/api/v1/records?kpi=new_opportunities&period=2026-Q2",
         "/api/v1/records?kpi=new_opportunities&period=2026-Q2&search=Jane")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("personal")
    (folder / "files").mkdir()
    (folder / "files" / "opportunities.csv").write_text(DEALS, encoding="utf-8")
    made = Workspace.create(folder / "workspace", "UTC", "EUR", {})
    made.load(folder / "files", now=NOW)
    return made


def test_nothing_of_them_comes_out_for_who_sees_no_names(browse: Browse, firm: Workspace) -> None:
    said = {path: browse(ANALYST, firm).get(path).text for path in PATHS}
    assert [path for path, text in said.items() if "Jane Roe" in text or "Max Doe" in text] == []
    assert "Jane Roe" in browse(EXECUTIVE, firm).get(PATHS[2]).text and "gold" in said[PATHS[2]]


@pytest.mark.parametrize("path", ["/api/v1/questions?kpi=new_opportunities&period=2026-Q2&where=sponsor=Jane Roe",
                                  "/api/v1/records?kpi=new_opportunities&period=2026-Q2&where=sponsor=Jane Roe",
                                  "/kpis/new_opportunities/records?period=2026-Q2&f.sponsor=Jane Roe"])
def test_nor_does_a_filter_tell_whether_a_guess_is_right(browse: Browse, firm: Workspace, path: str) -> None:
    right, wrong = browse(ANALYST, firm).get(path), browse(ANALYST, firm).get(path.replace("Jane Roe", "Jim Poe"))
    assert right.status_code == wrong.status_code == 400


def test_they_are_named_in_the_settings(tmp_path: Path) -> None:
    made = replace(settings.make("UTC", "EUR", {}), personal=("sponsor",))
    settings.write(tmp_path, made)
    assert settings.read(tmp_path) == made
    (tmp_path / settings.FILE).write_text('format = 1\ntimezone = "UTC"\ncurrency = "EUR"\npersonal = "sponsor"\n', encoding="utf-8")
    with pytest.raises(SettingError, match="a list of columns"):
        settings.read(tmp_path)
