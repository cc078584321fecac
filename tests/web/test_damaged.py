"""What the pages say when the newest load is damaged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesgauge.serving import ServedWorkspace
from salesgauge.workspace import Workspace
from web.conftest import NOW, Browse, words

QUESTION = "/api/v1/questions?kpi=pipeline_created&period=2026-Q2"


@pytest.fixture
def served(bare: Workspace, tmp_path: Path) -> Iterator[ServedWorkspace]:
    """The bare company with one load more, that brought a deal of 1,000,000."""
    shutil.copytree(bare.folder, tmp_path / "w")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "opportunities.csv").write_text("opportunity_id,created_at,amount\nZ1,2026-05-02,1000000\n", encoding="utf-8")
    workspace = ServedWorkspace(tmp_path / "w")
    workspace.load(tmp_path / "more", now=NOW)
    yield workspace
    workspace.close()


def test_pages_and_answers_are_of_the_load_before_and_say_so(browse: Browse, served: ServedWorkspace) -> None:
    visitor = browse(workspace=served)
    whole = visitor.get(QUESTION).json()["results"][0]["rows"][0]["value"]
    assert whole > 1_000_000 and "cannot be read" not in words(visitor.get("/data").text)
    part = served.generation().tables["opportunities"].parts[-1]
    part.write_bytes(part.read_bytes()[:-1])
    for path in ("/", "/data", "/kpis/win_rate"):
        page = visitor.get(path)
        assert page.status_code == 200
        assert "the newest load cannot be read: these are the figures of the load before it" in words(page.text), path
    fresh = visitor.get("/api/v1/freshness").json()
    assert (fresh["generation"], fresh["damaged"]) == ("g-000001", True)
    answer = visitor.get(QUESTION)
    assert answer.json()["results"][0]["rows"][0]["value"] == whole - 1_000_000
    assert "Load its files again" in words(visitor.get("/data/doctor").text)
