"""A disk of a few megabytes that is full at random points of a load. SALESGAUGE_KILLS says how often (5; `make soak`: 100)."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faults.disks import fill, small_disk
from faults.test_kills_under_fire import KILLS, SEED, committed
from faults.versions import QUERIES, ask_command, files, version_of
from salesgauge.store.doctor import examine
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.more
NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    with small_disk(tmp_path / "disk", 16) as folder:
        yield folder


def test_a_disk_that_is_full_at_random_points_of_a_load_costs_that_load_and_nothing_else(disk: Path, tmp_path: Path) -> None:
    draw, workspace, ballast = random.Random(SEED), Workspace.create(disk / "w", "UTC", "EUR", {}), disk / "ballast"
    workspace.load(files(tmp_path, 1), now=NOW)
    queries = tmp_path / "queries.json"
    queries.write_text(json.dumps(QUERIES), encoding="utf-8")
    needed = 4 * sum(path.stat().st_size for path in (workspace.folder / "store" / "parts").iterdir())  # more than a load writes
    refused = 0
    for number in range(KILLS):
        version = number + 2
        folder = files(tmp_path, version)
        command = [sys.executable, "-m", "salesgauge", "load", str(folder), "--workspace", str(workspace.folder)]
        before = committed(workspace)
        fill(ballast, draw.randrange(needed))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            refused += 1
            assert done.returncode == 2 and done.stderr.count("\n") == 1 and done.stderr.startswith("salesgauge: "), done.stderr
            assert "write" in done.stderr or "No space" in done.stderr or "memory" in done.stderr, done.stderr
        found = committed(workspace)
        assert found == (before if done.returncode else version)
        fill(ballast, 0)
        assert version_of(ask_command(workspace.folder, queries)) == found  # who reads needs no room
        assert not list((workspace.folder / "store").rglob("*.partial"))
        ballast.unlink()
        if found == before:
            again = subprocess.run(command, capture_output=True, text=True, check=False)
            assert again.returncode == 0, again.stderr
        assert version_of(ask_command(workspace.folder, queries)) == version
    print(f"\n{KILLS} loads on a disk that ran full, {refused} refused")
    assert refused > 0 and examine(workspace.folder) == []
    store = workspace.folder / "store"
    named = {part for path in (store / "generations").iterdir() for part in json.loads(path.read_text(encoding="utf-8"))["bytes"]}
    assert {path.name for path in (store / "parts").iterdir()} == named and not (store / "scratch").exists()
