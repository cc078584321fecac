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
from salesgauge.web.exports.table import Table
from salesgauge.web.exports.tabulated import asked_lines
from salesgauge.web.exports.written import FileKind, send
from salesgauge.web.opened.asking import BECAUSE, SIDES, Opened, value_of
from salesgauge.web.opened.writing import Cell, cell, column_title, learn, name_of, record_cell, shown_columns
from salesgauge.web.page import Page, page

router = APIRouter()

ROWS = 50      # records of a page
COLUMNS = 9    # columns of a record that a page lists
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
    return _listed(page, page.site.workspace.figures.find(figure), f"/figures/{figure}", side, q, sort, start)


@router.get("/kpis/{kpi}/records.{kind}")
def kpi_file(kpi: str, kind: FileKind, page: Asked, side: str = SIDES[0]) -> Response:
    """All records behind one side of a KPI as a file."""
    return _file(page, page.kpi(kpi), side, kind)


@router.get("/figures/{figure}/records.{kind}")
def figure_file(figure: str, kind: FileKind, page: Asked, side: str = SIDES[0]) -> Response:
    """All records behind one side of a figure as a file."""
    return _file(page, page.site.workspace.figures.find(figure), side, kind)


def _listed(page: Page, kpi: Kpi, path: str, side: str, search: str, sort: str, first: str) -> Response:
    start = _place(first)
    words, opened = page.words, Opened(page, page.query(kpi.id), side)
    if search:
        learn(page, (record for batch in opened.batches() for record in batch))
    descending = sort.startswith("-")
    found = opened.page(search, sort.removeprefix("-") or None, descending, start, ROWS, lambda column, value: name_of(page, column, value))
    learn(page, found.rows)
    names = shown_columns(found.columns, found.rows, COLUMNS)
    rows = [Listed(words.table(record["table"]) if record["table"] in TABLES else str(record["table"]), record_cell(page, record),
                   _contribution(page, kpi, side, record["contribution"]), tuple(cell(page, record, name) for name in names))
            for record in found.rows]
    last = min(start + ROWS, found.matching)
    return page.render(
        "records.html", active="catalogue", kpi=kpi, path=path, side=side, q=search, start=start, last=last, found=found, rows=rows,
        name=words.kpi_name(kpi.id, kpi.id), total=_contribution(page, kpi, side, found.total), several="table" in found.columns,
        sides=SIDES if kpi.formula.denominator else SIDES[:1],
        columns=[_column(page, name, sort, any(row.cells[i].number for row in rows)) for i, name in enumerate(names)],
        first=_column(page, "id", sort, False), contribution=_column(page, "contribution", sort, True),
        because=[column_title(page, name) for name in names if name.startswith(BECAUSE)],
        before=page.here(**{"from": str(max(0, start - ROWS)) if start > ROWS else None}) if start else None,
        after=page.here(**{"from": str(start + ROWS)}) if last < found.matching else None)


def _place(text: str) -> int:
    """The place of the first record that is listed."""
    if text and not (text.isdecimal() and text.isascii() and len(text) < 10):
        raise BadQuery(f"records cannot begin at {text!r}: from is a whole number, as in from=50")
    return int(text or 0)


def _contribution(page: Page, kpi: Kpi, side: str, number: float) -> str:
    """A contribution in the unit of its side: money where the KPI is an amount of it, else a number."""
    measure = kpi.formula.numerator if side == SIDES[0] else kpi.formula.denominator
    money = kpi.unit == "money" and side == SIDES[0] and measure is not None and measure.value is not None
    return page.words.money(number, page.currency) if money else page.words.number(number)


def _column(page: Page, name: str, sort: str, number: bool) -> Column:
    current = sort.removeprefix("-") == name
    down = current and sort.startswith("-")
    following = name if down or not (number or current) else f"-{name}"
    return Column(name, column_title(page, name), ("descending" if down else "ascending") if current else None,
                  page.here(sort=following, **{"from": None}), number)


def _file(page: Page, kpi: Kpi, side: str, kind: str) -> Response:
    query = page.query(kpi.id)
    opened, words = Opened(page, query, side), page.words
    columns = ("table", *(name for name in opened.columns if name != "table"))
    titles = tuple(f"{column_title(page, name)} (UTC)" if _is_instant(name, columns) else column_title(page, name) for name in columns)
    lines = ((words.heading("kpi"), words.kpi_name(kpi.id, kpi.id)), (words.heading(side), words.number(opened.total)),
             *asked_lines(page, [query]))
    view = page.view
    return send(kind, (kpi.id, side, view.period, *(value or "" for _dimension, values in view.where for value in values)),
                Table(columns, titles, _rows(opened, columns, utc=kind == "csv"), lines),
                sheet=words.heading("record"), about=words.message("kpis_question"))


def _is_instant(name: str, columns: Sequence[str]) -> bool:
    return name.endswith("_at") and (name + LOCAL in columns or name.startswith(BECAUSE))


def _rows(opened: Opened, columns: Sequence[str], *, utc: bool) -> Iterator[Sequence[Any]]:
    """The rows of a file; `utc`: instants carry their zone."""
    for batch in opened.batches():
        for record in batch:
            yield [_value(record, column, utc) for column in columns]


def _value(record: Mapping[str, Any], column: str, utc: bool) -> Any:
    value = value_of(record, column)
    return value.replace(tzinfo=UTC) if utc and isinstance(value, datetime) and not column.endswith(LOCAL) else value
