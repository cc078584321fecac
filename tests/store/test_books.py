"""Compiled SQL is compiled once, whoever asks for it, and never believed where its file is damaged."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from salesgauge.semantics.compiler import Compiled, Compiler
from salesgauge.store.books import SqlBook, sweep_books

NAMES = ("fact deals", "question ('win_rate',\t\n…)", "added")


class Counting:
    """What compiles; notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def makes(self, name: str) -> Callable[[Compiler], Compiled]:
        """Compiles one page."""
        def make(_compiler: Compiler) -> Compiled:
            self.asked.append(name)
            return Compiled(f"SELECT '{name}'", (), ("rows",))
        return make


def pages(path: Path, compiling: Counting, names: tuple[str, ...] = NAMES) -> list[Mapping[str, Any]]:
    """What a book that is opened anew says of each name."""
    book = SqlBook(path, lambda: cast(Compiler, compiling))
    return [book.find(name, compiling.makes(name)) for name in names]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "sql-own.pages"


def test_what_one_compiled_another_reads_as_it_was(path: Path) -> None:
    first, second = Counting(), Counting()
    made = pages(path, first)
    assert first.asked == list(NAMES) and [page["sql"] for page in made] == [f"SELECT '{name}'" for name in NAMES]
    assert pages(path, second) == made and second.asked == []


def test_a_book_that_is_open_has_at_once_what_another_adds(path: Path) -> None:
    compiling, other = Counting(), Counting()
    book = SqlBook(path, lambda: cast(Compiler, compiling))
    book.find("one", compiling.makes("one"))
    pages(path, other, ("one", "two"))
    assert other.asked == ["two"]
    book.find("two", compiling.makes("two"))
    assert compiling.asked == ["one"]


def test_a_line_that_is_torn_costs_itself_and_no_other(path: Path) -> None:
    made = pages(path, Counting())
    path.write_bytes(path.read_bytes()[:-20])  # a process was killed, or the disk was full
    second, third = Counting(), Counting()
    assert pages(path, second) == made and second.asked == [NAMES[-1]]
    assert pages(path, third) == made and third.asked == []


def test_a_page_of_which_a_byte_changed_is_compiled_again(path: Path) -> None:
    made = pages(path, Counting())
    path.write_bytes(path.read_bytes().replace(b"SELECT 'fact deals'", b"SELECT 'fact dealt'"))
    second = Counting()
    assert pages(path, second) == made and second.asked == [NAMES[0]]


def test_where_nothing_can_be_written_what_is_compiled_lasts_as_long_as_the_book(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    compiling = Counting()
    book = SqlBook(tmp_path / "cache" / "sql.pages", lambda: cast(Compiler, compiling))
    for _ in range(2):
        assert book.find("one", compiling.makes("one"))["sql"] == "SELECT 'one'"
    assert compiling.asked == ["one"]


def test_what_nobody_used_for_a_month_goes_and_what_was_only_read_stays(path: Path) -> None:
    made, other = pages(path, Counting()), path.with_name("sql-other.pages")
    pages(other, Counting())
    for each in (path, other):
        os.utime(each, (0, 0))
    compiling = Counting()
    assert pages(path, compiling) == made and compiling.asked == []
    used = path.stat().st_mtime
    sweep_books(path.parent, lambda: used + 29 * 86_400)
    assert path.exists() and not other.exists()
    sweep_books(path.parent, lambda: used + 31 * 86_400)
    assert not path.exists()
