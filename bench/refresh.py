"""Loading a change of a thousandth of the rows, and bringing facts forward after it, beside building them all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import duckdb

from bench.companies import NOW, Place
from bench.measuring import Figure
from salesgauge.store.generation import FOLDER, PARTS
from salesgauge.workspace import Workspace

Made = TypeVar("Made")
SHARE = 1000  # one row in so many changes
# What changes of the rows that do, in tables of events and in those of the things that they are about.
CHANGES = {"activities": "occurred_at + INTERVAL 1 MINUTE AS occurred_at",
           "opportunities": "amount + 1 AS amount", "leads": "channel || ' (2)' AS channel",
           "order_lines": "quantity + 1 AS quantity", "contracts": "total_value + 1 AS total_value"}


def changed(company: Path, folder: Path) -> Path:
    """A folder with one in a thousand rows of the tables, each a little other than it was."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with duckdb.connect() as con:
        for table, change in CHANGES.items():
            con.execute(f"COPY (SELECT * REPLACE ({change}) FROM '{company}/{table}.parquet' t WHERE hash(t) % {SHARE} = 1) "
                        f"TO '{folder}/{table}.parquet'")
    return folder


def _timed(function: Callable[[], Made]) -> tuple[float, float, Made]:
    """Wall-clock and processor seconds of a load or a refresh, and what it did."""
    wall, processor = time.perf_counter(), time.process_time()
    made = function()
    return time.perf_counter() - wall, time.process_time() - processor, made


def _parts(workspace: Workspace) -> dict[str, int]:
    """The files of the store's tables, with their bytes."""
    return {path.name: path.stat().st_size for path in (workspace.folder / FOLDER / PARTS).iterdir()}


def _written(workspace: Workspace) -> int:
    """The bytes of the generation's kept facts that it shares with no other."""
    with closing(workspace.open(workspace.generation())) as opened:
        files = [path.stat() for path in opened.kept.folder.glob("*/*")]
    return sum(file.st_size for file in files if file.st_nlink == 1)


def figures(place: Place, size: str) -> Iterator[Figure]:
    """The figures of the demo company of that size; the ratio is of wall-clock seconds, that of processor seconds is in the note."""
    company = place.company(size, "parquet")
    workspace = place.fresh("refresh")
    workspace.load(company, now=NOW)
    whole, whole_cpu, built = _timed(lambda: workspace.make_ready(NOW, whole=True))
    total = _written(workspace)
    files, before = changed(company, place.folder / "refresh-changed"), _parts(workspace)
    loaded, loaded_cpu, _report = _timed(lambda: workspace.load(files, now=NOW))
    came = sum(size for name, size in _parts(workspace).items() if name not in before)
    forward, forward_cpu, made = _timed(lambda: workspace.make_ready(NOW))
    yield Figure(f"refresh of the {size} demo after a change of 0.1 % of the rows, beside building all {built.built} facts",
                 forward, whole, 0.05,
                 note=f"{made.forward} facts brought forward, {made.built} built; processor {forward_cpu:.1f} / {whole_cpu:.1f} s = "
                      f"{forward_cpu / whole_cpu:.3f}; wrote {_written(workspace) / 1e6:.1f} of {total / 1e6:.0f} MB; load {loaded:.1f} s, "
                      f"processor {loaded_cpu:.1f} s, wrote {came / 1e6:.1f} of {sum(before.values()) / 1e6:.0f} MB")
