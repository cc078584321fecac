"""MetricFlow: the SQL that it writes from a manifest written by hand, run on the same DuckDB over the same Parquet parts.

It lives in an environment of its own (requirements/metricflow.txt), made in the benchmark's folder at its first use; of what the lock lists
one is left out, which fetches a program from the network and is not needed to write SQL."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.companies import ROOT
from bench.peers.asked import Answer
from bench.peers.by_sql import connected, run

if TYPE_CHECKING:
    from salesgauge.workspace import Workspace

FOLDER = Path(__file__).parent / "metricflow"
# Each KPI that it can express: the metrics that give numerator and denominator, and the entity whose rep is asked for.
KPIS = {"new_leads": (("new_leads",), "lead"), "average_deal_value": (("bookings", "valued_wins"), "deal"),
        "revenue": (("revenue",), "line"), "discount_rate": (("discount", "listed"), "line"),
        "average_contract_value": (("annual", "contracts"), "contract")}
LEFT_OUT = "dbt-core-experimental-parser"

_RATED = """CREATE TEMP VIEW rated_{name} AS SELECT t.*, CASE WHEN t.currency IS NULL OR t.currency = 'EUR' THEN 1 ELSE r.rate END AS rate
FROM {source} t LEFT JOIN rate r ON r.day = t.{day}::DATE AND r.currency = t.currency"""
_RATE = """CREATE TEMP VIEW rate AS SELECT day, currency, arg_max(rate, rated_on) AS rate
FROM range(DATE '2025-01-01', DATE '2026-01-01', INTERVAL 1 DAY) AS days(day) JOIN exchange_rates ON rated_on <= day GROUP BY ALL"""
_LINES = """(SELECT l.quantity, l.unit_price, l.unit_list_price, o.rep_id, o.ordered_at_local, o.currency
FROM order_lines l JOIN orders o USING (order_id))"""


def environment(folder: Path) -> Path:
    """The interpreter of MetricFlow's environment, which is made where it is absent."""
    made = folder / "metricflow"
    python = made / "bin" / "python"
    if not (made / "done").exists():
        entries = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements" / "metricflow.txt").read_text(encoding="utf-8"))
        subprocess.run([sys.executable, "-m", "venv", "--clear", made], check=True)
        (made / "locked.txt").write_text("\n".join(e for e in entries if not e.startswith(LEFT_OUT)), encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps",
                        "--require-hashes", "--requirement", made / "locked.txt"], check=True, stderr=subprocess.DEVNULL)
        (made / "done").touch()
    return python


def written(folder: Path) -> dict[str, str]:
    """The SQL of each KPI, as MetricFlow writes it."""
    done = subprocess.run([environment(folder), FOLDER / "written.py", FOLDER / "manifest.yaml", json.dumps(KPIS)], check=True,
                          capture_output=True, text=True)
    found: dict[str, str] = json.loads(done.stdout[done.stdout.index("{"):])
    return found


def answers(workspace: Workspace, kpi: str) -> Answer:
    """The answer by MetricFlow's SQL, which stands beside the workspaces (`write_down`)."""
    statements = json.loads(_statements(workspace.folder.parent).read_text(encoding="utf-8"))
    with connected(workspace) as con:
        con.execute(_RATE)
        for name, source, day in (("deals", "opportunities", "closed_at_local"), ("lines", _LINES, "ordered_at_local"),
                                  ("contracts", "contracts", "starts_on")):
            con.execute(_RATED.format(name=name, source=source, day=day))
        columns = ("start_on", "key", "numerator", "denominator")[:2 + len(KPIS[kpi][0])]
        return run(con, f"SELECT * FROM ({statements[kpi]}) AS written({', '.join(columns)})")


def write_down(folder: Path) -> None:
    """Puts MetricFlow's SQL where `answers` finds it."""
    _statements(folder).write_text(json.dumps(written(folder)), encoding="utf-8")


def _statements(folder: Path) -> Path:
    return folder / "metricflow-sql.json"
