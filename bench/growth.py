"""How the full build grows with the data: every fact that is kept, built from nothing, for demo companies of growing size. As a program it
builds those of one workspace: `python -m bench.growth WORKSPACE`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.companies import ROOT, Place
from bench.measuring import PYTHON, Figure, child
from bench.pages import forget_facts
from salesgauge.facts import FACTS
from salesgauge.workspace import Workspace

LARGEST = 8  # facts that are named with what they took


def build(folder: Path) -> dict[str, float]:
    """Builds every fact that is kept, and tells the processor seconds of each, without those that it reads."""
    took: dict[str, float] = {}
    with Workspace(folder).session() as session:
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
    return took


def figures(place: Place, sizes: Sequence[str]) -> Iterator[Figure]:
    """The figures of growth: rows and bytes of the tables, time and memory of the build, and how many times as much as the size before."""
    before: tuple[int, float] | None = None
    for size in sizes:
        workspace = place.loaded(f"peers-{size}", size)
        rows = sum(table.rows for table in workspace.generation().tables.values())
        stored = sum(part.stat().st_size for table in workspace.generation().tables.values() for part in table.parts)
        twin = place.twin(workspace)
        child((PYTHON, "-m", "bench.growth", twin.folder), ROOT)  # compiles the SQL
        forget_facts(twin)
        done = child((PYTHON, "-m", "bench.growth", twin.folder), ROOT)
        took = json.loads(done.output)
        kept = sum(path.stat().st_size for path in (twin.folder / "store" / "cache").rglob("*.parquet"))
        spent = sum(took.values())
        most = ", ".join(f"{name} {took[name]:.1f}" for name in sorted(took, key=lambda n: -took[n])[:LARGEST])
        yield Figure(f"full build of the kept facts, {size} demo, {rows / 1e6:.1f} M rows, processor time", spent,
                     note=f"{done.wall:.0f} s by the clock; {most}")
        yield Figure(f"tables of the {size} demo", stored / 1e6, unit="MB", note=f"facts kept beside them {kept / 1e6:.0f} MB")
        yield Figure(f"peak memory of that build, {size} demo", done.peak / 1e9, unit="GB", goal=4)
        if before:
            yield Figure(f"growth of the build to the {size} demo, per row", spent / before[1] / (rows / before[0]), unit="x", goal=1.1,
                         note=f"{rows / before[0]:.1f} times the rows, {spent / before[1]:.1f} times the processor time")
        before = rows, spent


if __name__ == "__main__":
    json.dump(build(Path(sys.argv[1])), sys.stdout)
