"""Sixteen readers and one writer: no error, no mixture, nothing that grows. SALESGAUGE_SECONDS says for how long (30; `make soak`: 600)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faults.crowd import READERS
from faults.versions import files
from salesgauge.store import writing
from salesgauge.workspace import Workspace

pytestmark = pytest.mark.more
SECONDS = float(os.environ.get("SALESGAUGE_SECONDS", "30"))
GROWTH = 64 * 1024**2  # bytes that memory may differ by, early to late: what the database keeps between questions comes and goes


def load(workspace: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "salesgauge", "load", str(folder), "--workspace", str(workspace)], capture_output=True,
                          text=True, check=False)


def test_sixteen_readers_and_a_writer_do_not_disturb_each_other(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    workspace.load(files(tmp_path, 1), now=datetime(2025, 6, 1, tzinfo=UTC))
    with subprocess.Popen([sys.executable, "-m", "faults.crowd", str(workspace.folder), str(SECONDS)], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as crowd:
        version = 1
        while crowd.poll() is None:
            version += 1
            done = load(workspace.folder, files(tmp_path, version))
            assert done.returncode == 0, done.stderr
            if version == 2:
                with writing(workspace.folder):  # a second writer meanwhile is told so, and changes nothing
                    second = load(workspace.folder, files(tmp_path, 0))
                assert (second.returncode, second.stderr) == (
                    2, f"salesgauge: {workspace.folder} is being loaded already; try again when that load is done\n")
            if version > 3:
                for path in (tmp_path / f"v{version - 1}").iterdir():
                    path.unlink()
        assert crowd.stdout is not None
        said = json.loads(crowd.stdout.read())
    early, late = said["early"], said["late"]
    print(f"\n{READERS} readers, {version - 1} loads, {said['took']:.0f} s: {said['asked'] / said['took']:.0f} questions a second; "
          + ", ".join(f"{name} {value:.1f} ms" for name, value in said["latency"].items())
          + f"; early {early}, late {late}, closed {said['closed']}")
    assert said["faults"] == [] and said["versions"] > 1
    assert late["files"] <= early["files"] + 8 and said["closed"]["files"] <= early["files"]  # a switch holds two generations for a moment
    assert late["threads"] <= early["threads"]
    assert late["bytes"] - early["bytes"] < GROWTH
