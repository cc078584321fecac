"""Asks for the records behind a side of a question: a page of them, or all, batch by batch.

This is the one place that asks. It searches and sorts what the visitor may see: for those who see no names of persons, rows without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

from salesgauge.errors import BadQuery, did_you_mean
from salesgauge.web.nameless import without_names
from salesgauge.web.page import Page

SIDES = ("numerator", "denominator")
BECAUSE = "because_"  # prefix of a column that says how a contribution came about
BATCH = 5000          # records of a batch

Record = dict[str, Any]  # table, id, contribution, row (the stored row, `because` in it)


@dataclass(frozen=True)
class RecordsPage:
    """A page of records. `total` is the sum of all contributions, `count` the number of all records, `matching` of those that the search
    finds; `columns` the names by which they can be sorted."""

    total: float | int
    count: int
    matching: int
    columns: tuple[str, ...]
    rows: Sequence[Record]


class Opened:
    """The records of one side of a question as this visitor may see them. QuestionError where it cannot be asked so."""

    def __init__(self, page: Page, query: Mapping[str, Any], side: str) -> None:
        if side not in SIDES:
            raise BadQuery(f"there is no side {side!r}; there are: {', '.join(SIDES)}")
        self._page, self._query, self._side = page, query, side

    @cached_property
    def _rows(self) -> list[Record]:
        page = self._page
        rows: list[Record] = page.site.workspace.records(self._query, self._side, page.visitor.viewer, figures=True)["rows"]
        return [{**row, "row": without_names(row["table"], row["row"])} for row in rows] if page.visitor.nameless else rows

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names by which records can be sorted: id, contribution, how it came about, and each column of their tables."""
        several = len({row["table"] for row in self._rows}) > 1
        because = dict.fromkeys(BECAUSE + name for row in self._rows for name in row["row"].get("because", ()))
        stored = dict.fromkeys(name for row in self._rows for name in row["row"] if name != "because")
        return tuple(dict.fromkeys([*(("table",) if several else ()), "id", "contribution", *because, *stored]))

    @property
    def total(self) -> float | int:
        """The sum of all contributions: the side's number."""
        total: float | int = sum(row["contribution"] for row in self._rows)
        return total

    def page(self, search: str, sort: str | None, descending: bool, offset: int, limit: int,
             named: Callable[[str, str], str | None]) -> RecordsPage:
        """The page from `offset` on of the records that `search` finds in an id or text, whatever its case; empty ones come last.
        `named` says what an id of a column is called, which is searched as well. BadQuery for a column that they do not have."""
        if sort is not None and sort not in self.columns:
            raise BadQuery(f"these records cannot be sorted by {sort!r}{did_you_mean(sort, self.columns)}; "
                           f"they have: {', '.join(self.columns)}")
        rows, wanted = self._rows, search.strip().casefold()
        if wanted:
            rows = [row for row in rows if any(wanted in text.casefold() for text in _texts(row, named))]
        if sort is not None:
            rows = _sorted(rows, sort, descending)
        return RecordsPage(self.total, len(self._rows), len(rows), self.columns, rows[offset:offset + limit])

    def batches(self) -> Iterator[Sequence[Record]]:
        """All records, some thousands at a time."""
        for start in range(0, len(self._rows), BATCH):
            yield self._rows[start:start + BATCH]


def value_of(record: Mapping[str, Any], column: str) -> Any:
    """What a record has in a column."""
    if column in ("table", "id", "contribution"):
        return record[column]
    if column.startswith(BECAUSE):
        return record["row"].get("because", {}).get(column.removeprefix(BECAUSE))
    return record["row"].get(column)


def _texts(record: Mapping[str, Any], named: Callable[[str, str], str | None]) -> Iterator[str]:
    row = record["row"]
    for column, value in (("id", record["id"]), *row.items(), *row.get("because", {}).items()):
        if isinstance(value, str):
            yield value
            if name := named(column, value):
                yield name


def _sorted(rows: Sequence[Record], column: str, descending: bool) -> list[Record]:
    def place(row: Record) -> tuple[str, Any]:  # columns of one name in several tables may hold several kinds
        found = value_of(row, column)
        return "number" if isinstance(found, Real) else type(found).__name__, found
    filled = sorted((row for row in rows if value_of(row, column) is not None), key=place, reverse=descending)
    return [*filled, *(row for row in rows if value_of(row, column) is None)]
