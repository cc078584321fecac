"""Medians by the months of a year from kept facts and from buckets beside them, asked in turn: `python -m bench.medians WORKSPACE [ROUNDS]`
prints for each KPI and dimension the sizes, the median processor seconds of both and their ratio (docs/decisions/0023). Buckets are made
whether they are worth their place or not, in a folder of rollups that is removed; nothing else of the workspace is changed."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesgauge.periods import pieces, read_period
from salesgauge.semantics.question import EVERYTHING, QuestionShape
from salesgauge.semantics.rollup import BUCKETS, SUMS, Rollup
from salesgauge.store.rolled import NONE, Worth
from salesgauge.store.session import Session
from salesgauge.workspace import Workspace

MONTHS = pieces(read_period("2025"), "month")
KPIS, DIMENSIONS = ("lead_response_time", "sales_cycle_length", "stage_days"), ("", "channel", "team", "rep")
_SIZES: dict[Rollup, tuple[int, int]] = {}


@dataclass(frozen=True)
class Buckets(Worth):
    """Keeps sums and buckets, and notes how large these are."""

    rows: int = 0

    def keeps(self, rollup: Rollup, rows: int, of: int) -> bool:
        if rollup.held != SUMS:
            _SIZES[rollup] = rows, of
        return rollup.held == SUMS or rollup.held.startswith(BUCKETS)


def measured(folder: Path, kpi: str, by: tuple[str, ...], rounds: int) -> dict[str, Any]:
    """What a question takes from the facts and from buckets, and how large these are."""
    asked = ((NONE, QuestionShape(kpi, by, (), "everything")), (Buckets(), QuestionShape(kpi, by, (), "everything", True)))
    numbers = list(range(len(MONTHS)))
    took: tuple[list[float], list[float]] = [], []
    _SIZES.clear()
    with ExitStack() as stack:
        sessions = []
        for worth, shape in asked:
            workspace = Workspace(folder, worth=worth)
            opened = stack.enter_context(closing(workspace.open(workspace.generation())))
            stack.callback(shutil.rmtree, opened.rollups.folder, ignore_errors=True)
            sessions.append((stack.enter_context(closing(Session(opened))), shape))
        for place in range(rounds + 1):  # the first round makes what is read
            for of, (session, shape) in zip(took, sessions, strict=True):
                moment, start = session.at(MONTHS, None), time.process_time()
                moment.groups(shape, numbers, {}, EVERYTHING)
                if place:
                    of.append(time.process_time() - start)
    facts, buckets = map(statistics.median, took)
    rows, values = next(size for rollup, size in reversed(_SIZES.items()) if rollup.held.startswith(BUCKETS))
    return {"values": values, "buckets": rows, "fewer": values / rows, "facts": facts, "from buckets": buckets, "ratio": facts / buckets}


def every(folder: Path, rounds: int) -> Iterator[str]:
    """A line of each KPI and dimension."""
    for kpi in KPIS:
        for dimension in DIMENSIONS:
            found = measured(folder, kpi, (dimension,) if dimension else (), rounds)
            yield f"{kpi} {dimension or 'all'}: " + ", ".join(
                f"{name} {value:,.4f}" if isinstance(value, float) else f"{name} {value:,}" for name, value in found.items())


if __name__ == "__main__":
    for line in every(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 9):
        print(line, flush=True)
