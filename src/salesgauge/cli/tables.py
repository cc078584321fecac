"""Tables and texts for people, in the terminal's width (a file or pipe gets as much width as the content takes)."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from salesgauge.cli.printing import plain

UNBOUND, READABLE = 400, 110  # columns: of a pipe; of a paragraph


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, whether it holds numbers (they stand right and are never wrapped), how its cells are coloured."""

    heading: str
    number: bool = False
    style: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell with a colour of its own. The colour never says anything that the text does not say."""

    text: str
    style: str = ""


class Page:
    """Standard output as a page of tables and paragraphs. Nothing in the data is taken for markup or a terminal's command."""

    def __init__(self) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a character shows a question mark
        piped = not sys.stdout.isatty() and not os.environ.get("COLUMNS", "").isdigit()
        self._console = Console(file=sys.stdout, width=UNBOUND if piped else None, markup=False, emoji=False, highlight=False)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str | Cell]], title: str = "", *,
              headed: bool = True) -> None:
        """A table, with its title above it where it has one; not `headed`: its columns have no headings."""
        if title:
            self.heading(title)
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_header=headed)
        for column in columns:
            table.add_column(Text(plain(column.heading)), justify="right" if column.number else "left", no_wrap=column.number,
                             style=column.style, overflow="fold")
        for row in rows:
            table.add_row(*(_text(cell) for cell in row))
        self._console.print(table)
        self._console.print()

    def heading(self, text: str) -> None:
        """A line that stands out."""
        self._console.print(Text(plain(text), style="bold"))

    def paragraph(self, text: str, indent: int = 0) -> None:
        """A text, wrapped where it is long."""
        self._console.print(Padding(Text(plain(text)), (0, 0, 0, indent), expand=False), width=min(self._console.width, READABLE))

    def verbatim(self, text: str) -> None:
        """A text as it stands, not wrapped: SQL, for copying."""
        self._console.print(Text(plain(text)), soft_wrap=True)

    def space(self) -> None:
        """An empty line."""
        self._console.print()


def _text(cell: str | Cell) -> Text:
    return Text(plain(cell.text), style=cell.style) if isinstance(cell, Cell) else Text(plain(cell))
