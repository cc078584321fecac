"""A simulated company in a workspace, and the application over it at a fixed instant, for whoever is said to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from salesgauge.demo import CURRENCY, TIMEZONE, simulate
from salesgauge.semantics.question import EVERYTHING
from salesgauge.serving import ServedWorkspace
from salesgauge.web.app import create_app
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace

NOW = datetime(2026, 5, 20, 9, 2, tzinfo=UTC)
EXECUTIVE = Visitor("Vera Lind", "executive", "executive", EVERYTHING)

Browse = Callable[..., TestClient]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small demo company until the 30th of June 2026, loaded at NOW: what lies after it is not known yet."""
    folder = tmp_path_factory.mktemp("web")
    simulate(folder / "files", "small", last_day=date(2026, 6, 30))
    workspace = Workspace.create(folder / "workspace", TIMEZONE, CURRENCY, {})
    workspace.load(folder / "files", now=NOW)
    return workspace


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace without data."""
    return Workspace.create(Path(tmp_path_factory.mktemp("empty")) / "workspace", TIMEZONE, CURRENCY, {})


@pytest.fixture(scope="session")
def served(demo: Workspace) -> Iterator[ServedWorkspace]:
    """The demo company kept open between questions, as `salesgauge serve` has it."""
    workspace = ServedWorkspace(demo.folder)
    yield workspace
    workspace.close()


@pytest.fixture(scope="session")
def browse(served: ServedWorkspace) -> Browse:
    """Gives a client of the application, as somebody (default: an executive)."""
    def opened(visitor: Visitor | None = EXECUTIVE, workspace: Workspace = served) -> TestClient:
        app = create_app(workspace, who=lambda request: visitor, clock=lambda: NOW)
        return TestClient(app, base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False)
    return opened
