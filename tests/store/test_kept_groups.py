"""Kept answers: read as they were written, by another process too, and never wrong where the file is."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from salesgauge.periods import Span
from salesgauge.semantics.groups import Groups
from salesgauge.semantics.question import QuestionShape
from salesgauge.store.cells import Cell
from salesgauge.store.instants import Instant
from salesgauge.store.kept_groups import KeptGroups

SHAPE = QuestionShape("win_rate", ("rep",), (), "everything")
CELL = Cell("g-000001", SHAPE, (), None, Span(date(2025, 1, 1), date(2025, 2, 1)), (Instant(datetime(2025, 2, 1), date(2025, 2, 1)),), None)
ROW: list[object] = [0, "Анна", 3, 3, 0.1 + 0.2, 7, None, Decimal("12.50"), float("inf"), 2**70]
NAMES = ("span", "key_rep", "num", "num_n", "den", "den_n", "dev", "also_x", "median", "aside_no_amount")
GROUPS, MANY = Groups(NAMES, [ROW]), Groups(NAMES, [ROW] * 50)


def test_what_is_kept_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = KeptGroups(tmp_path / "answers")
    assert kept.read([CELL]) == {}
    kept.write({CELL: GROUPS})
    found = KeptGroups(tmp_path / "answers").read([CELL])
    assert found == {CELL: GROUPS}
    assert [type(value) for value in found[CELL].rows[0]] == [type(value) for value in ROW]


def test_what_text_cannot_hold_is_not_kept(tmp_path: Path) -> None:
    kept, other = KeptGroups(tmp_path), CELL._replace(viewer="R1")
    kept.write({CELL: Groups(("span", "num"), [[0, date(2025, 1, 1)]]), other: GROUPS})
    assert kept.read([CELL, other]) == {other: GROUPS}


def test_whatever_else_is_asked_is_not_found(tmp_path: Path) -> None:
    kept = KeptGroups(tmp_path)
    kept.write({CELL: GROUPS})
    others = [CELL._replace(viewer="R1"), CELL._replace(where=(("rep", ("R1",)),)), CELL._replace(known=()),
              CELL._replace(horizon="running"), CELL._replace(shape=replace(SHAPE, by=())), CELL._replace(generation="g-000002"),
              CELL._replace(span=Span(date(2025, 1, 1), date(2025, 2, 2)))]
    assert kept.read(others) == {}


def test_a_text_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    kept = KeptGroups(tmp_path)
    kept.write({CELL: GROUPS})
    with sqlite3.connect(kept.path) as con:
        con.execute("UPDATE groups SET text = replace(text, '3', '4')")
    con.close()
    assert kept.read([CELL]) == {}
    kept.write({CELL: GROUPS})
    assert kept.read([CELL]) == {CELL: GROUPS}


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    kept = KeptGroups(tmp_path)
    kept.path.write_bytes(b"no database at all" * 100)
    assert kept.read([CELL]) == {}
    kept.write({CELL: GROUPS})
    assert kept.read([CELL]) == {CELL: GROUPS}


def test_a_file_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    kept = KeptGroups(tmp_path)
    kept.write({CELL._replace(viewer=str(n)): MANY for n in range(50)})
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:len(whole) // 2])
    found = kept.read([CELL._replace(viewer=str(n)) for n in range(50)])
    assert all(groups == MANY for groups in found.values())
    kept.write({CELL: GROUPS})  # finds the damage, if the reading did not
    kept.write({CELL: GROUPS})
    assert kept.read([CELL]) == {CELL: GROUPS}


def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("a file where the folder would be")
    kept = KeptGroups(tmp_path / "answers")
    kept.write({CELL: GROUPS})
    assert kept.read([CELL]) == {}


def test_what_is_kept_is_bounded_and_what_came_first_goes_first(tmp_path: Path) -> None:
    kept = KeptGroups(tmp_path, most_bytes=100_000)
    cells = [CELL._replace(viewer=str(number)) for number in range(40)]
    for cell in cells:
        kept.write({cell: MANY})
    found = kept.read(cells)
    assert cells[-1] in found and cells[0] not in found
    assert all(groups == MANY for groups in found.values())
