"""Every conformance pack through the command line: one batch per pack, judged by the packs' own compare.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKS = ("tiny", "company", "no-orders", "deals-only")


def salesgauge(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the program as a process of its own."""
    return subprocess.run([sys.executable, "-m", "salesgauge", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8",
                          env=os.environ | {"PYTHONIOENCODING": "utf-8"}, check=False)


def test_all_packs_are_tried(shared_folder: Path) -> None:
    assert {path.parent.name for path in (shared_folder / "conformance").glob("*/queries.json")} == set(PACKS)


@pytest.mark.parametrize("pack", PACKS)
def test_every_answer_of_a_pack_is_the_expected_one(pack: str, shared_folder: Path, tmp_path: Path) -> None:
    folder, workspace, actual = shared_folder / "conformance" / pack, tmp_path / "workspace", tmp_path / "actual.json"
    chosen = json.loads((folder / "workspace.json").read_text(encoding="utf-8"))
    settings = [part for key, value in chosen["settings"].items() for part in ("--set", f"{key}={value}")]
    for step in (["init", workspace, "--timezone", chosen["timezone"], "--currency", chosen["currency"], *settings],
                 ["load", folder, "--workspace", workspace]):
        done = salesgauge(*step)
        assert (done.returncode, done.stderr) == (0, "")
    done = salesgauge("compute", "--queries", folder / "queries.json", "--workspace", workspace, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    actual.write_text(done.stdout, encoding="utf-8")
    judged = subprocess.run([sys.executable, folder.parent / "compare.py", folder / "expected.json", actual, "--queries",
                             folder / "queries.json"], capture_output=True, text=True, encoding="utf-8", check=False)
    assert judged.returncode == 0, judged.stdout
    assert judged.stdout.rstrip().endswith(" 0 failed")
