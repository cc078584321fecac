"""Backup and restore: what comes back is what was there, whole or not at all."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesgauge.backup import check_backup, make_backup, making, restore_backup, restoring
from salesgauge.backup.archive import INDEX
from salesgauge.errors import BackupError, StoreDamaged, WorkspaceError
from salesgauge.state import Actor, Rights, Role, State
from salesgauge.store.doctor import examine
from salesgauge.workspace import Workspace

NOW = datetime(2025, 9, 1, 12, 30, tzinfo=UTC)
KPIS = ("from salesgauge.catalogue.own import OwnCatalogue\n\n\ndef declare(catalogue: OwnCatalogue) -> None:\n    pass\n")
ASKED = [{"kpi": kpi, "period": "2025-Q1", "by": by} for kpi, by in (("new_leads", ["channel"]), ("average_deal_value", []))]


def files(folder: Path, number: int) -> Path:
    made = folder / f"files{number}"
    made.mkdir()
    (made / "leads.csv").write_text(f"lead_id,created_at,channel\nL{number},2025-01-05,web\n", encoding="utf-8")
    (made / "opportunities.csv").write_text("opportunity_id,created_at,amount,closed_at,outcome\n"
                                            f"O1,2025-01-05,{100 * number},2025-02-01,won\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two loads, own KPIs, a mapping, people, and what nobody needs in a backup."""
    place = tmp_path_factory.mktemp("kept")
    workspace = Workspace.create(place / "acme", "Europe/Berlin", "EUR", {"fiscal_year_start": 4})
    for number in (1, 2):
        workspace.load(files(place, number), now=NOW)
    workspace.answer(ASKED)
    (workspace.folder / "kpis.py").write_text(KPIS, encoding="utf-8")
    (workspace.folder / "kpis.py").chmod(0o600)
    (workspace.folder / "mappings").mkdir()
    (workspace.folder / "mappings" / "zoho.toml").write_text("# Zoho", encoding="utf-8")
    state = State.open(workspace.folder, environment={})
    with state.change() as unit:
        unit.accounts.create("ann@example.org", "Ann", Rights(Role.EXECUTIVE), Actor(None, "console"), password="correct horse battery")
    state.close()
    (workspace.folder / "store" / "scratch").mkdir()
    (workspace.folder / "store" / "scratch" / "left").write_text("left", encoding="utf-8")
    (workspace.folder / ".salesgauge.toml.123").write_text("half", encoding="utf-8")
    return workspace.folder


@pytest.fixture(scope="module")
def backup(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_backup(kept, tmp_path_factory.mktemp("backups"), now=NOW, environment={})[0]


def test_what_is_restored_is_what_was_backed_up(kept: Path, backup: Path, tmp_path: Path) -> None:
    assert backup.name == "acme-g-000002-20250901T123000Z.tar" and stat.S_IMODE(backup.stat().st_mode) == 0o600
    index = restore_backup(backup, tmp_path / "again")
    assert (index.generation, index.made_at, index.state, index.left_out) == ("g-000002", "2025-09-01T12:30:00+00:00", "inside", ())
    one, other = Workspace(kept), Workspace(tmp_path / "again")
    assert other.settings == one.settings and other.answer(ASKED) == one.answer(ASKED)
    assert other.answer(ASKED)[1]["rows"][0]["value"] == 200
    assert examine(other.folder) == []
    state = State.open(other.folder, environment={})
    with state.look() as unit:
        assert [person.name for person in unit.accounts.all()] == ["Ann"]
    state.close()
    assert stat.S_IMODE((other.folder / "kpis.py").stat().st_mode) == 0o600
    assert stat.S_IMODE((other.folder / "state" / "state.db").stat().st_mode) == 0o600
    names = {str(path.relative_to(other.folder)) for path in other.folder.rglob("*") if path.is_file() and "cache" not in path.parts}
    assert {"salesgauge.toml", "kpis.py", "mappings/zoho.toml", "state/state.db", "store/CURRENT"} <= names
    assert not {name for name in names if "scratch" in name or "g-000001" in name or name.startswith(".")}
    assert other.load(files(tmp_path, 3), now=NOW).generation == "g-000003"


def test_a_workspace_without_data_or_people_is_backed_up_too(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    path, index = make_backup(tmp_path / "w", tmp_path / "w.tar", now=NOW, environment={})
    assert (path, index.generation, index.state, list(index.files)) == (tmp_path / "w.tar", None, "none", ["salesgauge.toml"])
    restore_backup(path, tmp_path / "again")
    assert Workspace(tmp_path / "again").loaded() is None


def test_a_backup_is_one_generation_though_loads_go_on_and_sweep_it(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(kept, tmp_path / "acme")
    workspace = Workspace(tmp_path / "acme")
    packed, number = making._pack_store, 2

    def overtaken(*given: object) -> None:
        nonlocal number
        for _ in range(4):
            number += 1
            workspace.load(files(tmp_path, number), now=NOW)
        packed(*given)  # type: ignore[arg-type]
    monkeypatch.setattr(making, "_pack_store", overtaken)
    path, index = make_backup(tmp_path / "acme", tmp_path, now=NOW, environment={})
    assert index.generation == "g-000002" and workspace.generation().name == "g-000006"
    assert not (tmp_path / "acme" / "store" / "generations" / "g-000002.json").exists()
    restore_backup(path, tmp_path / "again")
    assert Workspace(tmp_path / "again").answer(ASKED) == Workspace(kept).answer(ASKED)


def test_people_who_are_added_meanwhile_do_not_wait_and_the_copy_is_whole(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path / "acme")
    state = State.open(tmp_path / "acme", environment={})
    with state.change() as unit:  # a change is under way, and not in the copy
        unit.accounts.create("bob@example.org", "Bob", Rights(Role.EXECUTIVE), Actor(None, "console"))
        make_backup(tmp_path / "acme", tmp_path / "during.tar", now=NOW, environment={})
    make_backup(tmp_path / "acme", tmp_path / "after.tar", now=NOW, environment={})
    state.close()
    for name, people in (("during", 1), ("after", 2)):
        restore_backup(tmp_path / f"{name}.tar", tmp_path / name)
        with closing(sqlite3.connect(tmp_path / name / "state" / "state.db")) as con:
            assert con.execute("SELECT count(*) FROM people").fetchone() == (people,)


def test_of_a_state_in_a_database_of_its_own_it_says_so(kept: Path, tmp_path: Path) -> None:
    _path, index = make_backup(kept, tmp_path, now=NOW, environment={"SALESGAUGE_STATE": "postgresql+psycopg://db/people"})
    assert index.state == "elsewhere" and check_backup(_path).state == "elsewhere"


def test_links_to_files_are_followed_and_those_to_folders_named(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "zoho.toml").write_text("# Zoho", encoding="utf-8")
    (tmp_path / "w" / "zoho.toml").symlink_to(tmp_path / "elsewhere" / "zoho.toml")
    (tmp_path / "w" / "exports").symlink_to(tmp_path / "elsewhere")
    _path, index = make_backup(tmp_path / "w", tmp_path, now=NOW, environment={})
    assert list(index.files) == ["salesgauge.toml", "zoho.toml"] and index.left_out == ("exports",)


def test_a_damaged_newest_generation_is_not_backed_up_but_that_which_stands_in(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path / "acme")
    part = Workspace(tmp_path / "acme").generation().tables["opportunities"].parts[-1]
    part.write_bytes(b"x" * part.stat().st_size)
    path, index = make_backup(tmp_path / "acme", tmp_path, now=NOW, environment={})
    restore_backup(path, tmp_path / "again")
    again = Workspace(tmp_path / "again")
    assert index.generation == "g-000001" and again.generation().damage is None
    assert again.answer(ASKED)[1]["rows"][0]["value"] == 100


def test_a_part_that_the_disk_changed_by_itself_is_not_backed_up(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(kept, tmp_path / "acme")
    part = Workspace(tmp_path / "acme").generation().tables["leads"].parts[-1]
    held = making._hold

    def rotten(*given: object) -> object:
        found = held(*given)  # type: ignore[arg-type]
        part.write_bytes(b"x" * part.stat().st_size)
        return found
    monkeypatch.setattr(making, "_hold", rotten)
    with pytest.raises(StoreDamaged, match="its check sum is another"):
        make_backup(tmp_path / "acme", tmp_path / "w.tar", now=NOW, environment={})
    assert not (tmp_path / "w.tar").exists() and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(("target", "said"), [
    ("there.tar", "is there already"), ("acme/inside.tar", "lies in the workspace itself"), ("acme", "lies in the workspace itself"),
    ("nowhere/b.tar", "there is no folder")])
def test_a_place_that_cannot_be_is_refused(kept: Path, tmp_path: Path, target: str, said: str) -> None:
    shutil.copytree(kept, tmp_path / "acme")
    (tmp_path / "there.tar").write_text("mine", encoding="utf-8")
    with pytest.raises(BackupError, match=said):
        make_backup(tmp_path / "acme", tmp_path / target, now=NOW, environment={})
    assert (tmp_path / "there.tar").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_no_workspace_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is no workspace"):
        make_backup(tmp_path, tmp_path / "b.tar", now=NOW)


def rewritten(change: Callable[[dict[str, bytes]], None]) -> Callable[[Path], None]:
    """A damage that packs the archive anew, its contents by name changed."""
    def damage(path: Path) -> None:
        with tarfile.open(path) as tar:
            held = {member.name: (tar.extractfile(member) or path.open("rb")).read() for member in tar}
        change(held)
        with tarfile.open(path, "w") as tar:
            for name, content in held.items():
                (path.parent / "content").write_bytes(content)
                tar.add(path.parent / "content", name)
    return damage


def a_letter(path: Path) -> None:
    path.write_text("a letter" * 300, encoding="utf-8")


def cut(at: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = path.read_bytes()
        path.write_bytes(content[:int(len(content) * at)])
    return damage


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"PAR1") + 30] ^= 4
    path.write_bytes(content)


def flipped_name(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"store/parts/") + 14] ^= 1  # in the head of a file: its own check sum
    path.write_bytes(content)


def without_last(held: dict[str, bytes]) -> None:
    del held[INDEX]


def without_part(held: dict[str, bytes]) -> None:
    del held[next(name for name in held if name.startswith("store/parts/"))]


def with_more(held: dict[str, bytes]) -> None:
    held["kpis2.py"] = b"print(1)"


def leading_out(held: dict[str, bytes]) -> None:
    held["../kpis.py"] = b"print(1)"


def nonsense_index(held: dict[str, bytes]) -> None:
    held[INDEX] = b'{"format": 1}'


def newer(held: dict[str, bytes]) -> None:
    held[INDEX] = json.dumps({"format": 2}).encode()


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (cut(0.3), "incomplete|damaged"), (cut(0.9), "incomplete|damaged"), (cut(0), "is no backup"), (flipped, "is not what was backed up"),
    (flipped_name, "incomplete|damaged"), (rewritten(without_last), "not written to its end"), (rewritten(without_part), "is not in it"),
    (rewritten(with_more), "is not what was backed up"), (rewritten(leading_out), "which is no file of a workspace"),
    (rewritten(nonsense_index), "its index cannot be read"), (rewritten(newer), "a newer salesgauge made"),
    (a_letter, "is no backup"), (Path.unlink, "there is no file"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=range(len(DAMAGES)))
def test_a_damaged_or_incomplete_backup_is_refused_and_nothing_is_left(
        backup: Path, tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    path = tmp_path / "in" / "b.tar"
    shutil.copyfile(backup, path)
    damage(path)
    with pytest.raises(BackupError, match=said):
        check_backup(path)
    with pytest.raises(BackupError, match=said):
        restore_backup(path, tmp_path / "out" / "w")
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_backup_left_goes_with_the_next_one_and_what_is_being_written_stays(kept: Path, tmp_path: Path) -> None:
    left, held = tmp_path / ".acme.tar.1.backup.partial", tmp_path / ".acme.tar.2.backup.partial"
    left.write_text("half", encoding="utf-8")
    with held.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        make_backup(kept, tmp_path / "b.tar", now=NOW, environment={})
    assert sorted(path.name for path in tmp_path.iterdir()) == [held.name, "b.tar"]


def test_nothing_is_restored_over_what_is_there(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    restore_backup(backup, tmp_path / "w")  # an empty folder will do
    with pytest.raises(BackupError, match="holds something already; move it away"):
        restore_backup(backup, tmp_path / "w")


def test_two_do_not_restore_to_one_place_at_a_time(backup: Path, tmp_path: Path) -> None:
    with restoring._making(tmp_path / "w"), pytest.raises(BackupError, match="is being restored already"):
        restore_backup(backup, tmp_path / "w")


# Restores; before the n-th time that something is made durable (a sync, a rename) the process kills itself.
RESTORER = """
import os, signal, sys
from pathlib import Path
from salesgauge.backup import restore_backup

steps, last = 0, int(sys.argv[3])

def killing(call):
    def called(*given, **named):
        global steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given, **named)
    return called

os.fsync, os.rename = killing(os.fsync), killing(os.rename)
restore_backup(Path(sys.argv[1]), Path(sys.argv[2]))
print(steps)
"""


def test_a_restore_that_is_killed_leaves_no_half_workspace_and_the_next_one_works(backup: Path, tmp_path: Path) -> None:
    def restored(name: str, last: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", RESTORER, str(backup), str(tmp_path / name), str(last)]
        return subprocess.run(command, capture_output=True, text=True, check=False)
    steps = int(restored("whole", 0).stdout)
    for last in (1, steps // 2, steps - 1):
        assert restored("w", last).returncode == -signal.SIGKILL
        assert not (tmp_path / "w").exists()
    restore_backup(backup, tmp_path / "w")
    assert Workspace(tmp_path / "w").generation().name == "g-000002"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w", "whole"]


def test_a_full_disk_is_said_and_leaves_nothing(kept: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BackupError, match=r"cannot write .*: No space left on device"):
        make_backup(kept, tmp_path / "b.tar", now=NOW, environment={})
    with pytest.raises(BackupError, match=r"cannot write .*: No space left on device"):
        restore_backup(backup, tmp_path / "w")
    assert list(tmp_path.iterdir()) == []
