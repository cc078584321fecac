"""A question is answered alike from what is kept (rollups, facts of periods) and from the facts as they are made: over the whole catalogue
and the figures, on made-up companies."""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.companies import REPS, company
from laws.test_laws import AS_OF, EXAMPLES, LAW, THOROUGH, Answer, Query, shared
from laws.test_laws import templates as templates
from salesgauge.catalogue import built_in
from salesgauge.catalogue.figures import figures
from salesgauge.facts import FACTS
from salesgauge.semantics.distribution import ERROR
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.parts import parts_of
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.semantics.rollup import BUCKETS, VALUES, Rollup
from salesgauge.serving import ServedWorkspace
from salesgauge.store.rolled import NONE, Worth

DAYS = "2025-01-15..2025-03-20"
WHOLE = "2024-12-01..2025-04-01"


@dataclass(frozen=True)
class Moody(Worth):
    """Keeps some rollups and refuses others, whatever their size, so that questions are answered from every mixture of tables."""

    rows: int = 0
    seed: int = 0

    def keeps(self, rollup: Rollup, rows: int, of: int) -> bool:
        return zlib.crc32(f"{self.seed} {rollup}".encode()) % 4 > 0


def adds_up(kpi: Kpi) -> bool:
    """Whether some of a KPI's numbers are sums over days, said anew: of rows that each have a day, as they are."""
    def of_days(measures: Sequence[Any]) -> bool:
        return all(m.on and not m.transform and not FACTS[m.fact].period for m in measures)
    return any(of_days(part.measures) for several in parts_of(kpi.formula) for part in several)


EVERY = figures().beside(built_in())
ADDED = [kpi for kpi in EVERY.values() if adds_up(kpi)]
MEDIANS = [kpi for kpi in ADDED if kpi.median and all(m.on for m in kpi.formula.measures())]  # a period's rows have no distributions
OF_PERIODS = [kpi for kpi in EVERY.values() if any(FACTS[m.fact].period for m in kpi.formula.measures())]
SOME, FEW = 12, 8  # KPIs that one company is asked for; of periods
FILTERS: list[list[str | None]] = [["R1", "North", "web", None], ["EU", "P1", "new", "small", "South"], [None]]
FEWER, FEWEST = (settings(LAW, max_examples=max(1, EXAMPLES // share)) for share in (2, 3))


def _queries(seed: int) -> list[tuple[Viewer, list[Query]]]:
    """Each KPI whole, by a dimension, by two, filtered, in periods that cut months and such that do not, as of nothing and an instant."""
    random = Random(seed)
    everyone: list[Query] = []
    some: list[Query] = []
    for kpi in ADDED if THOROUGH else random.sample(ADDED, SOME):
        required = list(kpi.required)
        dimensions = [d for d in kpi.dimensions if d not in required]
        # few shapes where the law is quick, so that what is compiled for one company serves the next
        one = random.choice(dimensions) if THOROUGH else dimensions[seed % min(2, len(dimensions))] if dimensions else None
        other = random.choice(dimensions) if THOROUGH else dimensions[-1] if dimensions else None
        by = [*required, *([one] if one else [])]
        asked = {"kpi": kpi.id}
        everyone += [asked | {"period": DAYS, "by": required}, asked | {"period": WHOLE, "grain": "month", "by": by, "as_of": AS_OF},
                     asked | {"period": WHOLE, "grain": "week", "by": by}]
        where = {other: random.choice(FILTERS)} if other else {}
        some.append(asked | {"period": random.choice((DAYS, WHOLE)), "by": by, "where": where})
    return [(EVERYTHING, everyone), (Viewer(random.choice(REPS), reports=True), some), (EVERYTHING, some)]


def _by(kpi: Kpi, whole: bool) -> list[str]:
    """What a KPI must be asked by, and when `whole` the first dimension besides."""
    return [*kpi.required, *[d for d in kpi.dimensions if d not in kpi.required][:whole]]


class Coarse(Worth):
    """Keeps buckets, and no values that are counted by themselves."""

    def keeps(self, rollup: Rollup, rows: int, of: int) -> bool:
        return not rollup.held.startswith(VALUES)


def _of_medians(seed: int) -> list[tuple[Viewer, list[Query]]]:
    """Each KPI that has a median, in months by a dimension, over days that cut them as of an instant, filtered as a rep's manager sees it.
    Few shapes, so that what is compiled for one company serves the next."""
    random = Random(seed)
    everyone: list[Query] = []
    some: list[Query] = []
    for kpi in MEDIANS:
        other = random.choice([d for d in kpi.dimensions if d != "rep"]) if THOROUGH else kpi.dimensions[-1]
        one = random.choice(kpi.dimensions) if THOROUGH else kpi.dimensions[0]
        everyone += [{"kpi": kpi.id, "period": WHOLE, "grain": random.choice(["month", "total"]), "by": [one]},
                     {"kpi": kpi.id, "period": DAYS, "by": [one], "as_of": AS_OF}]
        # by whose the rows are, as the viewer is told: values are not kept by more than two columns
        some.append({"kpi": kpi.id, "period": random.choice([DAYS, WHOLE]), "by": ["rep"], "where": {other: random.choice(FILTERS)}})
    return [(EVERYTHING, everyone), (Viewer(random.choice(REPS), reports=True), some)]


def same(one: Sequence[Answer], other: Sequence[Answer]) -> None:
    """Asserts that two batches of answers are the same: whole numbers equal, sums and intervals up to the last digits."""
    for a, b in zip(one, other, strict=True):
        assert a.keys() == b.keys(), (a, b)
        for row, beside in zip(a.get("rows", ()), b.get("rows", ()), strict=True):
            assert row.keys() == beside.keys()
            assert row == {name: _near(value) for name, value in beside.items()}, (a["kpi"], row, beside)


def _near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-11, abs=1e-9) if isinstance(value, float) else value


@FEWER
@given(seed=st.integers(0, 2**32), size=st.integers(1, 14))
def test_answers_from_rollups_are_those_from_the_facts(templates: Path, seed: int, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        firm = shared(templates, folder, company(seed, size))
        firm.workspace.worth = NONE
        worth = Moody(seed=seed, at_once=seed % 3 > 0) if seed % 2 else Worth(rows=0, smaller=0, at_once=True)
        with closing(ServedWorkspace(firm.workspace.folder, worth=worth)) as served:
            for viewer, queries in _queries(seed):
                from_facts = firm.workspace.answer(queries, viewer, figures=True)
                same(served.answer(queries, viewer, figures=True), from_facts)
                assert all("error" not in answer for answer in from_facts)
            read = [any(name.startswith("rollup_") for name in served.sql(query, figures=True)) for query in queries]
            assert sum(read) > len(read) / (2 if seed % 2 else 1) - 1, "too few were answered from rollups"


@FEWEST
@given(seed=st.integers(0, 2**32), size=st.integers(8, 30))
def test_medians_are_exact_from_counted_values_and_as_near_as_is_said_from_buckets(templates: Path, seed: int, size: int) -> None:
    asked = _of_medians(seed)
    with tempfile.TemporaryDirectory() as folder:
        firm = shared(templates, folder, company(seed, size))
        firm.workspace.worth = NONE
        exact = [firm.workspace.answer(queries, viewer, figures=True) for viewer, queries in asked]
        with closing(ServedWorkspace(firm.workspace.folder, worth=Worth(rows=0, smaller=0, at_once=True))) as served:
            for (viewer, queries), answers in zip(asked, exact, strict=True):
                same(served.answer(queries, viewer, figures=True), answers)
                assert all(any(f"_{VALUES}_" in name for name in served.sql(query, viewer, figures=True)) for query in queries)
        shutil.rmtree(next((firm.workspace.folder / "store" / "cache").glob("*.rollups")))
        with closing(ServedWorkspace(firm.workspace.folder, worth=Coarse(rows=0, at_once=True))) as served:
            for (viewer, plain), answers in zip(asked, exact, strict=True):
                queries = [query | {"approximate": True} for query in plain]
                near(served.answer(queries, viewer, figures=True), answers)
                assert all(any(f"_{BUCKETS}_" in name for name in served.sql(query, viewer, figures=True)) for query in queries)


def near(approximate: Sequence[Answer], exact: Sequence[Answer]) -> None:
    """Asserts that quantiles are as near to the exact ones as is said, the error no larger than it may be, and all else the same."""
    taken = []
    for answer, beside in zip(approximate, exact, strict=True):
        rows = []
        for row, true in zip(answer["rows"], beside["rows"], strict=True):
            for name in ("median", "p90"):
                error = row.pop(f"{name}_error")
                assert (row[name] is None) == (error is None) == (true[name] is None)
                if true[name] is not None:
                    assert abs(row[name] - true[name]) <= error + 1e-12 * abs(true[name]), (answer["kpi"], row, true)
                    assert error <= ERROR * abs(true[name]) * (1 + 1e-9)
            rows.append(row | {name: true[name] for name in ("median", "p90")})
        taken.append(answer | {"rows": rows})
    same(taken, exact)


@FEWEST
@given(seed=st.integers(0, 2**32), size=st.integers(1, 14))
def test_answers_from_kept_facts_of_periods_are_those_from_facts_made_anew(templates: Path, seed: int, size: int) -> None:
    random = Random(seed)
    kpis = OF_PERIODS if THOROUGH else random.sample(OF_PERIODS, FEW)
    instants = [None, AS_OF, "2025-02-14T18:00:00", "2025-03-31", "2025-04-10T12:00:00"]
    rounds = [[{"kpi": kpi.id, "period": period, "grain": "month", "by": _by(kpi, whole=period == WHOLE), "as_of": as_of} for kpi in kpis]
              for period in ("2025-01-01..2025-03-01", WHOLE) for as_of in random.sample(instants, 2)]
    every = Worth(rows=0, smaller=0, at_once=True)  # rollups of each; `thirds`: of what has three times fewer rows
    with tempfile.TemporaryDirectory() as folder:
        firm = shared(templates, folder, company(seed, size))
        firm.workspace.worth = NONE
        made: list[dict[str, int]] = []
        thirds = Worth(rows=0, at_once=True)
        for viewer, worth in ((EVERYTHING, every), (EVERYTHING, thirds), (Viewer(random.choice(REPS), reports=True), every)):
            # another server each time: what is kept is all that they share
            with closing(ServedWorkspace(firm.workspace.folder, worth=worth)) as served:
                for queries in rounds:
                    same(served.answer(queries, viewer, figures=True), firm.workspace.answer(queries, viewer, figures=True))
                read = [name for query in rounds[-1] for name in served.sql(query, viewer, figures=True)]
                assert sum("_by_period_" in name for name in read) > FEW / 2, "too few were answered from rollups"
                with served.session() as session:
                    made.append(session.builds)
        first, again, other = ({name for name in builds if FACTS[name].period} for builds in made)
        assert first, "nothing was made"
        assert not again, f"the answers were kept, and computed again from {again}"
        assert not other, f"the facts were kept, and made again: {other}"
