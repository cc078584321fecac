"""`salesgauge import`: questions without a terminal, answers, a dry run, the saved mapping."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesgauge.cli.program import main
from salesgauge.workspace import Workspace
from sources.exports.making_files import as_csv, deals, rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "W", "Europe/Berlin", "EUR", {})


def run(workspace: Workspace, *arguments: str | Path) -> int:
    return main(["import", *map(str, arguments), "--workspace", str(workspace.folder)], now=lambda: NOW)


def write(folder: Path, pattern: str = "%Y-%m-%d", early: bool = False) -> Path:
    path = folder / "deals.csv"
    path.write_bytes(as_csv(rows("en", deals("en", early), day=lambda d: d.strftime(pattern))))
    return path


def test_questions_without_a_terminal_are_toml_to_fill_in_and_exit_3(
        workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(workspace, write(tmp_path, "%d/%m/%Y", early=True)) == 3
    said = capsys.readouterr()
    assert "2 questions to answer first" in said.err
    asked = tomllib.loads(said.out)
    assert asked == {"deals.csv": {"Created Date": {"date": ""}, "Close Date": {"date": ""}}}
    assert "'%d/%m/%Y': " in said.out
    answers = tmp_path / "answers.toml"
    answers.write_text(said.out.replace('date = ""', 'date = "%d/%m/%Y"'), encoding="utf-8")
    assert run(workspace, tmp_path / "deals.csv", "--answers", answers) == 0
    row, = workspace.answer([{"kpi": "new_opportunities", "period": "2025-03"}])[0]["rows"]
    assert row["value"] == 1  # 4 March, not 3 April


def test_an_answer_that_cannot_be_is_refused_with_those_that_can(
        workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text('["deals.csv"."Created Date"]\ndate = "%d/%m"\n', encoding="utf-8")
    assert run(workspace, write(tmp_path, "%d/%m/%Y", early=True), "--answers", answers) == 2
    assert "the answer '%d/%m' to deals.csv, Created Date, date cannot be" in capsys.readouterr().err


def test_a_dry_run_shows_the_mapping_and_writes_nothing(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(workspace, write(tmp_path), "--dry-run", "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert {line["column"]: line["header"] for line in said["columns"]}["created_at"] == "Created Date"
    assert tomllib.loads(said["mapping"])["opportunities"]["file"] == "deals.csv"
    assert not (workspace.folder / "mappings").exists()


def test_a_mapping_that_was_changed_by_hand_is_kept(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    assert run(workspace, path) == run(workspace, path) == 0
    saved = workspace.folder / "mappings"
    assert [p.name for p in saved.iterdir()] == ["deals.toml"]
    (saved / "deals.toml").write_text("# mine\n", encoding="utf-8")
    assert run(workspace, path) == 0
    assert sorted(p.name for p in saved.iterdir()) == ["deals-2.toml", "deals.toml"]
    assert (saved / "deals.toml").read_text(encoding="utf-8") == "# mine\n"


def test_bad_rows_are_set_aside_with_file_and_line(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    path.write_bytes(path.read_bytes() + b"0008,Short\r\nTotal,,,,,,1017482.6\r\n")
    assert run(workspace, path) == 0
    capsys.readouterr()
    assert main(["rejects", "--workspace", str(workspace.folder), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["rejects"]
    assert [(r["file"], r["line"], r["reason"]) for r in found] == [
        ("deals.csv", 8, "wrong_number_of_cells"), ("deals.csv", 9, "no_record")]


def test_files_of_two_folders_are_refused(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").mkdir()
    assert run(workspace, write(tmp_path), write(tmp_path / "other")) == 2
    assert "the files of one import lie in one folder" in capsys.readouterr().err
    assert run(workspace, tmp_path / "none.csv") == 2
    assert "there is no file" in capsys.readouterr().err
