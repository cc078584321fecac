"""`salesgauge load`: merges a folder of files into a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

if TYPE_CHECKING:
    from salesgauge.language import Language
    from salesgauge.store.report import LoadReport
    from salesgauge.workspace import Stage

_COLUMNS = ("table", "file", "read", "new", "changed", "unchanged", "repeats", "gone", "rows_aside", "cells_aside")


@click.command("load")
@click.argument("source", metavar="FOLDER", type=click.Path(path_type=Path))
@options.workspace
@click.option("--mapping", type=click.Path(path_type=Path), metavar="FILE",
              help="A mapping file (TOML) that says how the files' columns become canonical ones.")
@click.option("--complete", is_flag=True, help="The files are all there is: rows that they lack are gone.")
@click.option("--refresh/--no-refresh", default=True, show_default=True,
              help="Bring up to date what was ready before, so that no question waits for it.")
@options.form
@options.lang
@click.pass_obj
def command(surroundings: Surroundings, source: Path, folder: Path, mapping: Path | None, complete: bool, refresh: bool, form: str,
            lang: str) -> None:
    """Loads a folder of canonical CSV or Parquet files, one per table (or, with --mapping, other people's files as they are).

    All tables or none are loaded; the same folder again changes nothing. Rows that cannot be read are set aside and counted:
    `salesgauge rejects` shows them.
    """
    from salesgauge.cli.progress import watched
    from salesgauge.workspace import Workspace, stage_folder
    workspace = Workspace(folder)
    stage: Stage = stage_folder
    if mapping is not None:
        from salesgauge.sources.mapping import stage_mapped
        stage = stage_mapped(mapping)
    with watched(str(source)) as tell:
        report = workspace.load(source, now=surroundings.now(), stage=stage, complete=complete, progress=tell)
        if refresh and report.changed:
            workspace.make_ready(surroundings.now(), progress=tell)
    show(report, form, lang)


def show(report: LoadReport, form: str, lang: str) -> None:
    """Writes what a load did."""
    from salesgauge.cli.printing import write_csv, write_json
    if form == "json":
        write_json(report.as_json())
    elif form == "csv":
        rows = [[t.table, t.file, t.read, t.new, t.changed, t.unchanged, t.repeats, t.gone, _reasons(t.rows_aside), _reasons(t.cells_aside)]
                for t in report.tables]
        write_csv(_COLUMNS, rows)
    else:
        from salesgauge.language import language
        _print(report, language(lang))


def _reasons(counts: object) -> str:
    assert isinstance(counts, dict)
    return ";".join(f"{reason}={count}" for reason, count in counts.items())


def _print(report: LoadReport, words: Language) -> None:
    from salesgauge.cli.tables import Cell, Column, Page
    page = Page()
    numbers = ("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_repeated", "rows_gone", "rows_aside", "cells_aside")
    columns = [Column(words.heading("table")), Column(words.heading("file")), *(Column(words.heading(key), number=True) for key in numbers)]
    rows: list[list[str | Cell]] = []
    for table in report.tables:
        counts = (table.read, table.new, table.changed, table.unchanged, table.repeats, table.gone)
        aside = (sum(table.rows_aside.values()), sum(table.cells_aside.values()))
        rows.append([words.table(table.table), table.file, *(words.number(n) for n in counts),
                     *(Cell(words.number(n), "yellow" if n else "") for n in aside)])
    page.table(columns, rows, words.message("loaded", origin=report.origin))
    if not report.changed:
        page.paragraph(words.message("load_changed_nothing"))
    if report.recorded:
        page.paragraph(words.message("changes_recorded", count=report.recorded))
    for table in report.tables:
        for counts_by_reason, whole in ((table.rows_aside, "rows_aside"), (table.cells_aside, "cells_aside")):
            for reason, count in counts_by_reason.items():
                page.paragraph(f"{table.file}: {words.term(whole)}: {words.number(count)} ({words.fault(reason)})", indent=2)
    if any(table.rows_aside or table.cells_aside for table in report.tables):
        page.paragraph(words.message("see_rejects", command="salesgauge rejects"))
    for name, why in report.ignored:
        page.paragraph(words.message("file_ignored", file=name, why=why))
    for note in report.notes:
        page.paragraph(note)
