"""A workspace that stays open: it follows loads, answers many threads consistently, and remembers what it answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from examples.company import Company, rows
from salesgauge.errors import StoreDamaged, WorkspaceError
from salesgauge.semantics.groups import Groups
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.store.moment import Moment
from salesgauge.workspace import Workspace

LEADS = "lead_id created_at owner_id\nL1 2025-01-05 R1\nL2 2025-01-06 R2"
DEALS = "opportunity_id created_at owner_id\nD1 2025-01-05 R1\nD2 2025-01-06 R2"
REPS = "rep_id manager_id\nR1 R2\nR2 -"


@pytest.fixture
def firm(tmp_path: Path, pytestconfig: pytest.Config) -> Company:
    assert pytestconfig.cache is not None
    return Company(tmp_path, pytestconfig.cache.mkdir("salesgauge-companies"),
                   {"leads": rows(LEADS), "opportunities": rows(DEALS), "reps": rows(REPS)})


@pytest.fixture
def served(firm: Company) -> Iterator[ServedWorkspace]:
    with closing(ServedWorkspace(firm.workspace.folder)) as workspace:
        yield workspace


def asked(kpi: str = "new_leads", **more: Any) -> dict[str, Any]:
    return {"kpi": kpi, "period": "2025", **more}


def value(workspace: Workspace, viewer: Viewer = EVERYTHING, **more: Any) -> Any:
    return workspace.answer([asked(**more)], viewer)[0]["rows"][0]["value"]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The spans of every question that is run."""
    run, original = list[list[int]](), Moment.groups

    def groups(self: Moment, shape: Any, spans: Any, where: Any, viewer: Viewer) -> Groups:
        run.append(list(spans))
        return original(self, shape, spans, where, viewer)
    monkeypatch.setattr(Moment, "groups", groups)
    return run


def more(firm: Company, number: int) -> None:
    """Loads a lead and a deal more."""
    firm.load({"leads": rows(f"lead_id created_at\nM{number} 2025-02-01"),
               "opportunities": rows(f"opportunity_id created_at\nM{number} 2025-02-01")})


def test_answers_and_errors_are_those_of_the_workspace(firm: Company, served: ServedWorkspace) -> None:
    batch: list[Any] = [asked(), asked(grain="month", by=["rep"]), asked(as_of="2025-01-05T12:00:00"), asked(where={"rep": ["R1", None]}),
                        asked("no_such_kpi"), asked(by=["segment"]), 7, asked("lead_response_rate", period="2024..2023")]
    for viewer in (EVERYTHING, Viewer("R1"), Viewer("R2", reports=True)):
        for _again in range(2):
            assert served.answer(batch, viewer) == firm.workspace.answer(batch, viewer)
    assert served.records(asked(), "numerator") == firm.workspace.records(asked(), "numerator")


def test_viewers_are_remembered_apart(served: ServedWorkspace) -> None:
    viewers = [EVERYTHING, Viewer("R1"), Viewer("R2"), Viewer("R2", reports=True), Viewer("R3")]
    assert [[value(served, viewer) for viewer in viewers] for _again in range(2)] == [[2, 1, 1, 2, 0]] * 2


def test_a_period_is_computed_once_whichever_question_asks_for_it(served: ServedWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = counted(monkeypatch)
    served.answer([asked(period="2025-01")])
    served.answer([asked(period="2025-Q1", grain="month"), asked(period="2025-02")])
    served.answer([asked(period="2025-Q1", grain="month"), asked(period="2025-01")])
    assert [len(spans) for spans in run] == [1, 2]


def test_instants_between_which_nothing_happened_share_their_answers(served: ServedWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = counted(monkeypatch)
    instants = ("2025-01-05T00:00:00", "2025-01-05T18:00:00", "2025-01-06", "2026-05-05", "2024-05-05")
    assert [value(served, as_of=as_of) for as_of in instants] == [1, 1, 2, 2, 0]
    assert len(run) == 4  # a period that is running is another one than when it is over or not begun
    echoed = served.answer([asked(as_of="2025-01-05T19:00:00")])[0]
    assert (echoed["as_of"], len(run)) == ("2025-01-05T19:00:00", 4)


def test_what_depends_on_the_instant_itself_is_not_shared(served: ServedWorkspace) -> None:
    """The days since a deal entered its stage grow by the hour, those of a period that is over do not."""
    def days(hour: int, period: str) -> Any:
        return value(served, kpi="stalled_time", period=period, as_of=f"2025-01-10T{hour:02}:00:00")
    assert (days(0, "2025"), days(12, "2025")) == (4.5, 5.0)
    assert days(0, "2025-01-01..2025-01-08") == days(12, "2025-01-01..2025-01-08") == 2.5


def test_the_first_question_after_a_load_sees_it(firm: Company, served: ServedWorkspace) -> None:
    before = served.generation_served()
    assert value(served) == 2
    more(firm, 1)
    assert value(served) == 3 == value(firm.workspace)
    assert served.generation_served() != before


def test_one_that_does_not_follow_goes_over_when_it_is_told_to_and_is_then_warm(firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(ServedWorkspace(firm.workspace.folder, follow=False)) as served:
        assert value(served) == 2
        assert not served.refresh([asked()])
        more(firm, 1)
        assert value(served) == 2
        assert served.refresh([asked()])
        run = counted(monkeypatch)
        assert value(served) == 3
        assert run == []


def test_an_export_keeps_its_generation_while_others_are_loaded_and_holds_nobody_up(firm: Company) -> None:
    with closing(ServedWorkspace(firm.workspace.folder, sessions=1)) as served:
        batches = served.records_batches(asked(), "numerator")
        first = next(batches)
        more(firm, 1)
        assert value(served) == 3
        assert [row["id"] for row in [*first, *(row for batch in batches for row in batch)]] == ["L1", "L2"]


def test_a_session_that_met_an_error_is_not_used_again(served: ServedWorkspace) -> None:
    with pytest.raises(ZeroDivisionError), served.session() as session:
        raise ZeroDivisionError
    with served.session() as another:
        assert another is not session
    with served.session() as again:
        assert again is another


def test_a_workspace_without_data_says_so(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    with closing(ServedWorkspace(workspace.folder)) as served, pytest.raises(WorkspaceError, match="has no data yet"):
        value(served)


def test_many_threads_see_whole_generations_while_loads_go_on(firm: Company, served: ServedWorkspace) -> None:
    """Each load adds a lead and a deal; whoever sees one without the other saw half a generation."""
    over = threading.Event()
    batch = [asked(kpi, as_of=as_of) for as_of in (None, "2026-01-01") for kpi in ("new_leads", "new_opportunities")]

    def ask(_thread: int) -> list[int]:
        seen: list[int] = []
        while True:
            last = over.is_set()
            values = {answer["rows"][0]["value"] for answer in served.answer(batch)}
            assert len(values) == 1, values
            seen += values
            assert served.records(batch[0], "numerator")["total"] >= seen[-1]
            if last:
                return seen
    with ThreadPoolExecutor(4) as pool:
        threads = [pool.submit(ask, n) for n in range(4)]
        try:
            for number in range(6):  # more than are kept
                more(firm, number)
        finally:
            over.set()
        for thread in threads:
            seen = thread.result()
            assert seen == sorted(seen) and seen[-1] == 8


def damage_newest(folder: Path) -> None:
    """Flips a bit of the newest part of leads, in its values."""
    part = max((folder / "store" / "parts").glob("leads-*"), key=lambda path: path.stat().st_mtime_ns)
    content = bytearray(part.read_bytes())
    content[40] ^= 1
    part.write_bytes(content)


def test_a_generation_that_is_damaged_while_it_is_served_is_left_for_the_one_before_it(firm: Company, served: ServedWorkspace) -> None:
    before = served.generation_served()
    more(firm, 1)
    assert value(served) == 3 and served.generation_served() != before
    damage_newest(firm.workspace.folder)
    assert served.generation().damage is not None  # as every page asks, and the warming
    assert (value(served), served.generation_served()) == (2, before)
    assert served.answer([asked(by=["rep"])]) == firm.workspace.answer([asked(by=["rep"])])
    more(firm, 2)
    assert value(served) == 3 and served.generation().damage is None


def test_a_question_that_meets_the_damage_is_answered_from_the_generation_before(firm: Company, served: ServedWorkspace) -> None:
    more(firm, 1)
    served.generation_served()  # it is open, and nothing was built from it yet
    part = max((firm.workspace.folder / "store" / "parts").glob("leads-*"), key=lambda path: path.stat().st_mtime_ns)
    part.write_bytes(b"x" * part.stat().st_size)
    assert value(served) == 2


def test_where_nothing_whole_is_left_a_question_says_so(firm: Company, served: ServedWorkspace) -> None:
    newest = served.generation_served()
    for path in (firm.workspace.folder / "store" / "generations").iterdir():
        if path.stem != newest:
            path.unlink()
    part, = (firm.workspace.folder / "store" / "parts").glob("leads-*")
    part.write_bytes(b"x" * part.stat().st_size)
    with pytest.raises(StoreDamaged, match="its check sum is another"):
        value(served)
