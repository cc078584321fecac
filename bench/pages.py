"""What a page asks, answered by a workspace that stays open: nothing kept, facts kept, a minute later, remembered, and after a load."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bench.companies import NOW, Place, forget_answers
from bench.measuring import Figure, in_turn, timed
from salesgauge.serving import ServedWorkspace
from salesgauge.store.rolled import MADE, NONE
from salesgauge.workspace import Workspace

KPIS = ("revenue", "win_rate", "quota_attainment", "average_deal_value", "sales_cycle_length", "pipeline_created", "stalled_time",
        "new_opportunities", "customer_retention_rate", "lead_response_time", "forecast_accuracy", "customer_acquisition_cost")
PERIODS = (("2026-Q2", "total", ""), ("2026-Q1", "total", ""), ("2025-Q2", "total", ""), ("2025-06-01..2026-07-01", "month", ""),
           ("2026-Q2", "total", "team"))
ASKED_AT = datetime(2026, 6, 30, 20, 0)  # the last evening of the data: everything is known, the quarter still runs


def page(workspace: Workspace, as_of: datetime) -> list[dict[str, Any]]:
    """The questions of a page with twelve cards: value, the quarter before, that of a year before, the trend of 13 months, teams."""
    return [{"kpi": kpi, "period": period, "grain": grain, "as_of": as_of.isoformat(),
             "by": [by] if by in workspace.catalogue[kpi].dimensions else []} for kpi in KPIS for period, grain, by in PERIODS]


def figures(place: Place, repeats: int, size: str) -> Iterator[Figure]:
    """The figures of pages on the demo company of that size."""
    workspace = place.fresh(f"pages-{size}")
    workspace.load(place.company(size, "parquet"), now=NOW)
    folder, asked = workspace.folder, page(workspace, ASKED_AT)
    what = f"{len(asked)} questions of a page, {size} company"
    with closing(ServedWorkspace(folder)) as served:  # compiles the SQL
        yield Figure(f"{what}, nothing kept", timed(lambda: served.answer(asked)))
    yield from each_question(workspace, asked, size)
    forget_facts(workspace)
    with closing(ServedWorkspace(folder)) as served:
        yield Figure(f"{what}, SQL kept", timed(lambda: served.answer(asked)))

    def from_facts() -> float:
        with closing(ServedWorkspace(folder)) as served:
            served.generation_served()
            return timed(lambda: served.answer(asked))
    [kept] = in_turn(repeats, from_facts)
    yield Figure(f"{what}, facts kept", statistics.median(kept))
    with closing(ServedWorkspace(folder)) as served:
        served.warm(asked)
        [again] = in_turn(repeats, lambda: timed(lambda: served.answer(asked)))
        yield Figure(f"{what}, remembered", statistics.median(again), goal=0.15)
        minutes = iter(range(1, repeats + 1))
        [later] = in_turn(repeats, lambda: timed(lambda: served.answer(page(workspace, ASKED_AT + timedelta(minutes=next(minutes))))))
        yield Figure(f"{what}, each a minute later", statistics.median(later))
        deal = workspace.records({"kpi": "new_opportunities", "period": "2026-06-01"}, "numerator")["rows"][0]["id"]
        asked_at = ASKED_AT.isoformat()
        served.timeline("opportunities", deal, as_of=asked_at)
        [told] = in_turn(repeats, lambda: timed(lambda: served.timeline("opportunities", deal, as_of=asked_at)))
        yield Figure(f"a deal's timeline, {size} company", statistics.median(told))
        question = {"kpi": "revenue", "period": "2025", "as_of": asked_at}
        served.records_page(question, "numerator", sort="quantity", limit=50)
        [listed] = in_turn(repeats, lambda: timed(lambda: served.records_page(question, "numerator", sort="quantity", limit=50)))
        count = served.records_page(question, "numerator").count
        yield Figure(f"a page of {count} records, sorted, {size} company", statistics.median(listed))


def each_question(workspace: Workspace, asked: Sequence[dict[str, Any]], size: str) -> Iterator[Figure]:
    """How long each question of the page takes by itself, nothing remembered: from the facts, from rollups and kept facts of periods, and
    where the answers that cannot be added up are kept too."""
    cache = workspace.folder / "store" / "cache"
    ways = (("facts", NONE, None, None), ("rollups and facts of periods", MADE, 20, 100), ("rollups and kept answers", MADE, 20, 100))
    for way, worth, most, at_worst in ways:
        with closing(ServedWorkspace(workspace.folder, most_bytes=0, worth=worth)) as served:
            served.answer(asked)
            times = []
            for question in asked:
                if way != "rollups and kept answers":
                    for folder in cache.glob("*.answers"):
                        shutil.rmtree(folder)
                times.append(1000 * timed(partial(served.answer, [question])))
        p95, what = statistics.quantiles(times, n=20)[-1], f"a question of a page from {way}, {size} company"
        yield Figure(f"{what}, 95th percentile", p95, goal=most, unit="ms", note=f"median {statistics.median(times):.1f} ms")
        yield Figure(f"{what}, the slowest", max(times), goal=at_worst, unit="ms")


def forget_facts(workspace: Workspace) -> None:
    """Removes the kept facts, but not the SQL."""
    kept = {path: path.read_bytes() for path in (workspace.folder / "store" / "cache").glob("*.*") if path.is_file()}
    forget_answers(workspace)
    for path, text in kept.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
