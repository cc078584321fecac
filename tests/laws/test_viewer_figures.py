"""Every figure that a viewer gets is the figure from the facts of the whole workspace, restricted to the viewer's rows of them.

The facts are built for everybody, their rows are thrown out here by an oversight that is told anew from the company's tables, and the
question is then asked as somebody who sees everything.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.company import Company
from laws.needles import BOSS, LEADS, SELLERS, ZONE, Haystack
from laws.oversight import Tables, sees
from laws.test_laws import EXAMPLES, LAW, THOROUGH, near
from salesgauge.facts import FACTS
from salesgauge.periods import Span, read_period
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import Measure
from salesgauge.semantics.question import EVERYTHING, QuestionShape, Viewer
from salesgauge.semantics.transforms import BesidePrices
from salesgauge.store.session import Session

PERIODS = ("2025-10-01..2026-03-01", "2026-Q1", "2026-01-10..2026-04-20")
FEWER = settings(LAW, max_examples=EXAMPLES if THOROUGH else max(1, EXAMPLES // 8))
Columns = tuple[str | None, str]  # of a fact: whose a row is, and the day that decides


def read_by(measure: Measure) -> list[Measure]:
    """A measure, and those that its last step reads besides."""
    return [measure, *([measure.transform.sightings] if isinstance(measure.transform, BesidePrices) else [])]


def deciding(measure: Measure, columns: set[str]) -> Columns:
    """By which columns of its fact rule 5 decides who sees the rows of a measure."""
    owner = next((c for c in (measure.dimensions.get("rep"), f"{measure.on}_rep", "rep", "owner") if c in columns), None)
    return owner, "place_on" if FACTS[measure.fact].period else f"{measure.on}_on"


class Restricted:
    """Facts of the whole workspace, and of each what a viewer sees of it; a question then reads one or the other."""

    def __init__(self, session: Session, span: Span, kpis: Iterable[Kpi], tables: Tables) -> None:
        self._con, self._tables = session.con, tables
        self._moment = session.at([span], None)
        for kpi in kpis:  # builds every fact that a question reads
            self._groups(kpi)
        built = "SELECT table_name, table_type FROM information_schema.tables WHERE table_name LIKE 'fact\\_%' ESCAPE '\\'"
        for name, kind in self._con.execute(built).fetchall():
            self._con.execute(f"CREATE TEMP TABLE whole_{name} AS SELECT * FROM {name}")
            self._con.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")
        self._made: set[str] = set()

    def _groups(self, kpi: Kpi) -> list[dict[str, Any]]:
        return self._moment.groups(QuestionShape(kpi.id, kpi.required, (), "everything"), [0], {}, EVERYTHING).dicts()

    def groups(self, kpi: Kpi, measure: Measure, viewer: Viewer) -> Mapping[Any, dict[str, Any]]:
        """The groups of a KPI from what a viewer sees of the facts of one of its measures (of its others everything)."""
        read = {each.fact: f"whole_fact_{each.fact}" for m in (*kpi.formula.measures(), *kpi.formula.watched) for each in read_by(m)}
        read |= {each.fact: self._seen(each, viewer) for each in read_by(measure)}
        for fact, table in read.items():
            self._con.execute(f"CREATE OR REPLACE TEMP VIEW fact_{fact} AS SELECT * FROM {table}")
        return {tuple(row[f"key_{d}"] for d in kpi.required): row for row in self._groups(kpi)}

    def _seen(self, measure: Measure, viewer: Viewer) -> str:
        """The table of the rows of a measure's fact that are the viewer's; none of a fact without an owner, all of a shared one."""
        con, whole = self._con, f"whole_fact_{measure.fact}"
        if FACTS[measure.fact].shared:
            return whole
        owner, day = deciding(measure, {name for name, *_ in con.execute(f"SELECT * FROM {whole} LIMIT 0").description})
        name = f"seen_{measure.fact}_{owner}_{day}_{viewer.rep_id}_{viewer.reports}"
        if name not in self._made and owner is None:
            con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {whole} LIMIT 0")
        elif name not in self._made:
            pairs = con.execute(f"SELECT DISTINCT {owner}, {day} FROM {whole} WHERE {owner} IS NOT NULL AND {day} IS NOT NULL").fetchall()
            kept = [pair for pair in pairs if self._is_theirs(viewer, *pair)]
            con.register("kept", pa.table({"rep": pa.array([rep for rep, _ in kept], pa.string()),
                                           "day": pa.array([on for _, on in kept], pa.date32())}))
            con.execute(f"CREATE TEMP TABLE {name} AS SELECT f.* FROM {whole} f SEMI JOIN kept k ON f.{owner} = k.rep AND f.{day} = k.day")
            con.unregister("kept")
        self._made.add(name)
        return name

    def _is_theirs(self, viewer: Viewer, rep: str, day: date) -> bool:
        assert viewer.rep_id is not None
        return sees(self._tables, viewer.rep_id, rep, day) if viewer.reports else rep == viewer.rep_id


def viewers(seed: int) -> Iterator[Viewer]:
    random = Random(seed)
    yield Viewer(random.choice((BOSS, *LEADS)), reports=True)
    yield Viewer(random.choice(SELLERS))


@pytest.fixture(scope="session")
def templates(pytestconfig: pytest.Config) -> Path:
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("salesgauge-companies")


@FEWER
@given(seed=st.integers(0, 2**32))
def test_what_a_viewer_gets_is_what_is_left_of_the_facts_without_the_rows_of_others(templates: Path, seed: int) -> None:
    hay, period = Haystack(seed), PERIODS[seed % len(PERIODS)]
    with tempfile.TemporaryDirectory() as folder:
        firm = Company(Path(folder), templates, hay.tables, timezone=ZONE)
        workspace, span = firm.workspace, read_period(period)
        kpis = list(workspace.everything.values())
        with workspace.session() as session:
            restricted = Restricted(session, span, kpis, hay.tables)
            compared = []
            for viewer in viewers(seed):
                compared.append(0)
                answers = workspace.answer([{"kpi": k.id, "period": period, "by": list(k.required)} for k in kpis], viewer, figures=True)
                for kpi, answer in zip(kpis, answers, strict=True):
                    got = {tuple(row["by"].values()): row for row in answer["rows"]}
                    for side, column in (("numerator", "num"), ("denominator", "den")):
                        measure = getattr(kpi.formula, side)
                        expected = restricted.groups(kpi, measure, viewer) if measure else {}
                        for key in got.keys() | expected.keys() if measure else ():
                            mine, theirs = got.get(key, {}).get(side) or 0, (expected.get(key) or {}).get(column) or 0
                            assert mine == near(theirs), (kpi.id, side, key, viewer)
                            compared[-1] += bool(mine)
                assert compared[-1] > 15 or THOROUGH, (viewer, compared)  # of many companies there are leads who see little
        assert sum(compared) > 15, compared
