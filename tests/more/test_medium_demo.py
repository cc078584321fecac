"""The medium demo company, 100,000 leads and 4 million activities, through the command line: every KPI, in bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from salesgauge.catalogue import built_in
from salesgauge.demo import CURRENCY, TIMEZONE, simulate

pytestmark = pytest.mark.more
MOST_MEMORY = 4 * 2**20  # kB: 4 GB


def salesgauge(*arguments: str) -> tuple[str, int]:
    """Runs a command that must succeed: what it printed, and the most memory that it held (kB)."""
    with subprocess.Popen([sys.executable, "-m", "salesgauge", *arguments], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        printed = process.stdout.read().decode()
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, printed
    return printed, used.ru_maxrss


def test_the_medium_demo_is_loaded_and_answered_in_bounded_memory(tmp_path: Path) -> None:
    data, workspace, batch = tmp_path / "data", tmp_path / "workspace", tmp_path / "queries.json"
    simulate(data, "medium", form="parquet")
    salesgauge("init", str(workspace), "--timezone", TIMEZONE, "--currency", CURRENCY)
    _printed, loading = salesgauge("load", str(data), "--workspace", str(workspace))
    assert loading < MOST_MEMORY
    batch.write_text(json.dumps([{"kpi": kpi, "period": "2026-Q1"} for kpi in built_in()]), encoding="utf-8")
    printed, computing = salesgauge("compute", "--queries", str(batch), "--workspace", str(workspace), "--format", "json")
    assert computing < MOST_MEMORY
    results = json.loads(printed)["results"]
    assert len(results) == len(built_in())
    without = [result["kpi"] for result in results if "error" in result or result["rows"][0]["value"] is None]
    assert without == []
