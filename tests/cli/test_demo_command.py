"""demo: a workspace with a simulated company."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesgauge.cli.demo import undone_on_failure
from salesgauge.workspace import Workspace

from .conftest import Ask


def test_the_demo_ends_with_the_scorecard_of_its_last_month(ask: Ask, tmp_path: Path) -> None:
    said = ask("demo", tmp_path / "w", "--seed", "3", "--last-day", "2026-03-31", "--format", "json")
    assert (said.code, said.err) == (0, "")
    card = said.json
    assert card["period"] == {"start": "2026-03-01", "end": "2026-04-01"}
    assert sum(row["value"] is not None for row in card["kpis"]) > 50
    assert sorted(path.name for path in (tmp_path / "w").iterdir()) == ["salesgauge.toml", "store", "truth.json"]


def test_a_workspace_that_is_there_is_left_alone(ask: Ask, tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    said = ask("demo", tmp_path / "w")
    assert said.code == 2 and "is a workspace already" in said.err
    assert (tmp_path / "w" / "salesgauge.toml").exists()


def test_a_demo_that_could_not_be_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), undone_on_failure(tmp_path / "w"):
        Workspace.create(tmp_path / "w", "UTC", "EUR", {})
        raise KeyboardInterrupt
    assert not (tmp_path / "w").exists()
