"""Backup and restore from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Ask


def test_a_workspace_is_backed_up_checked_and_restored(ask: Ask, tiny: Path, tmp_path: Path) -> None:
    made = ask("backup", tiny, tmp_path)
    path = tmp_path / "workspace-g-000001-20250901T000000Z.tar"
    assert (made.code, made.err) == (0, "") and made.out.startswith(f"{path}: ")
    checked = ask("restore", path, "--check")
    assert (checked.code, checked.out.startswith(f"{path} is whole: g-000001, of 2025-09-01T00:00:00+00:00, ")) == (0, True)
    restored = ask("restore", path, tmp_path / "again")
    assert (restored.code, restored.out.startswith(f"{tmp_path / 'again'} is restored: g-000001")) == (0, True)
    asked = ("compute", "new_leads", "--period", "2025-01", "--format", "json", "--workspace")
    assert ask(*asked, tmp_path / "again").json == ask(*asked, tiny).json


def test_what_cannot_be_restored_is_refused_in_one_line(ask: Ask, tiny: Path, tmp_path: Path) -> None:
    ask("backup", tiny, tmp_path / "b.tar")
    (tmp_path / "cut.tar").write_bytes((tmp_path / "b.tar").read_bytes()[:5000])
    for arguments, said in ((("cut.tar", "w"), "is no backup, or is damaged or incomplete"), (("b.tar", "."), "holds something already")):
        refused = ask("restore", tmp_path / arguments[0], tmp_path / arguments[1])
        assert refused.code == 2 and refused.out == "" and said in refused.err and refused.err.count("\n") == 1
    for wrong in (("restore", tmp_path / "b.tar"), ("restore", tmp_path / "b.tar", tmp_path / "w", "--check")):
        assert "name the WORKSPACE to be made, or give --check" in ask(*wrong).err


def test_of_people_in_a_database_of_their_own_the_way_is_said(
        ask: Ask, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESGAUGE_STATE", "postgresql+psycopg://db.example.org/people")
    assert "pg_dump" in ask("backup", tiny, tmp_path / "b.tar").out
    assert "pg_restore" in ask("restore", tmp_path / "b.tar", tmp_path / "w").out
