"""Import by the pages: files are sent, looked at, asked about, loaded and removed; for those who administer only."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from salesgauge.state import Role
from salesgauge.store import current
from salesgauge.store.generation import FOLDER
from salesgauge.web.access import uploads, with_access
from salesgauge.web.bounds import MOST_UPLOAD
from salesgauge.workspace import Workspace
from sources.exports.making_files import as_csv, deals, rows
from state.world import World
from web.access.conftest import House
from web.conftest import NOW


@dataclass
class Office(House):
    """A house of its own, whose workspace is empty at first."""

    workspace: Workspace

    @property
    def kept(self) -> list[str]:
        """The names of the files that wait."""
        return sorted(p.name for p in (self.workspace.folder / FOLDER / uploads.UPLOADS).rglob("files/*"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    workspace = Workspace.create(tmp_path / "W", "Europe/Berlin", "EUR", {})
    (tmp_path / "state").mkdir()
    world = World.make(tmp_path / "state")
    world.now = NOW
    world.person(administers=True)
    yield Office(with_access(workspace, world.state, clock=lambda: world.now), world, workspace)
    world.state.close()


def export(pattern: str = "%Y-%m-%d", early: bool = False, language: str = "en") -> bytes:
    return as_csv(rows(language, deals(language, early), day=lambda d: d.strftime(pattern)))


def sent(name: str, content: bytes) -> dict[str, tuple[str, bytes, str]]:
    return {"files": (name, content, "text/csv")}


def test_files_are_looked_at_and_loaded_and_removed(office: Office) -> None:
    browser = office.signed_in()
    answer = browser.post("/data/import", files=sent("deals.csv", export()))
    assert answer.status_code == 303
    place = answer.headers["location"]
    page = browser.get(place)
    assert page.status_code == 200 and "<code>closed_at</code>" in page.text and office.kept == ["deals.csv"]
    assert current(office.workspace.folder) is None
    done = browser.post(f"{place}/load")
    assert done.status_code == 200 and "mappings/deals.toml" in done.text
    assert office.kept == [] and browser.get(place).status_code == 404
    row, = office.workspace.answer([{"kpi": "new_opportunities", "period": "2025"}])[0]["rows"]
    assert row["value"] == 6
    assert "data_load" in office.world.deeds()


def test_what_is_not_sure_is_asked_and_loaded_as_answered(office: Office) -> None:
    browser = office.signed_in()
    place = browser.post("/data/import", files=sent("deals.csv", export("%d/%m/%Y", early=True))).headers["location"]
    page = browser.get(place).text
    assert f"{place}/load" not in page
    paths = [html.unescape(found) for found in re.findall(r'name="path" value="([^"]+)"', page)]
    assert paths == ['["deals.csv", "Created Date", "date"]', '["deals.csv", "Close Date", "date"]']
    refused = browser.post(f"{place}/load")
    assert refused.status_code == 400 and current(office.workspace.folder) is None
    assert browser.post(f"{place}/answers", data={"path": paths, "answer": ["%d/%m/%Y"] * 2}).status_code == 303
    assert browser.post(f"{place}/load").status_code == 200
    row, = office.workspace.answer([{"kpi": "new_opportunities", "period": "2025-03"}])[0]["rows"]
    assert row["value"] == 1


def test_files_are_thrown_away(office: Office) -> None:
    browser = office.signed_in()
    place = browser.post("/data/import", files=sent("deals.csv", export())).headers["location"]
    assert browser.post(f"{place}/discard").status_code == 303
    assert office.kept == [] and current(office.workspace.folder) is None


def test_an_import_is_that_of_its_person(office: Office) -> None:
    place = office.signed_in().post("/data/import", files=sent("deals.csv", export())).headers["location"]
    office.world.person("bo@example.org", administers=True)
    other = office.signed_in("bo@example.org")
    assert [other.get(place).status_code, other.post(f"{place}/load").status_code, other.post(f"{place}/discard").status_code] == [404] * 3
    assert office.kept == ["deals.csv"]


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.REP])
def test_nobody_else_may_send_files(office: Office, role: Role) -> None:
    office.world.person("bo@example.org", role, "R1" if role is Role.REP else None)
    for browser, status in ((office.signed_in("bo@example.org"), 403), (office.browser(), 303)):
        assert browser.post("/data/import", files=sent("deals.csv", export())).status_code == status
        assert browser.get("/data/import").status_code == status
    assert office.kept == []


@pytest.mark.parametrize("name", ["../../etc/deals.csv", "C:\\tmp\\deals.csv", "/deals.csv"])
def test_a_name_never_leads_out_of_the_folder(office: Office, name: str) -> None:
    office.signed_in().post("/data/import", files=sent(name, export()))
    assert office.kept == ["deals.csv"]


def test_names_that_cannot_be_and_no_files_are_refused(office: Office) -> None:
    browser = office.signed_in()
    for name in (".hidden.csv", "a\x07b.csv"):
        assert browser.post("/data/import", files=sent(name, export())).status_code == 400
    twice = browser.post("/data/import", files=[("files", ("a.csv", b"x", "text/csv")), ("files", ("a.csv", b"y", "text/csv"))])
    assert twice.status_code == 400
    assert browser.post("/data/import", files=sent("picture.csv", b"%PDF-1.7")).status_code == 303
    assert browser.post("/data/import", data={"files": ""}).status_code == 400
    assert browser.post("/data/import", headers={"content-length": str(MOST_UPLOAD + 1)}, content=b"x").status_code == 413


def test_a_file_that_cannot_be_read_is_said(office: Office) -> None:
    browser = office.signed_in()
    place = browser.post("/data/import", files=sent("picture.csv", b"%PDF-1.7")).headers["location"]
    page = browser.get(place)
    assert page.status_code == 400 and "picture.csv is a PDF document" in page.text and f"{place}/discard" in page.text


def test_another_site_cannot_send_files(office: Office) -> None:
    browser = office.signed_in()
    refused = browser.post("/data/import", files=sent("deals.csv", export()), headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403 and office.kept == []


def test_files_that_nobody_loads_go_after_a_day(office: Office) -> None:
    browser = office.signed_in()
    browser.post("/data/import", files=sent("old.csv", export()))
    shelf = office.workspace.folder / FOLDER / uploads.UPLOADS
    for each in shelf.iterdir():
        os.utime(each, (1, 1))
    browser.post("/data/import", files=sent("new.csv", export()))
    assert office.kept == ["new.csv"]
