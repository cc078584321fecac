"""Every question that the pages ask, one at a time, of a server that remembers no answer: how soon it is answered, and from what.

The pages of every role are opened once, which makes what a server keeps in the background and tells which questions there are. Then each is
asked by itself, with the remembered and the kept answers forgotten before it."""

from __future__ import annotations

import asyncio
import importlib
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bench.companies import NOW, Place
from bench.measuring import Figure, in_turn, timed
from bench.peers.asked import ASKED, difference, of_ours
from bench.peers.asked import question as asked_of_peers
from bench.web import visitors
from salesgauge.facts import FACTS
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.store.kept_groups import FILE
from salesgauge.web.app import create_app
from salesgauge.web.pages.homes.roles import HOMES
from salesgauge.web.visitor import Visitor
from salesgauge.web.warming import settle
from salesgauge.workspace import Workspace

PAGES = ("/pipeline", "/leaderboards", "/customers", "/people", "/market", "/explore", "/kpis")
TABLES = ("rollups", "rollups and facts", "facts of periods", "facts")  # what answers


@dataclass(frozen=True)
class Heard:
    """A question of a page: who asked it, as what, and what stood there."""

    role: str
    viewer: Viewer
    query: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The same for the same question of a company of another size; whose names stand in it has none."""
        return repr(sorted(self.query.items())) if self.viewer == EVERYTHING else ""


class Listening(ServedWorkspace):
    """A served workspace that notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.role, self.heard = "", dict[str, Heard]()

    def answer(self, queries: Sequence[Any], viewer: Viewer = EVERYTHING, progress: Callable[[int, int], None] | None = None, *,
               figures: bool = False) -> list[dict[str, Any]]:
        for query in queries:
            self.heard.setdefault(f"{viewer} {sorted(query.items())}", Heard(self.role, viewer, query))
        return super().answer(queries, viewer, progress, figures=figures)


def heard(workspace: Workspace, every: int) -> list[Heard]:
    """What the pages of every role ask; of the KPIs' own pages one in `every` is opened."""
    with closing(Listening(workspace.folder)) as listening:
        for role, visitor in everybody(workspace).items():
            listening.role = role
            asyncio.run(_visit(listening, visitor, list(_addresses(workspace, visitor, every))))
        return list(listening.heard.values())


def everybody(workspace: Workspace) -> dict[str, Visitor]:
    """Who looks: an executive, the manager and the rep with the most bookings, and one rep of each role with a home of its own."""
    found = visitors(workspace)
    with workspace.session() as session:
        for role, rep in session.con.execute("SELECT role, min(rep_id) FROM reps GROUP BY role ORDER BY role").fetchall():
            if role in HOMES and role not in found:
                found[role] = Visitor(role, "rep", role, Viewer(rep), rep)
    return found


def _addresses(workspace: Workspace, visitor: Visitor, every: int) -> Iterator[str]:
    yield "/"
    yield from (f"/?meeting={meeting}" for meeting in HOMES[visitor.home].meetings)
    if visitor.role in ("executive", "manager", "rep"):
        yield from PAGES
    if visitor.sees_everything:
        pages = [f"/kpis/{kpi.id}?by={dimension}" for kpi in workspace.catalogue.values() for dimension in kpi.dimensions or ("",)]
        yield from pages[::every]


async def _visit(workspace: Workspace, visitor: Visitor, addresses: Sequence[str]) -> None:
    app = create_app(workspace, who=lambda request: visitor, clock=lambda: NOW - timedelta(days=10))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=None) as client:
        for address in addresses:
            (await client.get(address)).raise_for_status()


@dataclass(frozen=True)
class Took:
    """What a question took: milliseconds by the clock and of processors, and what answered it."""

    heard: Heard
    ms: float
    processor: float
    table: str


def each(workspace: Workspace, questions: Sequence[Heard]) -> list[Took]:
    """Asks each question by itself, no answer remembered or kept."""
    with closing(ServedWorkspace(workspace.folder, most_bytes=0)) as served:
        for one in 2 * list(questions):  # makes what only a question by itself needs, and what is kept of a past day for who asks again
            _forget_kept_answers(workspace)
            served.answer([one.query], one.viewer, figures=True)
        settle()  # as a server does, once its pages are ready
        took = []
        for one in questions:
            _forget_kept_answers(workspace)
            used = time.process_time()
            ms = 1000 * timed(partial(served.answer, [one.query], one.viewer, figures=True))
            took.append(Took(one, ms, 1000 * (time.process_time() - used), _table(served, one)))
        return took


def _forget_kept_answers(workspace: Workspace) -> None:
    for folder in (workspace.folder / "store" / "cache").glob("*.answers"):
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(folder / FILE)) as con, con:  # there is no table yet
            con.execute("DELETE FROM groups")


def _table(served: ServedWorkspace, one: Heard) -> str:
    """What a question is answered from."""
    told = served.sql(one.query, one.viewer, figures=True)
    of_facts = any(mark in told["question"] for mark in ('"fact_', '"rows_'))
    if '"rollup_' in told["question"]:
        return TABLES[1] if of_facts else TABLES[0]
    return TABLES[2] if any(FACTS[name.removeprefix("fact_")].period for name in told if name.startswith("fact_")) else TABLES[3]


def figures(place: Place, repeats: int, sizes: Sequence[str], every: int = 1) -> Iterator[Figure]:
    """The figures of the pages' questions at each size, and how they grow from one to the next; those of rollups beside pandas."""
    before: tuple[str, dict[str, Took]] | None = None
    for size in sizes:
        workspace = place.loaded(f"peers-{size}", size)
        start = datetime.now()
        questions = heard(workspace, every)
        yield Figure(f"the pages of every role opened once, {size} demo", (datetime.now() - start).total_seconds(),
                     note=f"{len(questions)} questions")
        took = each(workspace, questions)
        yield from _spread(took, f"a question of a page, {size} demo", 20, 100)
        for table in TABLES:
            yield from _spread([one for one in took if one.table == table], f"of these from {table}, {size} demo")
        now = {one.heard.key: one for one in took if one.heard.key}
        if before:
            yield from _growth(before, (size, now))
        before = size, now
    yield from beside_pandas(workspace, repeats, size)


def _spread(took: Sequence[Took], what: str, most: float | None = None, at_worst: float | None = None) -> Iterator[Figure]:
    if len(took) < 2:
        return
    times = sorted(one.ms for one in took)
    hundredths = statistics.quantiles(times, n=100, method="inclusive")
    used = statistics.quantiles((one.processor for one in took), n=100, method="inclusive")
    over = Counter(str(one.heard.query["kpi"]) for one in sorted(took, key=lambda one: -one.ms)[:40] if one.ms > hundredths[94])
    named = ", ".join(f"{kpi} {count}" for kpi, count in over.most_common(8))
    yield Figure(f"{what}, 95th percentile", hundredths[94], goal=most, unit="ms", note=(
        f"{len(took)}; median {hundredths[49]:.1f} ms, 99th percentile {hundredths[98]:.1f} ms; of processors in the median "
        f"{used[49]:.1f}, at the 95th percentile {used[94]:.1f}; slowest {named}"))
    slowest = max(took, key=lambda one: one.ms)
    yield Figure(f"{what}, the slowest", slowest.ms, goal=at_worst, unit="ms", note=f"{slowest.heard.role}: {dict(slowest.heard.query)}")


def _growth(before: tuple[str, dict[str, Took]], now: tuple[str, dict[str, Took]]) -> Iterator[Figure]:
    """The median ratio of the processor times of the same question at two sizes."""
    (small, few), (large, many) = before, now
    for table in ("", *TABLES):
        both = [(few[key].processor, many[key].processor) for key in few.keys() & many.keys() if not table or many[key].table == table]
        if both:
            ratio = statistics.median(more / less for less, more in both)
            yield Figure(f"growth of a question{' from ' * bool(table)}{table}, {small} to {large} demo, median", ratio, unit="x",
                         goal=None if table else 1.3, note=f"{len(both)} questions; of the sums "
                                                           f"{sum(more for _less, more in both) / sum(less for less, _more in both):.2f}")


def beside_pandas(workspace: Workspace, repeats: int, size: str) -> Iterator[Figure]:
    """The KPIs of the peers by month and person, from what a server keeps, beside pandas over the tables."""
    by_pandas = importlib.import_module("bench.peers.by_pandas")
    ratios: dict[str, list[float]] = {}
    with closing(ServedWorkspace(workspace.folder, most_bytes=0)) as served:
        for kpi in ASKED:
            query = asked_of_peers(kpi)
            ours, theirs = of_ours(served.answer([query])[0]), by_pandas.answers(workspace, kpi)
            if differs := difference(kpi, ours, theirs):
                raise RuntimeError(f"pandas answers something else: {differs}")
            settle()

            def from_kept(query: Mapping[str, Any] = query) -> float:
                _forget_kept_answers(workspace)
                return timed(lambda: served.answer([query]))
            mine, other = in_turn(repeats, from_kept, partial(timed, partial(by_pandas.answers, workspace, kpi)))
            table = _table(served, Heard("", EVERYTHING, query))
            ratios.setdefault(table, []).append(statistics.median(mine) / statistics.median(other))
            yield Figure(f"{kpi} by month and {ASKED[kpi]} from {table}, beside pandas, {size} demo", 1000 * statistics.median(mine),
                         1000 * statistics.median(other), 0.01 if table == TABLES[0] else None, unit="ms")
    for table, found in ratios.items():
        yield Figure(f"median ratio to pandas from {table}, {len(found)} KPIs, {size} demo", statistics.median(found), unit="x")
