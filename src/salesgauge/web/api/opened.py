"""A number opened into a page of its rows, as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from numbers import Real
from typing import Any

from salesgauge.errors import BadQuery, did_you_mean
from salesgauge.schema import LOCAL
from salesgauge.web.nameless import without_names
from salesgauge.web.page import Page

_ALWAYS = ("table", "id", "contribution")


def open_page(page: Page, query: Mapping[str, Any], side: str, *, search: str, sort: str | None, descending: bool, offset: int,
              limit: int) -> dict[str, Any]:
    """The rows `offset` to `offset + limit` of a side: total, count, columns, rows. Only what the caller sees is searched and sorted by.
    BadQuery for a column to sort by that there is none of."""
    found = page.site.workspace.records(query, side, page.visitor.viewer, figures=True)
    rows: Sequence[dict[str, Any]] = found["rows"]
    if page.visitor.nameless:
        rows = [{**row, "row": without_names(row["table"], row["row"])} for row in rows]
    columns = (*_ALWAYS, *dict.fromkeys(name for row in rows for name in row["row"] if name != "because"))
    if search:
        wanted = search.casefold()
        rows = [row for row in rows if any(isinstance(value, str) and wanted in value.casefold() for value in _values(row))]
    if sort is not None:
        rows = _sorted(rows, columns, sort, descending)
    return {"total": sum(row["contribution"] for row in rows), "count": len(rows), "columns": list(columns),
            "rows": [{**row, "row": written(row["row"])} for row in rows[offset:offset + limit]]}


def _values(row: Mapping[str, Any]) -> list[Any]:
    return [row["table"], row["id"], *row["row"].values(), *row["row"].get("because", {}).values()]


def _sorted(rows: Sequence[dict[str, Any]], columns: Sequence[str], sort: str, descending: bool) -> list[dict[str, Any]]:
    """The rows in the order of a column, empty last either way, those that are equal as they were."""
    if sort not in columns:
        raise BadQuery(f"cannot sort by {sort!r}{did_you_mean(sort, columns)}; there are: {', '.join(columns)}")

    def value(row: Mapping[str, Any]) -> Any:
        return row[sort] if sort in _ALWAYS else row["row"].get(sort)

    def place(row: Mapping[str, Any]) -> tuple[str, Any]:  # columns of one name in several tables may hold several kinds
        found = value(row)
        return "number" if isinstance(found, Real) else type(found).__name__, found
    filled = sorted((row for row in rows if value(row) is not None), key=place, reverse=descending)
    return [*filled, *(row for row in rows if value(row) is None)]


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
