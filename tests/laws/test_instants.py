"""Between two events nothing becomes known: facts as of an instant are those as of the latest event by then, and a served workspace,
which remembers what it answered as of other instants, answers as one that computes everything."""

from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.company import Company
from laws.companies import ZONE, company
from laws.test_laws import CATALOGUE, EXAMPLES, FLOWS, LAW, PERIOD, Query, alike, shared
from salesgauge.catalogue.figures import figures
from salesgauge.facts import FACTS
from salesgauge.semantics.question import Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.store.instants import Instant
from salesgauge.store.opened import Opened
from salesgauge.store.rolled import Worth
from salesgauge.store.session import Session
from salesgauge.store.spans import create_calendar_days, create_local_days
from salesgauge.workspace import Workspace

FEW = settings(LAW, max_examples=max(1, EXAMPLES // 6))
NAMES = [name for name, fact in FACTS.items() if not fact.period and not fact.timeless]
FIGURES = figures()
OF_REPS = {kpi.id for kpi in FLOWS if "rep" in kpi.dimensions}
ABSENT: tuple[tuple[str, ...], ...] = ((), (), ("orders", "order_lines"), ("stage_changes",))
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def templates(pytestconfig: pytest.Config) -> Path:
    """Where empty workspaces and compiled SQL are kept, from run to run."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("salesgauge-companies")


def drawn(random: Random) -> datetime:
    """An instant in or around the events of the companies."""
    seconds = random.choice((random.randrange(110 * 86400), 3600 * random.randrange(110 * 24)))
    return datetime(2024, 12, 20, tzinfo=UTC) + timedelta(seconds=seconds)


def facts_at(opened: Opened, instant: datetime, anchored: bool) -> dict[str, Rows]:
    """The rows of every fact, built from nothing as of an instant; `anchored`: as of what stands for it in each fact."""
    found: dict[str, Rows] = {}
    with closing(opened.connection()) as con:
        create_calendar_days(con)
        create_local_days(con, opened.settings)

        def build(name: str) -> None:
            if name in found:
                return
            page = opened.fact(name, True)
            for other in page["used"]:
                build(other)
            as_of: Instant = opened.anchor(name, instant, con) if anchored else opened.instant(instant)
            values = {key: value for key, value in (("as_of_at", as_of.at), ("as_of_on", as_of.on)) if f"${key}" in page["sql"]}
            con.execute(f"CREATE TEMP TABLE fact_{name} AS {page['sql']}", values)
            found[name] = sorted(con.execute(f"FROM fact_{name}").fetchall(), key=repr)
        for name in NAMES:
            build(name)
    return found


@FEW
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_facts_as_of_an_instant_are_those_as_of_the_latest_event_by_then_kept_or_not(templates: Path, seed: int, size: int) -> None:
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        workspace = shared(templates, folder, company(seed, size)).workspace
        with closing(workspace.open(workspace.generation())) as opened, closing(Session(opened)) as session:
            for instant in (drawn(random), drawn(random), drawn(random)):
                exact = facts_at(opened, instant, anchored=False)
                assert facts_at(opened, instant, anchored=True) == exact
                session.at([], instant)
                for name in NAMES:
                    session.build(name, instant)
                    assert sorted(session.con.execute(f"FROM fact_{name}").fetchall(), key=repr) == exact[name], name


@FEW
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_facts_told_from_those_as_of_nothing_are_those_that_are_built_kept_or_not(templates: Path, seed: int, size: int) -> None:
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        absent = random.choice(ABSENT)
        tables = {name: rows for name, rows in company(seed, size).items() if name not in absent}
        firm = Company(Path(folder), templates, tables, without=absent, timezone=ZONE)
        workspace = Workspace(firm.workspace.folder, worth=Worth(rows=0))
        with closing(workspace.open(workspace.generation())) as opened, closing(Session(opened)) as session:
            session.at([], None)
            for name in NAMES:
                session.build(name, None)
            for instant in (drawn(random), drawn(random), drawn(random)):
                exact = facts_at(opened, instant, anchored=False)
                for name, _time in product(NAMES, ("told", "kept")):
                    session.at([], instant)
                    session.build(name, instant)
                    columns = ", ".join(opened.fact(name, True)["columns"])
                    assert sorted(session.con.execute(f"SELECT {columns} FROM fact_{name}").fetchall(), key=repr) == exact[name], name


@FEW
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12))
def test_a_served_workspace_answers_as_one_that_remembers_nothing(templates: Path, seed: int, size: int) -> None:
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        firm = shared(templates, folder, company(seed, size))
        fresh: Workspace = firm.workspace
        first = drawn(random)
        moments = [first, first + timedelta(seconds=1), first + timedelta(hours=5), first + timedelta(days=3)]
        with closing(ServedWorkspace(fresh.folder)) as served:
            for moment in moments:
                as_of = moment.isoformat()
                queries: list[Query] = [{"kpi": kpi, "period": PERIOD, "grain": random.choice(("total", "month")), "as_of": as_of}
                           for kpi in CATALOGUE]
                queries += [{"kpi": figure.id, "period": PERIOD, "by": list(figure.required), "as_of": as_of}
                            for figure in FIGURES.values()]
                of_reps = [query for query in queries if query["kpi"] in OF_REPS]
                viewer = Viewer(random.choice(("R1", "Анна", "ghost")), random.random() < 0.5)
                alike(served.answer(queries, figures=True), fresh.answer(queries, figures=True))
                alike(served.answer(of_reps, viewer), fresh.answer(of_reps, viewer))
