"""How the full build grows with the data: every fact that is kept, built from nothing, for demo companies of growing size. As a program it
builds those of one workspace: `python -m bench.growth WORKSPACE`."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import duckdb

from bench.companies import ROOT, Place
from bench.measuring import PYTHON, Ended, Figure, child
from bench.pages import forget_facts
from salesgauge.facts import FACTS
from salesgauge.workspace import Workspace

LARGEST = 8  # facts that are named with what they took


# What a database cannot do without, by its operators: rows are read, sorted (windows sort), brought together, counted, written.
LIMITS = {"scan": ("SCAN", "READ_PARQUET"), "sort": ("WINDOW", "ORDER_BY", "TOP_N"), "join": ("JOIN",), "group": ("GROUP_BY", "AGGREGATE"),
          "write": ("COPY",)}


class Profiled:
    """A connection that adds up what the operators of its statements took, in processor seconds."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con, self.spent = con, Counter[str]()
        con.execute("SET enable_profiling='no_output'")

    def execute(self, sql: str, *more: Any) -> duckdb.DuckDBPyConnection:
        """Runs a statement."""
        made = self._con.execute(sql, *more)
        if sql.startswith("COPY"):
            self._add(json.loads(self._con.get_profiling_information("json")))
        return made

    def _add(self, node: Mapping[str, Any]) -> None:
        name = node.get("operator_type", "")
        kind = next((kind for kind, marks in LIMITS.items() if any(mark in name for mark in marks)), "other")
        self.spent[kind] += node.get("operator_timing", 0)
        for child_node in node["children"]:
            self._add(child_node)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def build(folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Builds every fact that is kept, and tells the processor seconds of each, without those that it reads; and of all by what the database
    did (LIMITS)."""
    took: dict[str, float] = {}
    with Workspace(folder).session() as session:
        session.con = cast(duckdb.DuckDBPyConnection, profiled := Profiled(session.con))
        session.at([], None)

        def visit(name: str) -> None:
            page = session.opened.fact(name, False)
            if name in took or page["period"]:
                return
            for other in page["used"]:
                visit(other)
            start = time.process_time()
            session.build(name, None)
            took[name] = time.process_time() - start
        for name in FACTS:
            visit(name)
    return took, dict(profiled.spent)


def figures(place: Place, sizes: Sequence[str]) -> Iterator[Figure]:
    """The figures of growth: rows and bytes of the tables, time and memory of the build of each size; and how many times as much as that
    of the first."""
    first: tuple[int, float] | None = None
    for size in sizes:
        workspace = place.loaded(f"peers-{size}", size)
        rows = sum(table.rows for table in workspace.generation().tables.values())
        stored = sum(part.stat().st_size for table in workspace.generation().tables.values() for part in table.parts)
        twin = place.twin(workspace)
        compiled(twin)
        done = _built(twin)
        took, by_operator = json.loads(done.output)
        kept = sum(path.stat().st_size for path in (twin.folder / "store" / "cache").rglob("*.parquet"))
        spent = sum(took.values())
        most = ", ".join(f"{name} {took[name]:.1f}" for name in sorted(took, key=lambda n: -took[n])[:LARGEST])
        yield Figure(f"full build of the kept facts, {size} demo, {rows / 1e6:.1f} M rows, processor time", spent,
                     note=f"{done.wall:.0f} s by the clock; {most}")
        limit = sum(by_operator.get(kind, 0) for kind in ("scan", "sort"))
        yield Figure(f"of that build, reading and sorting, {size} demo", limit, sum(by_operator.values()), unit="s",
                     note=", ".join(f"{kind} {by_operator[kind]:.1f}" for kind in sorted(by_operator, key=lambda n: -by_operator[n])))
        yield Figure(f"tables of the {size} demo", stored / 1e6, unit="MB", note=f"facts kept beside them {kept / 1e6:.0f} MB")
        yield Figure(f"peak memory of that build, {size} demo", done.peak / 1e9, unit="GB", goal=4)
        if first:
            yield Figure(f"growth of the build from the {sizes[0]} to the {size} demo, per row", spent / first[1] / (rows / first[0]),
                         unit="x", goal=1.0 if size == "large" else None,
                         note=f"{rows / first[0]:.1f} times the rows, {spent / first[1]:.1f} times the processor time")
        else:
            first = rows, spent
        if size == ("large" if "large" in sizes else sizes[0]):
            yield _with_little_memory(twin, size)
        shutil.rmtree(twin.folder)


def compiled(workspace: Workspace) -> None:
    """Compiles the SQL of every fact, which is not what is measured."""
    with closing(workspace.open(workspace.generation())) as opened:
        for name in FACTS:
            opened.fact(name, False)


def _with_little_memory(twin: Workspace, size: str) -> Figure:
    settings = twin.folder / "salesgauge.toml"
    text = settings.read_text(encoding="utf-8")
    settings.unlink()  # it is the same file as the other workspace's
    settings.write_text(f'{text}\n[settings]\nmemory = "2 GB"\n', encoding="utf-8")
    compiled(again := Workspace(twin.folder))
    done = _built(again)
    return Figure(f"peak memory of that build with the setting memory = 2 GB, {size} demo", done.peak / 1e9, unit="GB", goal=2.5,
                  note=f"{done.wall:.0f} s by the clock; the interpreter, driver and what the system keeps for them come to the setting")


def _built(workspace: Workspace) -> Ended:
    """Builds the facts in a process of its own; those that were kept are forgotten first."""
    forget_facts(workspace)
    return child((PYTHON, "-m", "bench.growth", workspace.folder), ROOT)


if __name__ == "__main__":
    json.dump(build(Path(sys.argv[1])), sys.stdout)
