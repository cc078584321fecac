"""Facts as of an instant that are told from the kept facts as of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from examples.company import Company, rows
from salesgauge.store.rolled import Worth
from salesgauge.store.session import Session
from salesgauge.workspace import Workspace

DEALS = """
opportunity_id  created_at  account_id  owner_id  amount  closed_at            outcome  lead_id
D1              2025-01-02  A1          R1        100     2025-02-01T10:00:00  won      -
D2              2025-03-01  A1          R2        200     -                    -        -
"""
LEADS = """
lead_id  created_at  owner_id  opportunity_id
L1       2025-01-03  R1        -
L2       2025-01-04  R2        D2
"""
TOUCHES = """
activity_id  occurred_at          kind  rep_id  lead_id  opportunity_id
T1           2025-01-05T09:00:00  call  R1      L1       -
T2           2025-02-20T09:00:00  call  R1      L1       -
T3           2025-01-09T09:00:00  call  R2      -        D2
"""
THEN = datetime(2025, 2, 10, 12, tzinfo=UTC)
LARGE = Worth(rows=1)


@pytest.fixture
def firm(tmp_path: Path, pytestconfig: pytest.Config) -> Company:
    assert pytestconfig.cache is not None
    tables = {"opportunities": rows(DEALS), "leads": rows(LEADS), "activities": rows(TOUCHES)}
    return Company(tmp_path, pytestconfig.cache.mkdir("salesgauge-companies"), tables)


@contextmanager
def session_of(workspace: Workspace, as_of: datetime | None = THEN) -> Iterator[Session]:
    with closing(workspace.open(workspace.generation())) as opened, closing(Session(opened)) as session:
        session.at([], as_of)
        yield session


def ready(firm: Company) -> None:
    firm.workspace.make_ready(THEN, whole=True)


def of(session: Session, fact: str, columns: str) -> list[tuple[Any, ...]]:
    session.build(fact, THEN)
    return session.con.execute(f"SELECT {columns} FROM fact_{fact} ORDER BY ALL").fetchall()


def again(session: Session) -> list[str]:
    """The facts of which keys were built anew."""
    return sorted(path.parent.name.partition("@")[0] for path in session.opened.again.folder.glob("*/0.parquet"))


def test_what_was_not_known_then_is_left_out_and_nothing_is_built(firm: Company) -> None:
    ready(firm)
    with session_of(firm.workspace) as session:
        assert of(session, "deals", "opportunity_id, outcome, amount") == [("D1", "won", 100)]
        assert of(session, "lead_deals", "lead_id, deal_id") == [("L1", None), ("L2", None)]
        assert session.builds == {}


def test_without_the_fact_as_of_nothing_it_is_built(firm: Company) -> None:
    with session_of(firm.workspace) as session:
        assert of(session, "deals", "opportunity_id") == [("D1",)]
        assert session.builds["deals"] == 1 and not session.opened.kept.has("deals", None)


def test_in_a_large_workspace_the_fact_as_of_nothing_is_made_first_and_serves_every_instant(firm: Company) -> None:
    workspace = Workspace(firm.workspace.folder, worth=LARGE)
    with session_of(workspace) as session:
        assert of(session, "deals", "opportunity_id") == [("D1",)]
        assert session.builds["deals"] == 1 and session.opened.kept.has("deals", None)
        session.at([], datetime(2025, 1, 1, tzinfo=UTC))
        session.build("deals", datetime(2025, 1, 1, tzinfo=UTC))
        assert session.con.execute("SELECT count(*) FROM fact_deals").fetchone() == (0,) and session.builds["deals"] == 1


def test_keys_that_are_not_told_are_built_once_for_all_sessions(firm: Company) -> None:
    ready(firm)
    for _ in range(2):
        with session_of(firm.workspace) as session:  # L1 was touched again later, and so has fewer touches then
            assert of(session, "prospects", "lead_id, touch_count") == [("L1", 1)]
            assert again(session) == ["prospects"] and "prospects" not in session.builds
            (kept,) = session.opened.again.folder.glob("prospects@*/0.parquet")
            made = kept.stat().st_mtime_ns
    assert kept.stat().st_mtime_ns == made


def test_what_is_told_a_second_time_is_kept_as_if_it_had_been_built(firm: Company) -> None:
    workspace = Workspace(firm.workspace.folder, worth=LARGE)
    with session_of(workspace) as session:
        first = of(session, "deals", "*")
        stamp = str(session.stamp("deals", THEN))
        assert session.is_told("deals") and not session.opened.kept.has("deals", stamp)
        session.at([], THEN)
        assert of(session, "deals", "*") == first
        assert not session.is_told("deals") and session.opened.kept.has("deals", stamp) and session.builds["deals"] == 1
    with session_of(workspace) as session:
        assert of(session, "deals", "*") == first and not session.is_told("deals")


def test_a_filter_alone_is_not_worth_keeping_and_a_command_keeps_nothing(firm: Company) -> None:
    ready(firm)
    for workspace, name in ((Workspace(firm.workspace.folder, worth=LARGE), "deal_touches"), (firm.workspace, "deals")):
        for _ in range(2):
            with session_of(workspace) as session:
                session.build(name, THEN)
                assert session.is_told(name)


def test_an_activity_through_a_deal_that_was_not_known_is_no_leads(firm: Company) -> None:
    ready(firm)
    with session_of(firm.workspace) as session:
        assert of(session, "lead_activities", "lead_id, activity_id") == [("L1", "T1")]
        assert of(session, "leads", "lead_id, is_answered") == [("L1", True), ("L2", False)]


def test_while_the_clock_has_gone_back_over_midnight_facts_are_built(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    assert pytestconfig.cache is not None
    kept = pytestconfig.cache.mkdir("salesgauge-companies")
    firm = Company(tmp_path, kept, {"leads": rows(LEADS)}, timezone="America/St_Johns")
    ready(firm)
    for hour, built in ((2, False), (3, True)):  # at 00:01 on 7 November the clock goes back to 23:01: 02:31 UTC
        instant = datetime(2010, 11, 7, hour, tzinfo=UTC)
        with session_of(firm.workspace, instant) as session:
            session.build("leads", instant)
            assert ("leads" in session.builds) == built
