"""A load that is killed leaves exactly the state before it or the state after it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.workbench import Workbench

OLD = {"leads.csv": "lead_id,created_at,channel\nL0,2025-01-04,web\nL1,2025-01-05,web\nL2,bad,web\n", "reps.csv": "rep_id\nR1\n"}
NEW = {
    "leads.csv": "lead_id,created_at,channel\nL1,2025-01-05,event\nL3,worse,web\n",
    "reps.csv": "rep_id\nR2\n",
    "orders.csv": "order_id,ordered_at\nS1,2025-01-05\n",
}

# Loads the folder; before the n-th time that something is made durable (a sync, a rename) the process kills itself. With 0 it counts them.
LOADER = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from salesgauge import settings
from salesgauge.sources import stage
from salesgauge.store import load, parts, writing

parts.SMALL, parts.THIN = 0, 1.0  # of a part of two rows it is noted that one went, as of a large one
workspace, folder, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
steps = []

def killing(call):
    def called(*given, **named):
        steps.append(call.__name__)
        if len(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given, **named)
    return called

os.fsync, os.replace = killing(os.fsync), killing(os.replace)
with writing(workspace, threads=1) as desk:
    staged = stage(folder, desk.con, desk.scratch)
    if last < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    load(workspace, settings.read(workspace), staged, desk.con, now=datetime(2025, 6, 2, tzinfo=UTC))
print(len(steps))
"""

LEADS = "SELECT lead_id, channel FROM leads ORDER BY 1"
REPS = "SELECT rep_id FROM reps ORDER BY 1"
REJECTS = 'SELECT "value" FROM rejects'
BEFORE = [[("L0", "web"), ("L1", "web")], [("R1",)], [("bad",)], False]
AFTER = [[("L0", "web"), ("L1", "event")], [("R1",), ("R2",)], [("worse",)], True]
STEPS = 22  # fourteen for the seven parts (two of them tell what changed, one which row of a part went), then the folder of parts, what is
#             known to be sound, the manifest and CURRENT


def state(bench: Workbench) -> list[object]:
    return [bench.rows(LEADS), bench.rows(REPS), bench.rows(REJECTS), "orders" in bench.generation.tables]


def run(bench: Workbench, folder: Path, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOADER, str(bench.workspace), str(folder), str(last)], capture_output=True, text=True, check=False
    )


def test_a_load_makes_its_parts_durable_before_it_switches(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(OLD)
    done = run(bench, bench.folder(NEW), 0)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{STEPS}\n", "")
    assert state(bench) == AFTER


@pytest.mark.parametrize("last", [-1, 2, 3, 7, 9, 11, STEPS - 2, STEPS - 1, STEPS])
def test_a_killed_load_leaves_the_state_before_or_after_it_and_the_next_load_goes_on(tmp_path: Path, last: int) -> None:
    bench = Workbench(tmp_path)
    bench.load(OLD)
    folder = bench.folder(NEW)
    assert run(bench, folder, last).returncode == -signal.SIGKILL
    assert state(bench) == (AFTER if last == STEPS else BEFORE)
    report = bench.load(folder)
    assert report.changed == (last != STEPS) and state(bench) == AFTER
    store = bench.workspace / "store"
    named = {path.name for table in bench.generation.tables.values() for path in table.parts}
    assert named <= {path.name for path in (store / "parts").iterdir()}
    assert not list(store.rglob("*.partial")) and not (store / "scratch").exists()


def test_a_killed_first_load_leaves_an_empty_workspace(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    folder = bench.folder(NEW)
    assert run(bench, folder, 12).returncode == -signal.SIGKILL
    assert bench.rows(LEADS) == []
    assert bench.load(folder).generation == "g-000001"


FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from salesgauge import settings
from salesgauge.errors import WorkspaceError
from salesgauge.sources import stage
from salesgauge.store import load, writing

workspace, folder = Path(sys.argv[1]), Path(sys.argv[2])
try:
    with writing(workspace, threads=1) as desk:
        staged = stage(folder, desk.con, desk.scratch)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        load(workspace, settings.read(workspace), staged, desk.con, now=datetime(2025, 6, 2, tzinfo=UTC))
except WorkspaceError as problem:
    print(problem)
"""


def test_a_disk_that_takes_no_more_leaves_the_state_before(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    bench.load(OLD)
    before = bench.snapshot()
    rows = "".join(f"L{n},2025-01-05,{hash((n, 'channel'))}\n" for n in range(5000))
    folder = bench.folder({"leads.csv": "lead_id,created_at,channel\n" + rows})
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(bench.workspace), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(f"cannot write to {bench.workspace}: ")
    assert {name: content for name, content in bench.snapshot().items() if not name.endswith(".partial")} == before
    assert state(bench) == BEFORE
