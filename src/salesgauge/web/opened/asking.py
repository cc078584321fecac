"""Asks for the records behind a side of a question: a page of them, or all, batch by batch. This is the one place that asks.

The store sorts and pages. A search looks through the names behind ids as well (the account of a deal), and so reads every record, up to
`SEARCHED` of them; beyond, the store searches ids and texts alone. For those who see no names of persons the records are searched and
sorted here, without what holds names: what cannot be seen cannot be found either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from numbers import Real
from typing import Any

from salesgauge.errors import BadQuery, did_you_mean
from salesgauge.store.records import BECAUSE
from salesgauge.web.nameless import without_names
from salesgauge.web.page import Page

SIDES = ("numerator", "denominator")
SEARCHED = 20_000

Record = dict[str, Any]  # table, id, contribution, row (the stored row, `because` in it)
Named = Callable[[Sequence[Record]], Callable[[str, str], str | None]]  # records -> (column, id) -> what the id is called


@dataclass(frozen=True)
class RecordsPage:
    """A page of records. `total` is the sum of all contributions, `count` the number of all records, `matching` of those that the search
    finds; `columns` the names by which they can be sorted."""

    total: float | int
    count: int
    matching: int
    columns: tuple[str, ...]
    rows: Sequence[Record]


@dataclass(frozen=True)
class Whole:
    """All records: their columns, the sum of their contributions, and themselves, some thousands at a time."""

    columns: tuple[str, ...]
    total: float | int
    batches: Iterator[Sequence[Record]]


class Opened:
    """The records of one side of a question as this visitor may see them. QuestionError where it cannot be asked so."""

    def __init__(self, page: Page, query: Mapping[str, Any], side: str) -> None:
        if side not in SIDES:
            raise BadQuery(f"there is no side {side!r}; there are: {', '.join(SIDES)}", "no_side", side=side)
        page.must_offer(query)
        self._page, self._query, self._side = page, query, side

    def page(self, search: str, sort: str | None, descending: bool, offset: int, limit: int, named: Named) -> RecordsPage:
        """The page from `offset` on of the records that `search` finds, whatever its case; empty ones come last. `named` looks up what
        ids are called. BadQuery for a column that they do not have."""
        nameless, search = self._page.visitor.nameless, search.strip()
        if not nameless and not search:
            return self._of_store("", sort, descending, offset, limit)
        if not nameless and self._of_store("", None, False, 0, 1).count > SEARCHED:
            return self._of_store(search, sort, descending, offset, limit)
        workspace, viewer = self._page.site.desk, self._page.visitor.viewer
        every = [self._seen(row) for row in workspace.records(self._query, self._side, viewer, figures=True)["rows"]]
        columns = _columns(every)
        _check(sort, columns)
        rows = _matching(every, search.casefold(), named(every)) if search else every
        total: float | int = sum(row["contribution"] for row in every)
        return RecordsPage(total, len(every), len(rows), columns, _sorted(rows, sort, descending)[offset:offset + limit])

    def whole(self) -> Whole:
        """All records, from a session of their own that ends with them."""
        workspace = self._page.site.desk
        held = ExitStack()
        with ExitStack() as opening:
            session = opening.enter_context(workspace.own_session())
            records = workspace.open_records(session, self._query, self._side, self._page.visitor.viewer, figures=True)
            columns, total = records.columns(), records.total()
            held = opening.pop_all()
        return Whole(columns, total, self._batches(records.batches(), held))

    def _batches(self, batches: Iterator[list[Record]], held: ExitStack) -> Iterator[Sequence[Record]]:
        with held:
            for batch in batches:
                yield [self._seen(row) for row in batch]

    def _of_store(self, search: str, sort: str | None, descending: bool, offset: int, limit: int) -> RecordsPage:
        found = self._page.site.desk.records_page(
            self._query, self._side, self._page.visitor.viewer, search=search, sort=sort, descending=descending, offset=offset, limit=limit,
            figures=True)
        return RecordsPage(found.total, found.count, found.matching, found.columns, found.rows)

    def _seen(self, row: Record) -> Record:
        return {**row, "row": without_names(row["table"], row["row"], self._page.visitor.personal)} if self._page.visitor.nameless else row


def value_of(record: Mapping[str, Any], column: str) -> Any:
    """What a record has in a column."""
    if column in ("table", "id", "contribution"):
        return record[column]
    if column.startswith(BECAUSE):
        return record["row"].get("because", {}).get(column.removeprefix(BECAUSE))
    return record["row"].get(column)


def _columns(rows: Sequence[Record]) -> tuple[str, ...]:
    several = len({row["table"] for row in rows}) > 1
    because = dict.fromkeys(BECAUSE + name for row in rows for name in row["row"].get("because", ()))
    stored = dict.fromkeys(name for row in rows for name in row["row"] if name != "because")
    return tuple(dict.fromkeys([*(("table",) if several else ()), "id", "contribution", *because, *stored]))


def _check(sort: str | None, columns: Sequence[str]) -> None:
    if sort is not None and sort not in columns:
        raise BadQuery(f"these records cannot be sorted by {sort!r}{did_you_mean(sort, columns)}; they have: {', '.join(columns)}",
                       "no_column", column=sort)


def _matching(rows: Sequence[Record], wanted: str, name: Callable[[str, str], str | None]) -> list[Record]:
    def texts(record: Record) -> Iterator[str]:
        row = record["row"]
        for column, value in (("id", record["id"]), *row.items(), *row.get("because", {}).items()):
            if isinstance(value, str):
                yield value
                if called := name(column, value):
                    yield called
    return [row for row in rows if any(wanted in text.casefold() for text in texts(row))]


def _sorted(rows: Sequence[Record], column: str | None, descending: bool) -> Sequence[Record]:
    if column is None:
        return rows

    def place(row: Record) -> tuple[str, Any]:  # columns of one name in several tables may hold several kinds
        found = value_of(row, column)
        return "number" if isinstance(found, Real) else type(found).__name__, found
    filled = sorted((row for row in rows if value_of(row, column) is not None), key=place, reverse=descending)
    return [*filled, *(row for row in rows if value_of(row, column) is None)]
