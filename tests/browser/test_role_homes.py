"""Each role's home, a team's, a person's and a meeting's layout before a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browser.conftest import Open, hidden_columns, overflows, violations
from browser.test_every_page import PICTURES, looks
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.store.names import names_of
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE

PAGES = (("manager", "/"), ("ae", "/"), ("sdr", "/"), ("am", "/"), ("field", "/"), ("executive", "/?meeting=forecast"),
         ("executive", "/teams/{team}"), ("manager", "/reps/{rep}/home?meeting=one-to-one"))
HOMES = {"ae": "rep", "sdr": "sdr", "am": "am", "field": "field"}


@pytest.fixture(scope="module")
def people(company: Workspace) -> dict[str, tuple[str, str]]:
    """A rep of each role with something to show, and their team."""
    asked = [{"kpi": kpi, "period": "2026-01-01..2026-07-01", "by": ["rep"]} for kpi in ("touches", "quota")]
    touched, planned = (sorted(answer["rows"], key=lambda row: -row["n"]) for answer in company.answer(asked, EVERYTHING, figures=True))
    ids = [row["by"]["rep"] for row in (*planned, *touched) if row["by"]["rep"]]
    with company.reading() as con:
        roles, teams = (names_of(con, company.generation(), "reps", ids, column) for column in ("role", "team"))
    found: dict[str, tuple[str, str]] = {}
    for rep in ids:
        found.setdefault(roles[rep], (rep, teams[rep]))
    managers = company.answer([{"kpi": "quota", "period": "2026-Q2", "by": ["manager"], "where": {"rep": [found["ae"][0]]}}],
                              EVERYTHING, figures=True)[0]["rows"]
    return {**found, "manager": (managers[0]["by"]["manager"], found["ae"][1])}


def seen_by(role: str, people: dict[str, tuple[str, str]]) -> Visitor:
    if role == "executive":
        return EXECUTIVE
    rep = people[role][0]
    if role == "manager":
        return Visitor("A manager", "manager", "manager", Viewer(rep, reports=True), rep)
    return Visitor("A rep", "rep", HOMES[role], Viewer(rep), rep)


@pytest.mark.parametrize(("role", "path", "language", "theme", "width"), [
    (role, path, *look) for place, (role, path) in enumerate(PAGES) for look in looks(place)])
def test_a_home_is_accessible_and_fits(look: Open, people: dict[str, tuple[str, str]], role: str, path: str, language: str, theme: str,
                                       width: int) -> None:
    rep, team = people["ae"]
    page = look(path.format(rep=rep, team=team), seen_by(role, people), language=language, theme=theme, width=width)
    if PICTURES:
        name = re.sub(r"\W+", "-", f"home {role} {path}").strip("-")
        page.screenshot(path=Path(PICTURES) / f"{name}.{language}.{theme}.{width}.png", full_page=True)
    assert page.locator("p.lead").count() == 1 and page.locator("section").count() > 1
    assert violations(page) == []
    assert not overflows(page)
    assert width < 1440 or hidden_columns(page) == []


def test_a_figure_leads_to_its_records_and_a_person_to_their_home(look: Open) -> None:
    page = look("/")
    page.locator("#leaderboard").locator("xpath=ancestor::section").locator("tbody th a").first.click()
    assert re.search(r"/reps/[^/]+/home", page.url) and page.locator("h1").count() == 1
    link = page.locator("#plan").locator("xpath=ancestor::section").locator("dl a").first
    assert "/figures/bookings/records" in str(link.get_attribute("href")) and "f.rep=" in str(link.get_attribute("href"))
