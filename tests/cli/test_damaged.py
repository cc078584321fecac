"""What the commands say when the newest load is damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.conftest import NOW, Ask
from salesgauge.workspace import Workspace

SAID = ("the newest load cannot be read: {part} is missing. What you see is g-000001, loaded 2025-09-01T00:00+00:00; salesgauge doctor "
        "says what to do")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    workspace = Workspace.create(folder / "w", "UTC", "EUR", {})
    for number in (1, 2):
        (folder / f"files{number}").mkdir()
        (folder / f"files{number}" / "leads.csv").write_text(f"lead_id,created_at\nL{number},2025-01-05\n", encoding="utf-8")
        workspace.load(folder / f"files{number}", now=NOW)
    return folder


@pytest.fixture
def damaged(loaded: Path, tmp_path: Path) -> tuple[Path, str]:
    """A workspace whose newest part is gone, and what is said of it."""
    shutil.copytree(loaded / "w", tmp_path / "w")
    workspace = Workspace(tmp_path / "w")
    generation = workspace.generation()
    part = generation.tables["leads"].parts[-1]
    part.unlink()
    return tmp_path / "w", SAID.format(part=part)


@pytest.mark.parametrize("command", [
    ("compute", "new_leads", "--period", "2025", "--format", "json"), ("records", "new_leads", "--period", "2025"),
    ("scorecard", "--period", "2025-01"), ("kpis",), ("rejects",), ("doctor",)], ids=lambda command: command[0])
def test_each_command_that_shows_something_says_once_that_the_load_before_is_shown(
        ask: Ask, damaged: tuple[Path, str], command: tuple[str, ...]) -> None:
    folder, message = damaged
    said = ask(*command, "--workspace", folder)
    assert (said.code, said.err) == (0, f"salesgauge: {message}\n")
    if command[0] == "compute":
        assert said.json["results"][0]["rows"][0]["value"] == 1


def test_the_doctor_says_how_to_mend_it_and_a_load_does(ask: Ask, damaged: tuple[Path, str], loaded: Path) -> None:
    folder, _message = damaged
    found = ask("doctor", "--workspace", folder, "--format", "json").json["findings"][0]
    assert (found["key"], found["advice"]) == ("generation_damaged", "Load its files again, or restore a backup.")
    said = ask("load", loaded / "files2", "--workspace", folder)
    assert said.code == 0 and "this load went on from g-000001" in " ".join(said.out.split())
    said = ask("compute", "new_leads", "--period", "2025", "--format", "json", "--workspace", folder)
    assert (said.err, said.json["results"][0]["rows"][0]["value"]) == ("", 2)
    assert [f["key"] for f in ask("doctor", "--workspace", folder, "--format", "json").json["findings"]][:1] == ["remains_of_damage"]
