"""`salesgauge rejects`: what the latest load of each table set aside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options
from salesgauge.errors import WorkspaceError, did_you_mean
from salesgauge.schema import TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from salesgauge.store.generation import Generation

_LINES = 50


@click.command("rejects")
@options.workspace
@click.option("--table", "table", metavar="TABLE", help="Only of this table.")
@click.option("--limit", type=click.IntRange(min=1), default=_LINES, show_default=True, help="How many entries a table for people shows.")
@options.form
@options.lang
def command(folder: Path, table: str | None, limit: int, form: str, lang: str) -> None:
    """Shows the rows and cells that the latest load of each table set aside: file, line, column, value, reason.

    A row that was set aside (whole) is in no table; of a cell that was set aside the row was loaded, the cell left empty.
    """
    from salesgauge.cli import printing
    from salesgauge.store.generation import REJECT_COLUMNS
    from salesgauge.workspace import Workspace
    if table is not None and table not in TABLES:
        raise WorkspaceError(f"there is no table {table!r}{did_you_mean(table, TABLES)}; there are: {', '.join(TABLES)}")
    workspace = Workspace(folder)
    with workspace.reading() as con:
        found = read(con, workspace.generation(), table)
    if form == "json":
        printing.write_json({"rejects": found})
    elif form == "csv":
        printing.write_csv([name for name, _type in REJECT_COLUMNS], (list(entry.values()) for entry in found))
    else:
        _print(found, limit, lang)


def read(con: DuckDBPyConnection, generation: Generation, table: str | None) -> list[dict[str, Any]]:
    """What was set aside, of one table or of all, in the order of the tables and lines."""
    from salesgauge.store.generation import REJECT_COLUMNS, rejects_sql
    names = [name for name, _type in REJECT_COLUMNS]
    rows = con.execute(f'SELECT * FROM ({rejects_sql(generation)}) WHERE $1 IS NULL OR "table" = $1 ORDER BY file, line, "column"',
                       [table]).fetchall()
    order = list(TABLES)
    return sorted((dict(zip(names, row, strict=True)) for row in rows), key=lambda entry: order.index(entry["table"]))


def _print(found: list[dict[str, Any]], limit: int, lang: str) -> None:
    from salesgauge.cli.tables import Column, Page
    from salesgauge.language import language
    page, words = Page(), language(lang)
    if not found:
        page.paragraph(words.message("nothing_aside"))
        return
    columns = [Column(words.heading("table")), Column(words.heading("file")), Column(words.heading("line"), number=True),
               *(Column(words.heading(key)) for key in ("column", "value", "set_aside", "reason"))]
    rows = [[words.table(entry["table"]), *(str(entry[name] or "") for name in ("file", "line", "column", "value")),
             words.term("whole_row" if entry["whole"] else "single_cell"), words.fault(entry["reason"])] for entry in found[:limit]]
    page.table(columns, rows)
    page.paragraph(words.message("records", count=len(found)))
    if len(found) > limit:
        page.paragraph(words.message("more_records", count=len(found) - limit, option="--limit"))
