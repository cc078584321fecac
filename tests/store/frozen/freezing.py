"""Frozen workspaces: what each format of the store looked like on the disk, as text, and how it becomes a folder again.

`python -m store.frozen.freezing` (in tests/, with ../src) freezes one of the present format. It is done once, when a format is new;
a frozen workspace is never made again, since what it is for is to stay as that program wrote it.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIRST = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)

# Two loads: a new lead and another one that changes, a deal that moves on (which the load records), a further dimension, a row and a
# cell that cannot be read.
LOADS = (
    {"leads.csv": "lead_id,created_at,tier\nL0,2025-01-04,iron\nL1,2025-01-05,gold\nL2,2025-02-30,gold\n",
     "opportunities.csv": "opportunity_id,created_at,amount,stage\nO1,2025-01-06,100,new\n"},
    {"leads.csv": "lead_id,created_at,tier\nL1,2025-01-05,silver\nL3,2025-01-07,\n",
     "opportunities.csv": "opportunity_id,created_at,amount,stage,closed_at,outcome\nO1,2025-01-06,250,won,2025-03-01,won\n"
                          "O2,2025-01-08,many,new,,\n"},
)
QUERIES = ("SELECT lead_id, created_at, x_tier FROM leads ORDER BY 1", "SELECT opportunity_id, amount, stage FROM opportunities ORDER BY 1",
           "SELECT opportunity_id, changed_at, stage, amount FROM stage_changes ORDER BY 1, 2",
           'SELECT "table", line, reason FROM rejects ORDER BY 1, 2')


def thaw(frozen: Path, folder: Path) -> Any:
    """Makes the files of a frozen workspace in `folder`; gives the rows that its queries gave when it was frozen."""
    held = json.loads(frozen.read_text(encoding="utf-8"))
    for name, content in held["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content["text"].encode() if "text" in content else base64.b64decode("".join(content["base64"])))
    for name, statements in held["databases"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        con = sqlite3.connect(folder / name)
        con.executescript("\n".join(statements))
        con.close()
    return held["rows"]


def told(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as they are frozen."""
    return [[value if value is None or isinstance(value, int | float | str) else str(value) for value in row] for row in rows]


def freeze(target: Path) -> None:
    """Writes a workspace that the present program makes."""
    from salesgauge.state import Actor, Rights, Role, State
    from salesgauge.store import parts
    from store.workbench import Workbench
    parts.SMALL, parts.THIN = 0, 1.0  # of a part of two rows it is noted that one went, as of a large one
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(Path(folder))
        for number, brought in enumerate(LOADS):
            bench.load(brought, now=FIRST + timedelta(days=number))
        state = State.open(bench.workspace, now=lambda: FIRST, environment={})
        with state.change() as unit:
            unit.accounts.create("ann@example.org", "Ann", Rights(Role.EXECUTIVE), Actor(None, "console"), password="correct horse battery")
        state.close()
        files: dict[str, dict[str, str | list[str]]] = {}
        for path in sorted(bench.workspace.rglob("*")):
            name = str(path.relative_to(bench.workspace))
            if path.is_file() and not name.startswith(("state/", "store/cache/", "store/lock")):
                content = path.read_bytes()
                coded = base64.b64encode(content).decode()
                files[name] = {"base64": [coded[i:i + 140] for i in range(0, len(coded), 140)]} if path.suffix == ".parquet" else {
                    "text": content.decode()}
        con = sqlite3.connect(bench.workspace / "state" / "state.db")
        databases = {"state/state.db": list(con.iterdump())}
        con.close()
        rows = [told(bench.rows(query)) for query in QUERIES]
    target.write_text(json.dumps({"files": files, "databases": databases, "rows": rows}, indent=1, ensure_ascii=False) + "\n",
                      encoding="utf-8")


if __name__ == "__main__":
    from salesgauge.store.generation import FORMAT
    freeze(HERE / f"format_{FORMAT}.json")
