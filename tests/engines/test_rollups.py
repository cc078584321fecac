"""Rollups are computed on the engine and kept here: what they answer is what the engine answers, also while it is away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engines.conftest import EVERY_ENGINE, Twin, put_on
from engines.servers import free_port
from engines.test_asking import near
from laws.test_rollup_laws import ADDED
from salesgauge.errors import EngineError
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.store.rolled import AS_FOUND, NONE, Worth
from salesgauge.workspace import Workspace

Query = dict[str, Any]
ALL = Worth(rows=0, smaller=0)
AS_OF = "2025-02-14T18:00:00"
FEW = {"postgresql": 16, "clickhouse": 16, "spark": 4}  # of the KPIs, each with the queries below: Spark takes seconds for each of them


def queries(few: int) -> list[Query]:
    """KPIs whole, by a dimension, as of an instant, in periods that cut months and such that do not."""
    found: list[Query] = []
    for kpi in ADDED[::max(1, len(ADDED) // few)]:
        required = list(kpi.required)
        by = [*required, *[d for d in kpi.dimensions if d not in required][:1]]
        found += [{"kpi": kpi.id, "period": "2025", "by": required}, {"kpi": kpi.id, "period": "2025", "grain": "month", "by": by},
                  {"kpi": kpi.id, "period": "2025-01-15..2025-03-20", "by": by, "as_of": AS_OF}]
    return found


def rollups(workspace: Workspace, query: Query) -> list[str]:
    """The rollups that answer a question."""
    return [name for name in workspace.sql(query, figures=True) if name.startswith("rollup_")]


@pytest.fixture(params=EVERY_ENGINE)
def there(request: pytest.FixtureRequest, pack: Callable[[str], Workspace], twin: Twin) -> Iterator[Workspace]:
    """The pack tiny on an engine, asked there alone."""
    found = twin(pack("tiny"), request.param)
    found.worth = NONE
    yield found
    found.worth = AS_FOUND


def test_answers_from_rollups_are_those_of_the_engine(there: Workspace) -> None:
    asked = queries(FEW[there.settings.engine.name])
    rep = there.find("reps", "", limit=1)[0][0]
    with closing(ServedWorkspace(there.folder, worth=ALL)) as served:
        for viewer in (EVERYTHING, Viewer(rep, reports=True)):
            expected = there.answer(asked, viewer, figures=True)
            assert near(served.answer(asked, viewer, figures=True), expected)
            assert sum("rows" in answer for answer in expected) > len(asked) / 2
        assert sum(bool(rollups(served, query)) for query in asked) > len(asked) / 2, "too few were answered from rollups"
        [told] = [text for name, text in served.sql(asked[0], figures=True).items() if name.startswith("rollup_")]
        assert told.startswith(f"-- on {there.settings.engine.name}\n")


def test_a_command_reads_what_a_server_has_fetched_and_fetches_nothing(there: Workspace) -> None:
    question = {"kpi": "revenue", "period": "2025"}
    with closing(ServedWorkspace(there.folder, worth=ALL)) as served:
        expected = served.answer([question])
    there.worth = Worth(rows=0, make=False)
    assert rollups(there, question)
    assert near(there.answer([question]), expected)
    assert not rollups(there, {"kpi": "revenue", "period": "2025", "by": ["product", "location"]})


def test_what_rollups_answer_needs_no_engine_any_more(there: Workspace, tmp_path: Path) -> None:
    question = {"kpi": "revenue", "period": "2025", "grain": "month"}
    with closing(ServedWorkspace(there.folder, worth=ALL)) as served:
        expected = served.answer([question])
    name, copy = there.settings.engine.name, tmp_path / "workspace"
    shutil.copytree(there.folder, copy, ignore=shutil.ignore_patterns("*.answers"))
    lines = (copy / "salesgauge.toml").read_text(encoding="utf-8").partition("[engine]")[0]
    (copy / "salesgauge.toml").write_text(lines, encoding="utf-8")
    where = {"postgresql": "postgresql://tester@127.0.0.1:{}/postgres", "clickhouse": "http://127.0.0.1:{}",
             "spark": "spark://127.0.0.1:{}?warehouse=/nowhere"}[name].format(free_port())
    away = put_on(copy, name, where, there.settings.engine.schema)
    with closing(ServedWorkspace(away.folder, worth=ALL)) as served:
        assert served.answer([question]) == expected
        with pytest.raises(EngineError):
            served.answer([{"kpi": "contacts_to_first_meeting", "period": "2025"}])
