"""Tags of replies in the store: they stand where the source is silent, through every load, and whatever is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from salesgauge.schema import TABLES
from salesgauge.state import Actor, Rights, Role, State
from salesgauge.store.generation import current, open_tables, table_sql
from salesgauge.workspace import Workspace

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
CONSOLE = Actor(None, "console")
HEAD = "activity_id,occurred_at,kind,direction,lead_id,sentiment\n"
ROWS = {"A1": "A1,2025-01-05,email,inbound,L1,", "A2": "A2,2025-01-06,email,inbound,L1,negative", "A3": "A3,2025-01-07,email,inbound,L2,"}
PLAIN = HEAD + "\n".join(ROWS.values())


class Desk:
    """A workspace with a state and one person, and what its activities say."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.loads = folder, 0
        self.workspace = Workspace.create(folder / "workspace", "UTC", "EUR", {})
        self.load({"activities.csv": PLAIN, "leads.csv": "lead_id,created_at\nL1,2025-01-01\nL2,2025-01-01"})
        self.state = State.open(self.workspace.folder, lambda: NOW)
        with self.state.change() as unit:
            self.person = unit.accounts.create("ann@example.org", "Ann", Rights(Role.EXECUTIVE), CONSOLE).id

    def load(self, files: Mapping[str, str], *, complete: bool = False) -> None:
        self.loads += 1
        place = self.folder / f"files-{self.loads}"
        place.mkdir()
        for name, text in files.items():
            (place / name).write_text(text, encoding="utf-8")
        self.workspace.load(place, now=NOW, complete=complete)

    def tag(self, **said: str | None) -> None:
        with self.state.change() as unit:
            for name, sentiment in said.items():
                unit.tags.give(name, sentiment, self.person, CONSOLE)

    def bring(self) -> bool:
        return self.workspace.settle(now=NOW)

    def said(self) -> dict[str, str | None]:
        with duckdb.connect() as con:
            open_tables(con, current(self.workspace.folder))
            return dict(con.execute("SELECT activity_id, sentiment FROM activities ORDER BY 1").fetchall())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_tag_becomes_part_of_the_record_and_nothing_else_of_it_changes(desk: Desk) -> None:
    def others() -> list[tuple[object, ...]]:
        stored = current(desk.workspace.folder)
        assert stored is not None
        with duckdb.connect() as con:
            rows = table_sql(TABLES["activities"], stored.tables["activities"], lineage=True)
            return con.execute(f"SELECT * EXCLUDE (sentiment) FROM ({rows}) ORDER BY 1").fetchall()
    before = others()
    desk.tag(A1="positive", A9="positive")  # of A9 there is no record (yet)
    assert desk.bring()
    assert desk.said() == {"A1": "positive", "A2": "negative", "A3": None} and others() == before
    assert not desk.bring()  # all of it is in


def test_a_tag_can_be_changed_and_taken_back(desk: Desk) -> None:
    for word in ("positive", "negative", None):
        desk.tag(A1=word)
        assert desk.bring() and desk.said()["A1"] == word


def test_a_load_that_says_nothing_of_a_reply_leaves_its_tag(desk: Desk) -> None:
    desk.tag(A1="positive")
    desk.bring()
    for files in (PLAIN, "activity_id,occurred_at,kind\nA1,2025-01-05,call", HEAD + "A1,2025-01-05,email,inbound,L1,  "):
        desk.load({"activities.csv": files})
        assert desk.said()["A1"] == "positive"
    desk.load({"activities.csv": HEAD + ROWS["A2"]}, complete=True)
    assert "A1" not in desk.said()
    desk.load({"activities.csv": PLAIN})  # it is back, and so is what was said of it
    assert desk.said()["A1"] == "positive"


def test_a_tag_that_waits_is_brought_by_the_next_load(desk: Desk) -> None:
    desk.tag(A1="positive")
    desk.load({"activities.csv": PLAIN})
    assert desk.said()["A1"] == "positive" and not desk.bring()


def test_a_source_that_speaks_itself_counts_for_good(desk: Desk) -> None:
    desk.tag(A1="positive")
    desk.bring()
    desk.tag(A1="negative")
    desk.bring()
    desk.load({"activities.csv": PLAIN.replace(ROWS["A1"], ROWS["A1"] + "Positive")})
    for _again in range(2):
        assert desk.said()["A1"] == "positive" and not desk.bring()  # although "positive" was said here once as well, and changed since
    with desk.state.look() as unit:
        assert unit.tags.of(["A1"])["A1"].source == "positive"
    desk.load({"activities.csv": PLAIN})  # the source is silent again: what was said here counts
    assert desk.said()["A1"] == "negative"


def test_a_value_that_nobody_gave_here_is_left_alone(desk: Desk) -> None:
    desk.tag(A2="positive")
    assert not desk.bring() and desk.said()["A2"] == "negative"


def test_bringing_tags_in_leaves_what_the_last_load_set_aside_and_when_it_was(desk: Desk) -> None:
    desk.load({"activities.csv": PLAIN + "\nB1,never,email,inbound,L1,"})
    before = current(desk.workspace.folder)
    desk.tag(A1="positive")
    assert desk.workspace.settle(now=datetime(2025, 6, 2, tzinfo=UTC))
    after = current(desk.workspace.folder)
    assert before and after and after.name != before.name
    assert (after.loaded_at, after.rejects, after.reject_rows, after.report) == (before.loaded_at, before.rejects, 1, before.report)


def test_a_value_that_cannot_be_read_is_set_aside_and_the_tag_still_counts(desk: Desk) -> None:
    desk.tag(A1="positive")
    desk.load({"activities.csv": PLAIN.replace(ROWS["A1"], ROWS["A1"] + "splendid")})
    assert desk.bring() and desk.said()["A1"] == "positive"


# Brings tags in; before the n-th time that something is made durable the process kills itself.
BRINGING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from salesgauge.workspace import Workspace

steps = []

def killing(call):
    def called(*given, **named):
        steps.append(call)
        if len(steps) == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given, **named)
    return called

workspace = Workspace(Path(sys.argv[1]))
os.fsync, os.replace = killing(os.fsync), killing(os.replace)
workspace.settle(now=datetime(2025, 6, 1, tzinfo=UTC))
print(len(steps))
"""


@pytest.mark.parametrize("last", [1, 3, 6, 0])
def test_a_tag_outlives_whoever_is_killed_while_bringing_it_in(desk: Desk, last: int) -> None:
    desk.tag(A1="positive")
    done = subprocess.run([sys.executable, "-c", BRINGING, str(desk.workspace.folder), str(last)], check=False, capture_output=True,
                          text=True)
    assert done.returncode == (-signal.SIGKILL if last else 0), done.stderr
    assert desk.said() == {"A1": "positive" if not last else None, "A2": "negative", "A3": None}
    desk.tag(A1="negative")  # said before anybody looked what had become of the first word
    assert desk.bring() and desk.said()["A1"] == "negative"
