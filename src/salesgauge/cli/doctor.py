"""`salesgauge doctor`: what the data lack, and what that costs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings
from salesgauge.periods import Span, month_on

if TYPE_CHECKING:
    from salesgauge.language import Language
    from salesgauge.store.doctor import Finding
    from salesgauge.workspace import Workspace

COLUMNS = ("key", "finding", "table", "count", "total", "share", "examples", "kpis", "advice")


@click.command("doctor")
@options.workspace
@options.form
@options.lang
@click.pass_obj
def command(surroundings: Surroundings, folder: Path, form: str, lang: str) -> None:
    """Says what the data lack or contradict, which KPIs that costs, and what to do: tables that are absent, rows set aside, leads without
    an answer, deals closed before they were created, unknown stages, missing exchange rates, duplicated accounts and the like. Before
    that it compares every file of the store with what was loaded."""
    from salesgauge.cli import printing
    from salesgauge.cli.progress import watched
    from salesgauge.language import language
    from salesgauge.store.doctor import diagnose, examine
    from salesgauge.workspace import Workspace
    words = language(lang)
    workspace = Workspace(folder)
    now = surroundings.now()
    with watched("examining") as tell:
        found = examine(folder, tell)
        with workspace.reading() as con:
            found += diagnose(con, workspace.generation(), workspace.settings, workspace.catalogue, now, tell)
    found += without_denominator(workspace, now)
    if form == "table":
        _print(found, words)
        return
    rows = [_plain(finding, words) for finding in found]
    if form == "json":
        printing.write_json({"findings": rows})
    else:
        flat = [{**row, "examples": ";".join(row["examples"]), "kpis": ";".join(row["kpis"])} for row in rows]
        printing.write_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in flat))


def without_denominator(workspace: Workspace, now: datetime) -> list[Finding]:
    """The KPIs that had nothing to divide by in the last twelve whole months of the data, as one finding."""
    from salesgauge.store.doctor import Finding
    from salesgauge.store.recency import last_day
    with workspace.reading() as con:
        last = last_day(con, workspace.generation(), now)
    if last is None:
        return []
    end = month_on(last, 1)
    year = Span(month_on(end, -12), end)
    ratios = [kpi.id for kpi in workspace.catalogue.values() if kpi.formula.denominator is not None]
    answers = workspace.answer([{"kpi": kpi, "period": f"{year.start}..{year.end}"} for kpi in ratios])
    sound = [answer for answer in answers if "error" not in answer]
    empty = tuple(answer["kpi"] for answer in sound if not answer["rows"][0]["denominator"])
    return [Finding("no_denominator", None, len(empty), len(sound), (), empty)] if empty else []


def _plain(finding: Finding, words: Language) -> dict[str, Any]:
    return {"key": finding.key, "finding": words.finding(finding.key), "table": finding.table, "count": finding.count,
            "total": finding.total, "share": finding.share, "examples": list(finding.examples), "kpis": list(finding.kpis),
            "advice": words.advice(finding.key)}


def _print(found: list[Finding], words: Language) -> None:
    from salesgauge.cli.tables import Page
    from salesgauge.schema import TABLES
    page = Page()
    if not found:
        page.paragraph(words.message("no_findings"))
        return
    for finding in found:
        where = words.table(finding.table) if finding.table in TABLES else finding.table
        page.heading(f"{where}: {words.finding(finding.key)}" if where else words.finding(finding.key))
        counted = words.number(finding.count)
        if finding.total is not None:
            counted = words.message("part_of", part=counted, whole=words.number(finding.total)) + f" ({words.percent(finding.share)})"
        page.paragraph(counted, indent=2)
        if finding.examples:
            page.paragraph(f"{words.heading('examples')}: {', '.join(finding.examples)}", indent=2)
        if finding.kpis:
            names = ", ".join(words.kpi_name(kpi, kpi) for kpi in finding.kpis)
            page.paragraph(f"{words.heading('affected')}: {names}", indent=2)
        page.paragraph(f"{words.heading('what_to_do')}: {words.advice(finding.key)}", indent=2)
        page.space()
