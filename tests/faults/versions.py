"""A company of which every load changes every row, so that an answer tells which load it is of, and a mixture of two shows at once.

In version v every lead has the channel `v<v>`, every deal the amount v, every order line the price v; there are always ROWS of each.
Run as a program it is a process that asks until it is told to stop: python versions.py WORKSPACE served|command STOP_FILE
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

ROWS = 2000
PERIOD = "2025-Q1"
QUERIES = [{"kpi": "new_leads", "period": PERIOD, "by": ["channel"]}, {"kpi": "average_deal_value", "period": PERIOD},
           {"kpi": "revenue", "period": PERIOD}]
_TABLES = {"leads": ("lead_id,created_at,channel", "L{n},2025-01-05T10:00:00,v{v}"),
           "opportunities": ("opportunity_id,created_at,closed_at,outcome,amount", "O{n},2025-01-05T10:00:00,2025-02-01T10:00:00,won,{v}"),
           "orders": ("order_id,ordered_at", "B{n},2025-03-01T10:00:00"),
           "order_lines": ("order_id,line,quantity,unit_price", "B{n},1,1,{v}")}


def files(place: Path, version: int) -> Path:
    """A folder of files that makes the company that version."""
    folder = place / f"v{version}"
    folder.mkdir()
    for name, (header, row) in _TABLES.items():
        rows = "\n".join(row.format(n=n, v=version) for n in range(ROWS))
        (folder / f"{name}.csv").write_text(f"{header}\n{rows}\n", encoding="utf-8")
    return folder


def version_of(answers: Sequence[Any]) -> int:
    """The version that answers to QUERIES are of; ValueError where they are of several, or no answers."""
    try:
        leads, deals, revenue = (answer["rows"] for answer in answers)
        versions = {int(row["by"]["channel"].removeprefix("v")): row["value"] for row in leads}
        (version, count), = versions.items()
        seen = (count, deals[0]["value"], deals[0]["denominator"], revenue[0]["value"])
        if seen != (ROWS, version, ROWS, ROWS * version):
            raise ValueError(f"a mixture: {seen} in version {version}")
        return version
    except (KeyError, TypeError) as problem:
        raise ValueError(f"no answer: {answers!r}") from problem


def ask_command(workspace: Path, queries: Path) -> list[Any]:
    """The answers by the command line."""
    command = [sys.executable, "-m", "salesgauge", "compute", "--queries", str(queries), "--workspace", str(workspace), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise ValueError(f"exit code {done.returncode}: {done.stderr}")
    found: list[Any] = json.loads(done.stdout)["results"]
    return found


def go_on(ask: Callable[[], list[Any]], stop: Path) -> dict[str, Any]:
    """Asks until there is a file `stop`: how often, what was wrong, the versions as they were seen, and the seconds that each took."""
    faults, versions, seconds = list[str](), list[int](), list[float]()
    print("asking", flush=True)
    while not stop.exists():
        begun = time.perf_counter()
        try:
            version = version_of(ask())
            if versions and version < versions[-1]:
                faults.append(f"version {version} after {versions[-1]}")
            versions.append(version)
        except Exception as problem:
            faults.append(f"{type(problem).__name__}: {problem}")
        seconds.append(time.perf_counter() - begun)
    return {"asked": len(seconds), "faults": faults[:5], "versions": sorted(set(versions)), "seconds": seconds}


def main(workspace: Path, way: str, stop: Path) -> None:
    """A process that asks."""
    if way == "command":
        queries = stop.with_suffix(".json")
        queries.write_text(json.dumps(QUERIES), encoding="utf-8")
        said = go_on(lambda: ask_command(workspace, queries), stop)
    else:
        from salesgauge.serving import ServedWorkspace
        with closing(ServedWorkspace(workspace, most_bytes=0)) as served:  # nothing is remembered: each time it is read
            said = go_on(lambda: served.answer(QUERIES), stop)
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
