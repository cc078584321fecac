"""Syncs that are killed at random instants, that lose the network, or whose system changes meanwhile: afterwards every count and sum is
exact, and before it the workspace is that of a sync that was whole.

SALESGAUGE_KILLS says how many kills (5, of 4,000 records; `make soak`: 100, of 300,000, or of as many as SALESGAUGE_RECORDS says),
SALESGAUGE_SEED draws other instants.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from faults import ledger
from faults.ledger import NAME, Ledger, connected, held
from faults.synced import original
from faults.test_kills_under_fire import KILLS, SEED, ended
from salesgauge.errors import SourceError
from salesgauge.sources.connections.wire import ATTEMPTS, Network
from salesgauge.sources.kinds import KINDS
from salesgauge.state import State
from salesgauge.store.doctor import examine
from sources.conformance.connected import Connected
from sources.simulators.served import served

pytestmark = pytest.mark.more
SOAK = KILLS >= 100
RECORDS = int(os.environ.get("SALESGAUGE_RECORDS", "300000" if SOAK else "4000"))
NOW = datetime(2025, 6, 1, tzinfo=UTC)
KNOWN = tuple(KINDS) if SOAK else ("tryton", "shopify")  # a system of deals and one of orders; `make soak`: every kind


@pytest.fixture(autouse=True)
def made_up() -> Iterator[None]:
    """The made-up system is a kind, in this process too."""
    ledger.known()
    yield
    del KINDS["ledger"], sys.modules["salesgauge.sources.ledger"]


def begun(folder: Path, address: str = "", *more: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """A sync at work."""
    process = subprocess.Popen([sys.executable, "-m", "faults.synced", str(folder), address, *more], text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(sys.path)})
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said == "begins\n", said + (process.communicate()[1] if said == "" else "")
    return process


def killed(process: subprocess.Popen[str], after: float) -> bool:
    """Kills a sync after so many seconds; says whether it was still at work."""
    try:
        process.communicate(timeout=after)  # the instant of the kill is what is tried
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


def test_killed_syncs_leave_a_whole_one_and_the_next_makes_every_count_and_sum_exact(tmp_path: Path) -> None:
    draw, system, cut_short = random.Random(SEED), Ledger(RECORDS), 0
    with served(system.handle) as server:
        workspace = connected(tmp_path / "w", server.address)
        lasts = ended(begun(workspace.folder))
        assert (before := held(workspace)) == system.totals()
        for number in range(KILLS):
            system.version += 1
            cut = killed(begun(workspace.folder), draw.uniform(0, lasts))
            cut_short += cut
            found = held(workspace)
            assert found == system.totals() or (cut and found == before)
            before = found
            if number % 4 == 3:  # and now and then one that is not killed: it goes on from what the killed ones left
                ended(begun(workspace.folder))
                assert (before := held(workspace)) == system.totals()
        ended(begun(workspace.folder))
        assert held(workspace) == system.totals()
        unchanged = workspace.generation().name
        ended(begun(workspace.folder))
        assert workspace.generation().name == unchanged, "nothing changed, so nothing is new"
    print(f"\n{KILLS} kills of syncs of {RECORDS:,} records ({lasts:.1f} s each), {cut_short} of them amid work")
    assert 2 * cut_short >= KILLS and examine(workspace.folder) == []
    with State.open(workspace.folder).look() as unit:
        told = unit.runs.told()[NAME]
    assert told.last.outcome == "done" and told.failures == 0


def test_a_process_that_is_killed_after_all_was_read_and_before_it_is_merged_loses_nothing(tmp_path: Path) -> None:
    heard: list[None] = []
    system = Ledger(2_000, lambda: heard.append(None))
    with served(system.handle) as server:
        workspace = connected(tmp_path / "w", server.address)
        assert killed(begun(workspace.folder, "", "die"), 120) and workspace.loaded() is None
        whole = len(heard)
        heard.clear()
        ended(begun(workspace.folder))
    assert held(workspace) == system.totals() and len(heard) < whole, "what was read is not read again"


def network(waits: list[float], then: dict[int, object]) -> Network:
    """The real network, whose waits take no time; at the so manyth wait something is done."""
    def wait(seconds: float) -> None:
        waits.append(seconds)
        action = then.get(len(waits))
        if callable(action):
            action()
    return Network(sleep=wait, seconds=5)


def test_a_network_that_is_cut_and_comes_back_costs_waits_and_one_that_stays_away_that_sync(tmp_path: Path) -> None:
    draw, waits = random.Random(SEED), list[float]()
    system = Ledger(3_000)
    with served(system.handle) as server:
        workspace = connected(tmp_path / "w", server.address)
        for _ in range(max(3, KILLS // 10)):
            waits.clear()
            left = [draw.randint(1, 8)]

            def heard(left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] == 0:
                    server.cut.set()
                    raise httpx.ReadError("cut")  # in the middle of the answer
            system.heard, system.version = heard, system.version + 1
            workspace.sync(NAME, now=NOW, environment={}, network=network(waits, {3: server.cut.clear}))
            assert held(workspace) == system.totals() and len(waits) == 3
        before, system.version, left = held(workspace), system.version + 1, [4]
        system.heard = lambda: heard(left)
        with pytest.raises(SourceError, match=f"it cannot be reached .*, also after {ATTEMPTS} tries"):
            workspace.sync(NAME, now=NOW, environment={}, network=network(waits, {}))
        assert held(workspace) == before
        port = int(server.address.rpartition(":")[2])
    system.heard = lambda: None
    with pytest.raises(SourceError, match="it cannot be reached"):  # nobody listens there at all
        workspace.sync(NAME, now=NOW, environment={}, network=network(waits, {}))
    with served(system.handle, port):
        workspace.sync(NAME, now=NOW, environment={}, network=network(waits, {}))
    assert held(workspace) == system.totals()


def test_a_system_that_changes_while_it_is_read_is_whole_after_the_next_sync_at_the_latest(tmp_path: Path) -> None:
    draw, system = random.Random(SEED), Ledger(3_000)
    with served(system.handle) as server:
        workspace = connected(tmp_path / "w", server.address)
        for _ in range(max(3, KILLS // 10)):
            left = [3]

            def heard(left: list[int] = left) -> None:
                if left[0] and draw.random() < 0.2:
                    left[0] -= 1
                    system.version += 1
            system.heard = heard
            workspace.sync(NAME, now=NOW, environment={})
            system.heard = lambda: None
            workspace.sync(NAME, now=NOW, environment={})
            assert held(workspace) == system.totals()


@pytest.mark.parametrize("kind", KNOWN)
def test_each_kind_of_system_is_exact_after_kills(kind: str, tmp_path: Path) -> None:
    draw = random.Random(f"{SEED} {kind}")
    made, kills = Connected(kind, tmp_path), max(1, KILLS // 10)
    keys = made.case.add(3_000 if SOAK else 300)
    made.tick()
    made.case.move(keys.pop(), "won")
    made.tick()
    with served(lambda request: made.case.handle(original(request))) as server:
        lasts = ended(begun(made.folder, server.address, environment=made.environment))
        made.agrees()
        for _ in range(kills):
            made.tick()
            for key in draw.sample(keys, len(keys) // 3):
                made.case.change(key, Decimal(draw.randint(1, 999_999)) / 100)
            keys += made.case.add(len(keys) // 10)
            made.tick()
            for key in draw.sample(keys, 5):
                made.case.remove(key)
                keys.remove(key)
            killed(begun(made.folder, server.address, environment=made.environment), draw.uniform(0, lasts))
            made.found()  # a key that comes twice is a fault
        ended(begun(made.folder, server.address, environment=made.environment))
    made.agrees()
    assert examine(made.folder) == []
