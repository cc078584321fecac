"""Memory that is bounded, and where what does not fit in it goes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import salesgauge
from salesgauge import settings
from salesgauge.errors import SettingError
from salesgauge.staging import Progress, Staged
from salesgauge.store.spilling import SPILL, Spill, reading, sweep_spills
from salesgauge.workspace import Workspace, stage_folder
from store.workbench import LEADS, NOW, Workbench

HOLDER = """
import os, signal, sys
from pathlib import Path
from salesgauge.store.spilling import Spill
spill = Spill(Path(sys.argv[1]))
(spill.path / "spilled").write_text("rows")
print(spill.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_each_open_database_spills_into_a_folder_of_its_own_and_takes_it_away(tmp_path: Path) -> None:
    one, other = Spill(tmp_path), Spill(tmp_path)
    assert one.path != other.path and one.path.is_dir() and other.path.is_dir()
    (one.path / "spilled").write_text("rows")
    one.close()
    one.close()
    assert [path.name for path in (tmp_path / SPILL).iterdir()] == [other.path.name]
    other.close()


def test_what_a_killed_process_spilled_goes_with_the_next_load_and_what_is_held_stays(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load({"leads.csv": LEADS})
    store = bench.workspace / "store"
    killed = subprocess.run([sys.executable, "-c", HOLDER, str(store)], capture_output=True, text=True, check=False)
    left, held = Path(killed.stdout.strip()), Spill(store)
    assert killed.returncode == -signal.SIGKILL and (left / "spilled").exists()
    bench.load({"leads.csv": LEADS})
    assert not left.exists() and held.path.exists()
    held.close()
    sweep_spills(store)
    assert list((store / SPILL).iterdir()) == []


def test_where_nothing_can_be_written_nothing_spills(tmp_path: Path) -> None:
    (tmp_path / SPILL).write_text("in the way")
    spill = Spill(tmp_path)
    assert not spill.path.exists()
    spill.close()


@pytest.mark.parametrize(("said", "size"), [("auto", None), ("2 GB", 2_000_000_000), ("2.5gb", 2_500_000_000), ("512 MB", 512_000_000)])
def test_the_memory_of_a_workspace_is_a_size_or_auto(said: str, size: int | None) -> None:
    assert settings.make("UTC", "EUR", {"memory": said}).memory_bytes == size


@pytest.mark.parametrize("said", ["2", 2, True, "2 TB", "GB", "-1 GB", "255 MB", "", "2 GB and more", ["2 GB"]])
def test_another_memory_is_refused_with_what_would_be_right(said: object) -> None:
    with pytest.raises(SettingError, match=r"setting memory cannot be .*: it is auto, or a size from 256 MB, as 2 GB"):
        settings.make("UTC", "EUR", {"memory": said})


def test_loads_and_questions_obey_the_setting(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w", "UTC", "EUR", {"memory": "300 MB"})
    assert 'memory = "300 MB"' in (tmp_path / "w" / "salesgauge.toml").read_text(encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "leads.csv").write_text(LEADS, encoding="utf-8")
    limits = list[object]()

    def stage(folder: Path, con: duckdb.DuckDBPyConnection, scratch: Path, progress: Progress) -> Staged:
        limits.append(limit_of(con))
        return stage_folder(folder, con, scratch, progress)
    workspace.load(tmp_path / "files", now=NOW, stage=stage)
    with workspace.session() as session:
        limits.append(limit_of(session.con))
        spill = session.con.execute("SELECT current_setting('temp_directory')").fetchone()
    assert limits == ["286.1 MiB", "286.1 MiB"]
    assert spill is not None and Path(spill[0]).parent == tmp_path / "w" / "store" / SPILL and not Path(spill[0]).exists()


# Who makes a database otherwise than store/spilling.py does, and why.
OF_THEIR_OWN = {
    "store/spilling.py": "makes them",
    "store/writing.py": "loads: bounded by the same setting, and spills into the scratch folder of the load",
    "sources/exports/saving.py": "looks at files before there need be a workspace: spills into its own scratch folder",
    "sources/ad_spend/report.py": "reads one report of a connection, under the store: spills into its own scratch folder"}


def test_nobody_else_opens_a_database_whose_memory_nothing_bounds() -> None:
    package = Path(salesgauge.__file__).parent
    opening = {path.relative_to(package).as_posix() for path in package.rglob("*.py")
               if re.search(r"\bduckdb\.connect\(|\bduckdb import .*\bconnect\b", path.read_text(encoding="utf-8"))}
    assert opening == set(OF_THEIR_OWN)


def test_who_reads_parts_obeys_the_setting_and_leaves_nothing_behind(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w", "UTC", "EUR", {"memory": "300 MB"})
    with workspace.reading() as con:
        spill = con.execute("SELECT current_setting('temp_directory')").fetchone()
        assert limit_of(con) == "286.1 MiB"
        assert spill is not None and Path(spill[0]).parent == tmp_path / "w" / "store" / SPILL and Path(spill[0]).is_dir()
        assert con.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
    assert not Path(spill[0]).exists()


def test_what_does_not_fit_in_the_memory_of_a_reader_is_spilled(tmp_path: Path) -> None:
    with reading(tmp_path, 64_000_000) as con:
        con.execute("SET threads = 1")
        found = con.execute("SELECT count(*) FROM (SELECT DISTINCT i, hash(i) FROM range(3_000_000) t(i))").fetchone()
    assert found == (3_000_000,) and list((tmp_path / SPILL).iterdir()) == []


def limit_of(con: duckdb.DuckDBPyConnection) -> object:
    found = con.execute("SELECT current_setting('memory_limit')").fetchone()
    return found and found[0]
