"""The records behind a figure: `/kpis/{kpi}/records` and `/figures/{figure}/records`, as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from salesgauge.errors import BadQuery
from salesgauge.schema import LOCAL, TABLES
from salesgauge.semantics.kpi import Kpi
from salesgauge.store.records import BECAUSE
from salesgauge.web.api.people import note
from salesgauge.web.exports.table import Table
from salesgauge.web.exports.tabulated import asked_lines
from salesgauge.web.exports.written import FileKind, send
from salesgauge.web.opened.asking import SIDES, Opened, Whole, value_of
from salesgauge.web.opened.lineage import listed
from salesgauge.web.opened.writing import Cell, cell, column_title, learn, naming, record_cell, shown_columns
from salesgauge.web.page import Page, page

router = APIRouter()

ROWS = 50      # records of a page
COLUMNS = 12   # columns of a record that a page lists
Asked = Annotated[Page, Depends(page)]
From = Annotated[str, Query(alias="from")]


@dataclass(frozen=True)
class Column:
    """A column of the list: its name in the address, its title, whether the list is sorted by it, and how the next click sorts."""

    name: str
    title: str
    sorted: str | None
    address: str
    number: bool


@dataclass(frozen=True)
class Listed:
    """A record of the list: its kind, itself, its contribution, and the cells of the columns."""

    table: str
    record: Cell
    contribution: str
    cells: tuple[Cell, ...]


@router.get("/kpis/{kpi}/records")
def kpi_records(kpi: str, page: Asked, side: str = SIDES[0], q: str = "", sort: str = "", start: From = "") -> Response:
    """The records behind one side of a KPI; 404 where there is none of that id."""
    return _listed(page, page.kpi(kpi), f"/kpis/{kpi}", side, q, sort, start)


@router.get("/figures/{figure}/records")
def figure_records(figure: str, page: Asked, side: str = SIDES[0], q: str = "", sort: str = "", start: From = "") -> Response:
    """The records behind one side of a figure; 404 where there is none of that id."""
    return _listed(page, page.site.desk.figures.find(figure), f"/figures/{figure}", side, q, sort, start)


@router.get("/kpis/{kpi}/records.{kind}")
def kpi_file(kpi: str, kind: FileKind, page: Asked, side: str = SIDES[0]) -> Response:
    """All records behind one side of a KPI as a file."""
    return _file(page, page.kpi(kpi), side, kind)


@router.get("/figures/{figure}/records.{kind}")
def figure_file(figure: str, kind: FileKind, page: Asked, side: str = SIDES[0]) -> Response:
    """All records behind one side of a figure as a file."""
    return _file(page, page.site.desk.figures.find(figure), side, kind)


def _listed(page: Page, kpi: Kpi, path: str, side: str, search: str, sort: str, first: str) -> Response:
    start = _place(first)
    words, query = page.words, page.query(kpi.id)
    found = Opened(page, query, side).page(search, sort.removeprefix("-") or None, sort.startswith("-"), start, ROWS,
                                           lambda records: naming(page, records))
    note(page, "records_view", f"records:{kpi.id}", side=side, question=query)
    learn(page, found.rows)
    names, tables = shown_columns(found.columns, found.rows, COLUMNS), {row["table"] for row in found.rows}
    table = next(iter(tables)) if len(tables) == 1 else None
    rows = [Listed(words.table(row["table"]) if row["table"] in TABLES else str(row["table"]), record_cell(page, row),
                   _contribution(page, kpi, side, row["contribution"]), tuple(cell(page, row, name) for name in names))
            for row in found.rows]
    last = min(start + ROWS, found.matching)
    return page.render(
        "records.html", active="catalogue", kpi=kpi, path=path, side=side, q=search, start=start, last=last, found=found, rows=rows,
        name=words.kpi_name(kpi.id, kpi.id), total=_contribution(page, kpi, side, found.total), several="table" in found.columns,
        origins=listed(page, found.rows), sides=SIDES if kpi.formula.denominator else SIDES[:1],
        columns=[_column(page, name, table, sort, any(row.cells[i].number for row in rows)) for i, name in enumerate(names)],
        first=_column(page, "id", None, sort, False), contribution=_column(page, "contribution", None, sort, True),
        because=[column_title(page, name, table) for name in names if name.startswith(BECAUSE)],
        before=page.here(**{"from": str(max(0, start - ROWS)) if start > ROWS else None}) if start else None,
        after=page.here(**{"from": str(start + ROWS)}) if last < found.matching else None)


def _place(text: str) -> int:
    """The place of the first record that is listed."""
    if text and not (text.isdecimal() and text.isascii() and len(text) < 10):
        raise BadQuery(f"records cannot begin at {text!r}: from is a whole number, as in from=50", "no_place", text=text)
    return int(text or 0)


def _contribution(page: Page, kpi: Kpi, side: str, number: float) -> str:
    """A contribution in the unit of its side: money where the KPI is an amount of it, else a number."""
    measure = kpi.formula.numerator if side == SIDES[0] else kpi.formula.denominator
    money = kpi.unit == "money" and side == SIDES[0] and measure is not None and measure.value is not None
    return page.words.money(number, page.currency) if money else page.words.number(number)


def _column(page: Page, name: str, table: str | None, sort: str, number: bool) -> Column:
    current = sort.removeprefix("-") == name
    down = current and sort.startswith("-")
    following = name if down or not (number or current) else f"-{name}"
    return Column(name, column_title(page, name, table), ("descending" if down else "ascending") if current else None,
                  page.here(sort=following, **{"from": None}), number)


def _file(page: Page, kpi: Kpi, side: str, kind: str) -> Response:
    query, words, view = page.query(kpi.id), page.words, page.view
    whole = Opened(page, query, side).whole()
    note(page, "records_export", f"records:{kpi.id}", side=side, question=query, file=kind)
    columns = ("table", *(name for name in whole.columns if name != "table"))
    titles = tuple(column_title(page, name, None) + (" (UTC)" if _is_instant(name, columns) else "") for name in columns)
    lines = ((words.heading("kpi"), words.kpi_name(kpi.id, kpi.id)), (words.heading(side), words.number(whole.total)),
             *asked_lines(page, [query]))
    return send(kind, (kpi.id, side, view.period, *(value or "" for _dimension, values in view.where for value in values)),
                Table(columns, titles, _rows(whole, columns, utc=kind == "csv"), lines),
                sheet=words.heading("record"), about=words.message("kpis_question"))


def _is_instant(name: str, columns: Sequence[str]) -> bool:
    return name.endswith("_at") and (name + LOCAL in columns or name.startswith(BECAUSE))


def _rows(whole: Whole, columns: Sequence[str], *, utc: bool) -> Iterator[Sequence[Any]]:
    """The rows of a file; `utc`: instants carry their zone."""
    for batch in whole.batches:
        for row in batch:
            yield [_value(row, column, utc) for column in columns]


def _value(row: Mapping[str, Any], column: str, utc: bool) -> Any:
    value = value_of(row, column)
    return value.replace(tzinfo=UTC) if utc and isinstance(value, datetime) and not column.endswith(LOCAL) else value
