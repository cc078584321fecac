"""Peak memory of loading and computing."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bench.companies import ROOT, Place
from bench.measuring import PROGRAM, Figure, child

PERIOD = "2025"


def figures(place: Place, size: str) -> Iterator[Figure]:
    """Load, then every KPI over a year, by month, and as of a past instant, each in a process of its own."""
    folder = place.company(size, "parquet")
    workspace = place.fresh(f"memory-{size}")
    loaded = child((*PROGRAM, "load", folder, "--workspace", workspace.folder), ROOT)
    yield Figure(f"peak memory: load of the {size} demo", loaded.peak / 1e9, goal=4, unit="GB", note=f"{loaded.wall:.0f} s")
    every = [{"kpi": kpi, "period": PERIOD, "grain": grain} for kpi in workspace.catalogue for grain in ("total", "month")]
    past = [{**query, "as_of": "2025-09-01"} for query in every]
    for name, queries in (("every KPI, a year and its months", every), ("every KPI as of a past instant", past)):
        path = place.folder / "memory.json"
        path.write_text(json.dumps(queries), encoding="utf-8")
        done = child((*PROGRAM, "compute", "--queries", path, "--workspace", workspace.folder, "--format", "json"), ROOT)
        yield Figure(f"peak memory: {name}, {size} demo", done.peak / 1e9, goal=4, unit="GB",
                     note=f"{done.wall:.0f} s for {len(queries)} questions")
