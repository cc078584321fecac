"""One peer answers one question in a process of its own: `python -m bench.peers.answering PEER WORKSPACE KPI` writes as JSON what it took,
what its libraries take to import left out, and the answer."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import duckdb

from bench.peers.asked import Answer
from salesgauge.workspace import Workspace


def main() -> None:
    """The program."""
    peer, folder, kpi = sys.argv[1:]
    module = importlib.import_module(f"bench.peers.by_{peer}")
    workspace = Workspace(Path(folder))
    with duckdb.connect() as con:
        con.execute("SELECT $it", {"it": 1})  # the first parameter that DuckDB gets makes it import pandas, where there is one
    start, used = time.perf_counter(), time.process_time()
    answer: Answer = module.answers(workspace, kpi)
    took = {"seconds": time.perf_counter() - start, "processor": time.process_time() - used}
    json.dump({**took, "answer": [[*key, *numbers] for key, numbers in answer.items()]}, sys.stdout)


if __name__ == "__main__":
    main()
