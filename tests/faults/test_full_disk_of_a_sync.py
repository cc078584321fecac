"""A disk that is full at random points of a sync costs that sync, in words, and nothing else. SALESGAUGE_KILLS as for loads."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import ledger
from faults.disks import fill, small_disk
from faults.ledger import Ledger, connected, held
from faults.test_killed_syncs import begun
from faults.test_kills_under_fire import KILLS, SEED, ended
from salesgauge.sources.kinds import KINDS
from salesgauge.store.doctor import examine
from sources.simulators.served import served

pytestmark = pytest.mark.more
RECORDS = 3_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk, and the made-up system as a kind."""
    ledger.known()
    with small_disk(tmp_path / "disk", 64) as folder:
        yield folder
    del KINDS["ledger"], sys.modules["salesgauge.sources.ledger"]


def used(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_disk_that_is_full_at_random_points_of_a_sync_costs_that_sync_and_nothing_else(disk: Path) -> None:
    draw, system, ballast, refused = random.Random(SEED), Ledger(RECORDS), disk / "ballast", 0
    with served(system.handle) as server:
        workspace = connected(disk / "w", server.address)
        ended(begun(workspace.folder))
        needed = used(workspace.folder) // 4  # about what a sync writes
        for _ in range(KILLS):
            before, system.version = held(workspace), system.version + 1
            fill(ballast, draw.randrange(needed))
            process = begun(workspace.folder)
            _out, err = process.communicate()
            if process.returncode:
                refused += 1
                assert process.returncode == 2 and err.count("\n") == 1 and err.startswith("salesgauge: "), err
            fill(ballast, 0)
            found = held(workspace)  # who reads needs no room
            assert found == system.totals() or (process.returncode and found == before)
            ballast.unlink()
            ended(begun(workspace.folder))
            assert held(workspace) == system.totals()
    print(f"\n{KILLS} syncs on a disk that ran full, {refused} refused")
    assert refused > 0 and examine(workspace.folder) == []
