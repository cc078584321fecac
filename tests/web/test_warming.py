"""Pages are made ready before anybody asks."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.web.app import create_app
from salesgauge.web.warming import PATHS, Warming, settle
from salesgauge.workspace import Workspace
from web.conftest import EXECUTIVE, NOW


class Counting:
    """A desk that notes what it is asked."""

    def __init__(self, workspace: ServedWorkspace) -> None:
        self.workspace, self.asked = workspace, list[str]()

    def answer(self, queries: Sequence[Any], viewer: Viewer = EVERYTHING, *, figures: bool = False) -> list[dict[str, Any]]:
        self.asked += [str(query) for query in queries]
        return self.workspace.answer(queries, viewer, figures=figures)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.workspace, name)


def test_what_is_made_ready_is_what_an_executive_then_asks(demo: ServedWorkspace) -> None:
    warming = Warming(demo, lambda: NOW)
    warming_desk, visitor_desk = Counting(demo), Counting(demo)
    warming._app.state.site.desk = warming_desk
    asyncio.run(warming.open_pages())
    app = create_app(demo, who=lambda request: EXECUTIVE, clock=lambda: NOW)
    app.state.site.desk = visitor_desk
    client = TestClient(app, base_url="http://localhost")
    for path in PATHS:
        assert client.get(path).status_code == 200
    assert visitor_desk.asked and set(visitor_desk.asked) <= set(warming_desk.asked)


def test_once_pages_are_ready_what_is_in_memory_is_taken_for_what_stays(demo: ServedWorkspace) -> None:
    before = gc.get_freeze_count()
    warming = Warming(demo, lambda: NOW, settle)
    warming.end()
    warming.run()
    try:
        assert gc.get_freeze_count() > before + 10_000
    finally:
        gc.unfreeze()


def test_a_workspace_without_data_waits_for_some(empty: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    warming = Warming(empty, lambda: NOW)
    warming.end()
    warming.run()
    assert not caplog.records
