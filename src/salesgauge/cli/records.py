"""`salesgauge records`: the very rows behind the numerator or denominator of a KPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options
from salesgauge.errors import BadQuery
from salesgauge.periods import FORMS
from salesgauge.schema import LOCAL, TABLES

if TYPE_CHECKING:
    from salesgauge.connected import Origin
    from salesgauge.workspace import Workspace

_SHOWN = 6  # columns of a row in a table for people, and by default
_LINES = 50
_LINEAGE = ("lineage_source", "lineage_record", "lineage_link", "lineage_load")


@click.command("records")
@click.argument("kpi", metavar="KPI")
@click.option("--side", type=click.Choice(("numerator", "denominator")), default="numerator", show_default=True, help="Which side's rows.")
@options.workspace
@options.question
@click.option("--limit", type=click.IntRange(min=1), default=_LINES, show_default=True, help="How many rows a table for people shows.")
@options.form
@options.lang
def command(kpi: str, side: str, folder: Path, period: str | None, grain: str | None, by: tuple[str, ...], where: tuple[str, ...],
            as_of: str | None, limit: int, form: str, lang: str) -> None:
    """Opens a KPI into the rows of its numerator or denominator: each with its contribution, which add up to the number.

    JSON and CSV hold every row and every column, and where each came from: its file or connected system, its record there and the address
    of that, its load. Instants are UTC, those of a column that ends with _local the workspace's time. In CSV a text that begins with
    =, +, - or @ has an apostrophe in front.
    """
    from salesgauge.cli import printing
    from salesgauge.workspace import Workspace
    workspace = Workspace(folder)
    workspace.catalogue.find(kpi)
    if period is None:
        raise BadQuery(f"say for which period: --period {FORMS}")
    found = workspace.records(options.query_of(kpi, period=period, grain=grain, by=by, where=where, as_of=as_of), side)
    origins = _origins(workspace, found["rows"][:limit if form == "table" else None])
    rows = [{**row, "row": _written(row["row"])} for row in found["rows"]]
    if form == "json":
        printing.write_json({**found, "rows": [{**row, "lineage": origin.as_json() if origin else None}
                                               for row, origin in zip(rows, origins, strict=True)]})
    elif form == "csv":
        flat = [{**{k: v for k, v in row["row"].items() if k != "because"},
                 **{f"because_{k}": v for k, v in row["row"].get("because", {}).items()}} for row in rows]
        names = list(dict.fromkeys(name for row in flat for name in row))
        printing.write_csv(("table", "id", "contribution", *names, *_LINEAGE),
                           ([row["table"], row["id"], row["contribution"], *(cells.get(name) for name in names),
                             *((origin.source, origin.record, origin.link, origin.load) if origin else (None,) * len(_LINEAGE))]
                            for row, cells, origin in zip(rows, flat, origins, strict=True)))
    else:
        _print({**found, "rows": rows}, origins, limit, lang)


def _origins(workspace: Workspace, rows: Sequence[Mapping[str, Any]]) -> list[Origin | None]:
    """Where each of these rows came from."""
    found = workspace.origins((row["table"], row["id"]) for row in rows if row["id"] is not None)
    return [found.get((row["table"], row["id"])) for row in rows]


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it: dates and instants as ISO 8601, those in UTC with a Z."""
    return {name: _iso(name, value) for name, value in row.items()}


def _iso(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _written(value)
    if isinstance(value, datetime):
        return value.isoformat() + ("" if name.endswith(LOCAL) else "Z")
    return value.isoformat() if isinstance(value, date) else value


def _print(found: Mapping[str, Any], origins: Sequence[Origin | None], limit: int, lang: str) -> None:
    from salesgauge.cli.tables import Column, Page
    from salesgauge.language import language
    page, words = Page(), language(lang)
    rows = found["rows"]
    tables = {row["table"] for row in rows}
    named = list(dict.fromkeys(c.name for name in TABLES if name in tables for c in TABLES[name].columns if c.name not in TABLES[name].key))
    filled = [name for name in named if any(row["row"].get(name) is not None for row in rows)][:_SHOWN]
    because = list(dict.fromkeys(name for row in rows for name in row["row"].get("because", {}) if name not in filled))
    columns = [Column(words.heading("table")), Column(words.heading("id")), Column(words.heading("contribution"), number=True),
               *(Column(name) for name in (*because, *filled))]
    if systems := any(origin and origin.of_system for origin in origins):
        columns.append(Column(words.heading("source")))
    lines = [[words.table(row["table"]) if row["table"] in TABLES else str(row["table"]), str(row["id"]), words.number(row["contribution"]),
              *(_shown(row["row"].get("because", {}).get(name)) for name in because), *(_shown(row["row"].get(name)) for name in filled),
              *([" ".join(part for part in (origin.source, origin.record) if part) if origin else ""] if systems else [])]
             for row, origin in zip(rows, origins, strict=False)]
    name = words.kpi_name(found["kpi"], found["kpi"])
    page.table(columns, lines, f"{name}: {words.term(found['side'])} = {words.number(found['total'])}")
    page.paragraph(words.message("records", count=len(rows)))
    if len(rows) > limit:
        page.paragraph(words.message("more_records", count=len(rows) - limit, option="--limit"))


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
