"""A simulated company in a workspace, and the application over it at a fixed instant, for whoever is said to look."""

from __future__ import annotations

import re
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


def plain(text: str) -> str:
    """A page, or a part of it, with spaces that break, one after another as one."""
    return " ".join(text.split())


def words(text: str) -> str:
    """What a part of a page says, without its marks."""
    return plain(re.sub(r"<[^>]+>", " ", text))


def small_company(folder: Path) -> ServedWorkspace:
    """The small demo company until the 30th of June 2026, loaded at NOW: what lies after it is not known yet."""
    simulate(folder / "files", "small", last_day=date(2026, 6, 30))
    workspace = Workspace.create(folder / "workspace", TIMEZONE, CURRENCY, {})
    workspace.load(folder / "files", now=NOW)
    return ServedWorkspace(workspace.folder)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorkspace]:
    """The small demo company."""
    served = small_company(tmp_path_factory.mktemp("web"))
    yield served
    served.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace without data."""
    return Workspace.create(Path(tmp_path_factory.mktemp("empty")) / "workspace", TIMEZONE, CURRENCY, {})


@pytest.fixture(scope="session")
def browse(demo: ServedWorkspace) -> Browse:
    """Gives a client of the application, as somebody (default: an executive)."""
    def opened(visitor: Visitor | None = EXECUTIVE, workspace: Workspace = demo) -> TestClient:
        app = create_app(workspace, who=lambda request: visitor, clock=lambda: NOW)
        return TestClient(app, base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False)
    return opened


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace of deals and reps alone; 60 deals have an amount that cannot be read, one no date of creation."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "files").mkdir()
    deals = [f"D{n},2026-04-{n % 28 + 1:02d},R1,direct,Offer,{100 * n},EUR" for n in range(1, 21)]
    deals += [f"B{n},2026-05-01,R1,direct,Offer,secret {n},EUR" for n in range(60)] + ["C1,,R1,direct,Offer,5,EUR"]
    header = "opportunity_id,created_at,owner_id,pipeline,stage,amount,currency"
    (folder / "files" / "opportunities.csv").write_text("\n".join([header, *deals]), encoding="utf-8")
    (folder / "files" / "reps.csv").write_text("rep_id,name,team\nR1,Ada Lind,North\nR2,Bo Falk,South", encoding="utf-8")
    workspace = Workspace.create(folder / "workspace", TIMEZONE, CURRENCY, {})
    workspace.load(folder / "files", now=NOW)
    return workspace
