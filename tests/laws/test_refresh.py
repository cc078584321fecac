"""Whatever is loaded after what: a fact that is brought forward from an earlier generation has the rows of one built from nothing."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.company import Company
from laws import test_instants
from laws.companies import Row, Tables, company
from laws.test_laws import EXAMPLES, LAW, shared
from salesgauge.facts import FACTS
from salesgauge.schema import TABLES
from salesgauge.store import brought, drawn, merging, parts, quarters
from salesgauge.store.opened import Opened
from salesgauge.store.session import Session
from salesgauge.store.spans import create_calendar_days, create_local_days

NAMES = [name for name, fact in FACTS.items() if not fact.period]
FEW = settings(LAW, max_examples=max(2, EXAMPLES // 4))
LOADS = 2 if EXAMPLES <= 8 else 4
Rows = list[tuple[Any, ...]]
COMMON = ("reps", "accounts", "products", "locations", "stages", "exchange_rates", "rep_assignments")  # changed more rarely


@pytest.fixture(scope="module")
def templates(pytestconfig: pytest.Config) -> Path:
    """Where empty workspaces and compiled SQL are kept, from run to run."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("salesgauge-companies")


def from_nothing(opened: Opened, instant: datetime | None) -> dict[str, Rows]:
    """The rows of every fact, built from nothing, as of an instant or undated."""
    found: dict[str, Rows] = {}
    with closing(opened.connection()) as con:
        create_calendar_days(con)
        create_local_days(con, opened.settings)

        def build(name: str) -> None:
            if name in found:
                return
            page = opened.fact(name, instant is not None)
            for other in page["used"]:
                build(other)
            at = opened.instant(instant) if instant else None
            values = {key: value for key, value in (("as_of_at", at and at.at), ("as_of_on", at and at.on)) if f"${key}" in page["sql"]}
            con.execute(f"CREATE TEMP TABLE fact_{name} AS {page['sql']}", values)
            found[name] = sorted(con.execute(f"FROM fact_{name}").fetchall(), key=repr)
        for name in NAMES:
            build(name)
    return found


def key(table: str, row: Row) -> tuple[str, ...]:
    return tuple(row.get(column, "") for column in TABLES[table].key)


class Changing:
    """A company while it is loaded again and again."""

    def __init__(self, firm: Company, tables: Tables, seed: int) -> None:
        self.firm, self.tables, self.random, self._seed = firm, {name: list(rows) for name, rows in tables.items()}, Random(seed), seed

    def load(self) -> None:
        """Loads new rows, other rows under known keys, or all rows but some, of some tables."""
        self._seed += 1
        other, brought, complete = company(self._seed, 12), dict[str, list[Row]](), self.random.random() < 0.4
        among = [name for name in self.tables if name not in COMMON or self.random.random() < 0.25]
        for name in self.random.sample(among, min(len(among), self.random.randint(1, 4))):
            rows = self.random.sample(other[name], min(len(other[name]), self.random.randint(1, 4)))
            known = {key(name, row): row for row in self.tables[name]}
            if self.random.random() < 0.5:  # a cell or two of what is known
                rows = [row | {column: other_row[column] for column in self.random.sample(sorted(other_row), 2)
                               if column in row and column not in TABLES[name].key}
                        for row, other_row in zip(self.random.sample(list(known.values()), min(len(known), len(rows))), rows, strict=False)]
            if TABLES[name].ordered:  # a file brings a key's rows together
                rows = [*rows, *(row for row in self.tables[name] if key(name, row) in {key(name, r) for r in rows})]
            if complete:
                kept = [row for row in known.values() if self.random.random() < 0.8]
                rows = list(({key(name, row): row for row in kept} | {key(name, row): row for row in rows}).values())
                self.tables[name] = rows
            else:
                self.tables[name] = list((known | {key(name, row): row for row in rows}).values())
            brought[name] = rows
        self.firm.load(brought, complete=complete)


def holds(firm: Company, instants: Sequence[datetime | None], forwarded: Counter[str], whole: Counter[str]) -> None:
    """Asserts that every fact that is kept is what is built from nothing."""
    workspace = firm.workspace
    with closing(workspace.open(workspace.generation())) as opened, closing(Session(opened)) as session:
        for instant in instants:
            exact = from_nothing(opened, instant)
            session.at([], instant)
            for name in NAMES:
                session.build(name, instant)
                found = sorted(session.con.execute(f"FROM fact_{name}").fetchall(), key=repr)
                assert found == exact[name], (name, instant, opened.generation.name)
        forwarded.update(session.forwarded)
        whole.update(session.builds)


@FEW
@given(seed=st.integers(0, 2**32), size=st.integers(4, 12))
def test_a_fact_that_is_brought_forward_is_the_fact_that_is_built_from_nothing(templates: Path, seed: int, size: int) -> None:
    random, forwarded, whole = Random(seed), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if random.random() < 0.7:  # every fact in layers, as large ones are
            patch.setattr(brought, "SMALL", 0)
            patch.setattr(brought, "THIN", 2.0)
        if random.random() < 0.7:  # none compared with what it was, from rows that are drawn
            patch.setattr(brought, "LONG", -1)
            patch.setattr(brought, "MANY", 2.0)
            patch.setattr(drawn, "LONG", 0)
            patch.setattr(drawn, "MOST", 5.0)
            patch.setattr(drawn, "FAR", random.choice((0, 5_000_000)))
        if random.random() < 0.7:  # what lies in time in files by quarter
            patch.setattr(quarters, "LARGE", 0)
        if random.random() < 0.7:  # of tables it is noted which rows went, as of large ones
            for module, name, value in ((parts, "SMALL", 0), (parts, "THIN", 2.0), (merging, "MANY", 0), (merging, "FEW", 1e9)):
                patch.setattr(module, name, value)
        tables = company(seed, size)
        changing = Changing(shared(templates, folder, tables), tables, seed)
        instants = [None, test_instants.drawn(random)]
        holds(changing.firm, instants, Counter(), Counter())
        for _load in range(LOADS):
            changing.load()
            if random.random() < 0.2:  # two loads, and nobody asked between them
                changing.load()
            holds(changing.firm, instants, forwarded, whole)
    assert forwarded.total() > 0  # else nothing was shown
