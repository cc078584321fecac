"""Kept answers: read as they were written, by another process too, and never wrong where the file is."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from salesgauge.periods import Span
from salesgauge.semantics.question import QuestionShape
from salesgauge.store.cells import Cell, Groups
from salesgauge.store.instants import Instant
from salesgauge.store.kept_groups import KeptGroups

SHAPE = QuestionShape("win_rate", ("rep",), (), "everything")
CELL = Cell("g-000001", SHAPE, (), None, Span(date(2025, 1, 1), date(2025, 2, 1)), (Instant(datetime(2025, 2, 1), date(2025, 2, 1)),), None)
GROUPS: Groups = [{"span": 0, "key_rep": "Анна", "num": 3, "num_n": 3, "den": 0.1 + 0.2, "den_n": 7, "dev": None}]


def test_what_is_kept_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = KeptGroups(tmp_path / "answers")
    assert kept.read([CELL]) == {}
    kept.write({CELL: GROUPS})
    found = KeptGroups(tmp_path / "answers").read([CELL])
    assert found == {CELL: GROUPS}
    assert [type(value) for value in found[CELL][0].values()] == [type(value) for value in GROUPS[0].values()]


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
    kept.write({CELL._replace(viewer=str(n)): GROUPS * 50 for n in range(50)})
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:len(whole) // 2])
    found = kept.read([CELL._replace(viewer=str(n)) for n in range(50)])
    assert all(groups == GROUPS * 50 for groups in found.values())
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
        kept.write({cell: GROUPS * 50})
    found = kept.read(cells)
    assert cells[-1] in found and cells[0] not in found
    assert all(groups == GROUPS * 50 for groups in found.values())
