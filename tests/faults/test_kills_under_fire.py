"""Loads and refreshes that are killed at random instants while others read: nobody sees an error or a mixture, and what stands afterwards
is exactly the last committed load.

SALESGAUGE_KILLS says how many kills (5; `make soak`: 100), SALESGAUGE_SEED draws other instants.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from faults.versions import QUERIES, files, version_of
from salesgauge.cli.program import COMMANDS
from salesgauge.store.doctor import examine
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.more
KILLS = int(os.environ.get("SALESGAUGE_KILLS", "5"))
SEED = int(os.environ.get("SALESGAUGE_SEED", "1"))
NOW = datetime(2025, 6, 1, tzinfo=UTC)
READERS = ("served", "served", "command", "command")

# Runs a command, and says when it begins, after what it needs was imported: a kill then falls into the work itself.
WRITER = """
import sys
import salesgauge.store.loading, salesgauge.sources, salesgauge.workspace
from salesgauge.cli.program import main
print("begins", flush=True)
sys.exit(main(sys.argv[1:]))
"""


def begun(workspace: Path, *arguments: str) -> subprocess.Popen[str]:
    """A writer at work."""
    command = [sys.executable, "-c", WRITER, *arguments, "--workspace", str(workspace)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "begins\n"
    return process


def ended(process: subprocess.Popen[str]) -> float:
    """Lets a writer finish, which must succeed: the seconds."""
    start = time.perf_counter()
    _out, err = process.communicate()
    assert process.returncode == 0, err
    return time.perf_counter() - start


def committed(workspace: Workspace) -> int:
    """The version that was loaded last, by the manifest in force."""
    return int(Path(workspace.generation().report["origin"]).name.removeprefix("v"))


def stop(readers: list[subprocess.Popen[str]], stops: list[Path]) -> list[dict[str, Any]]:
    """Ends the readers; what each of them saw."""
    for path in stops:
        path.touch()
    return [json.loads(reader.communicate(timeout=120)[0].splitlines()[-1]) for reader in readers]


def test_killed_loads_and_refreshes_disturb_no_reader_and_leave_the_last_committed_load(tmp_path: Path) -> None:
    draw, workspace = random.Random(SEED), Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    workspace.load(files(tmp_path, 1), now=NOW)
    assert version_of(workspace.answer(QUERIES)) == 1
    lasts = {"load": ended(begun(workspace.folder, "load", str(files(tmp_path, 2))))}
    works = ["load"]
    if "refresh" in COMMANDS:
        works.append("refresh")
        lasts["refresh"] = ended(begun(workspace.folder, "refresh"))
    stops = [tmp_path / f"stop{number}" for number, _way in enumerate(READERS)]
    with ExitStack() as stack:
        readers = [stack.enter_context(subprocess.Popen(
            [sys.executable, "-m", "faults.versions", str(workspace.folder), way, str(path)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})) for way, path in zip(READERS, stops, strict=True)]
        for reader in readers:
            stack.callback(reader.kill)
            assert reader.stdout is not None and reader.stdout.readline() == "asking\n"
        version, cut_short = 2, 0
        for number in range(KILLS):
            before, work = committed(workspace), works[number % len(works)]
            if work == "load":
                version += 1
            process = begun(workspace.folder, work, *([str(files(tmp_path, version))] if work == "load" else []))
            time.sleep(draw.uniform(0, lasts[work]))  # the instant of the kill is what is tried
            process.send_signal(signal.SIGKILL)
            out, _err = process.communicate()
            cut_short += process.returncode == -signal.SIGKILL
            found = committed(workspace)
            assert found in ((before, version) if work == "load" else (before,))
            assert work == "refresh" or found == version or process.returncode == -signal.SIGKILL, out
            assert version_of(workspace.answer(QUERIES)) == found
            if number % 4 == 3:  # and now and then one that is not killed
                version += 1
                ended(begun(workspace.folder, "load", str(files(tmp_path, version))))
                assert version_of(workspace.answer(QUERIES)) == version
        ended(begun(workspace.folder, "load", str(files(tmp_path, version + 1))))
        assert version_of(workspace.answer(QUERIES)) == version + 1
        seen = stop(readers, stops)
    print(f"\n{KILLS} kills, {cut_short} of them amid work; readers asked {[each['asked'] for each in seen]} times, "
          f"saw {[len(each['versions']) for each in seen]} versions")
    assert [each["faults"] for each in seen] == [[]] * len(READERS)
    assert 3 * cut_short >= KILLS and all(each["asked"] > 0 and each["versions"] for each in seen)
    store = workspace.folder / "store"
    named = {part for path in (store / "generations").iterdir() for part in json.loads(path.read_text(encoding="utf-8"))["bytes"]}
    assert {path.name for path in (store / "parts").iterdir()} == named
    assert not (store / "scratch").exists() and list((store / "spill").iterdir()) == [] and examine(workspace.folder) == []
