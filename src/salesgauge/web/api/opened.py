"""A number opened into a page of its rows, as JSON has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from numbers import Real
from typing import Any

from salesgauge.errors import BadQuery, did_you_mean
from salesgauge.schema import LOCAL
from salesgauge.store.records import BECAUSE, RecordsPage
from salesgauge.web.nameless import without_names
from salesgauge.web.opened.lineage import origins
from salesgauge.web.page import Page

Row = dict[str, Any]


def open_page(page: Page, query: Mapping[str, Any], side: str, *, search: str, sort: str | None, descending: bool, offset: int,
              limit: int) -> dict[str, Any]:
    """The rows `offset` to `offset + limit` of a side: total, count, matching, columns, rows. BadQuery for a column to sort by that there
    is none of. Of who sees no names neither a search nor an order tells what stands in the columns that are not shown."""
    page.must_offer(query)
    workspace, viewer = page.site.desk, page.visitor.viewer
    if page.visitor.nameless and (search or sort):
        found = _among(workspace.records(query, side, viewer, figures=True), search, sort, descending, offset, limit,
                       page.visitor.personal)
    else:
        found = workspace.records_page(query, side, viewer, search=search, sort=sort, descending=descending, offset=offset, limit=limit,
                                       figures=True)
    rows, columns = found.rows, found.columns
    if page.visitor.nameless:
        rows = [_nameless(row, page.visitor.personal) for row in rows]
        shown = _columns(rows)
        columns = tuple(name for name in columns if name in shown)
    return {"total": found.total, "count": found.count, "matching": found.matching, "columns": list(columns),
            "rows": [{**row, "row": written(row["row"]), "lineage": origin.as_json() if origin else None}
                     for row, origin in zip(rows, origins(page, rows), strict=True)]}


def _nameless(row: Row, personal: Collection[str]) -> Row:
    return {**row, "row": without_names(row["table"], row["row"], personal)}


def _cells(row: Row) -> Row:
    """Everything that a row can be sorted by, under the names of its columns."""
    because = row["row"].get("because", {})
    return {"table": row["table"], "id": row["id"], "contribution": row["contribution"],
            **{BECAUSE + name: value for name, value in because.items()}, **{n: v for n, v in row["row"].items() if n != "because"}}


def _columns(rows: Sequence[Row]) -> dict[str, None]:
    return {name: None for row in rows for name in _cells(row)}


def _among(found: Mapping[str, Any], search: str, sort: str | None, descending: bool, offset: int, limit: int,
           personal: Collection[str]) -> RecordsPage:
    """A page of rows that are searched and sorted by what of them is shown."""
    every: list[Row] = [_nameless(row, personal) for row in found["rows"]]
    columns, wanted = tuple(_columns(every)), search.strip().casefold()
    rows = [row for row in every if not wanted or any(isinstance(v, str) and wanted in v.casefold() for v in _cells(row).values())]
    if sort is not None:
        if sort not in columns:
            raise BadQuery(f"cannot sort by {sort!r}{did_you_mean(sort, columns)}; there are: {', '.join(columns)}")
        filled = [row for row in rows if _cells(row).get(sort) is not None]
        empty = [row for row in rows if _cells(row).get(sort) is None]
        rows = [*sorted(filled, key=lambda row: _place(_cells(row)[sort]), reverse=descending), *empty]
    return RecordsPage(found["kpi"], found["side"], found["total"], len(every), len(rows), columns, rows[offset:offset + limit])


def _place(value: Any) -> tuple[str, Any]:
    return "number" if isinstance(value, Real) else type(value).__name__, value  # columns of one name may hold several kinds


def written(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored row as JSON has it: dates and instants as ISO 8601, those in UTC with a Z, those of a column that ends with _local in the
    workspace's time."""
    return {name: _iso(name, value) for name, value in row.items()}


def _iso(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return written(value)
    if isinstance(value, datetime):
        return value.isoformat() + ("" if name.endswith(LOCAL) else "Z")
    return value.isoformat() if isinstance(value, date) else value
