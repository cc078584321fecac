"""The page of the data says how connected systems stand, to each as much as they may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from salesgauge.language import LANGUAGES, language
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.state.runs import Brought, Run, Told
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW, Browse, words

GOOD = Run("shop", True, NOW - timedelta(hours=2), NOW - timedelta(hours=2), "done", Brought("g-000001", 1234, 5, 6, 7), None)
FAILED = Run("crm", True, NOW - timedelta(minutes=4), NOW - timedelta(minutes=3), "failed", None, "crm: it refuses (401)")
TOLD = {"shop": Told(GOOD, GOOD, 0), "crm": Told(FAILED, None, 1),
        "erp": Told(Run("erp", False, NOW - timedelta(days=1), NOW, "interrupted", None, None), GOOD, 1),
        "old": Told(Run("old", True, NOW - timedelta(minutes=9), None, None, None, None), None, 1)}


@pytest.fixture(scope="module")
def connected(bare: Workspace) -> Iterator[Workspace]:
    folder = bare.folder / FOLDER
    for name, schedule in (("shop", "daily 06:00"), ("crm", "every 15 minutes"), ("erp", None), ("fresh", "every hour"), ("old", "hourly")):
        Connection(folder, name, "sql", schedule=schedule).write()
    yield bare
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def said(browse: Browse, connected: Workspace, visitor: Visitor = EXECUTIVE, lang: str = "en") -> str:
    client: TestClient = browse(visitor, connected)
    client.app.state.site.runs = lambda: TOLD  # type: ignore[attr-defined]
    return unescape(words(client.get("/data", headers={"Accept-Language": lang}).text))


def test_each_says_when_it_was_read_how_that_went_and_when_it_is_read_next(browse: Browse, connected: Workspace) -> None:
    text = said(browse, connected)
    shop = text[text.index("shop sql"):]
    assert "shop sql daily 06:00 20 May 2026, 09:02 21 May 2026, 06:00 1,234 rows new, 5 changed, 6 gone, 7 set aside" in shop
    assert "crm sql every 15 minutes never 20 May 2026, 11:04 ▲ failed on 20 May 2026, 10:59" in text and "crm: it refuses (401)" in text
    assert "erp sql when told to" in text and "interrupted on" in text and "fresh sql every hour never now" in text
    assert "its settings cannot be used" in text and "cannot read the schedule 'hourly'" in text


def test_who_sees_less_is_told_less(browse: Browse, connected: Workspace) -> None:
    analyst = said(browse, connected, Visitor("", "analyst", "executive", EVERYTHING, nameless=True))
    assert "failed on" in analyst and "refuses" not in analyst and "1,234" in analyst
    rep = said(browse, connected, Visitor("", "rep", "rep", Viewer("R1"), "R1"))
    assert "failed on" in rep and "refuses" not in rep and "1,234" not in rep and "read in full" in rep


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_said_in_each_language(browse: Browse, connected: Workspace, code: str) -> None:
    text, message = said(browse, connected, lang=code), language(code).message
    assert all(message(f"connection_{key}") in text for key in ("schedule", "good", "next", "went", "by_hand", "never", "now"))


def test_a_workspace_without_connections_says_nothing_of_them(browse: Browse, demo: Workspace) -> None:
    assert "Connected systems" not in words(browse(workspace=demo).get("/data").text)
