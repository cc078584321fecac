"""`salesgauge scorecard`: all KPIs of a period beside the previous one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings
from salesgauge.errors import WorkspaceError
from salesgauge.periods import Span, month_on, previous, read_instant, read_period

if TYPE_CHECKING:
    from salesgauge.cli.tables import Cell, Page
    from salesgauge.language import Language
    from salesgauge.semantics.comparison import Comparison
    from salesgauge.semantics.kpi import Kpi
    from salesgauge.workspace import Workspace

SIGNS = {"better": "▲", "worse": "▼", "higher": "↑", "lower": "↓", "unchanged": "="}
_COLOURS = {"better": "green", "worse": "red"}
SMALL = "*"
COLUMNS = ("area", "kpi", "name", "unit", "value", "previous", "change", "verdict", "low", "high", "n", "previous_n", "small_sample",
           "excluded", "problem")


@dataclass(frozen=True)
class Line:
    """A KPI of the scorecard: the comparison, or why there is none."""

    kpi: Kpi
    comparison: Comparison | None
    problem: dict[str, str] | None


@click.command("scorecard")
@options.workspace
@click.option("--period", metavar="PERIOD", help="The period (default: the last whole month of the data).")
@options.filters
@options.form
@options.lang
@click.pass_obj
def command(surroundings: Surroundings, folder: Path, period: str | None, where: tuple[str, ...], as_of: str | None, form: str,
            lang: str) -> None:
    """Shows every KPI of a period beside the previous one: the value, the change and whether it is for the better.

    With --where only the KPIs that have the dimension have a value. Shares and averages of fewer than 30 cases are marked.
    """
    from salesgauge.workspace import Workspace
    workspace = Workspace(folder)
    span = (last_month(workspace, surroundings.now(), as_of) if period is None
            else read_period(period, workspace.settings.fiscal_year_start))
    show(workspace, span, where, as_of, form, lang)


def last_month(workspace: Workspace, now: datetime, as_of: str | None) -> Span:
    """The last calendar month that the data cover to its end; WorkspaceError where nothing ever happened."""
    from salesgauge.store.recency import last_day
    until = now if as_of is None else read_instant(as_of, workspace.settings.zone)
    with workspace.reading() as con:
        last = last_day(con, workspace.generation(), until)
    if last is None:
        raise WorkspaceError("nothing has happened in the data yet; say for which period: --period 2025-03")
    end = month_on(last + timedelta(days=1), 0)
    return Span(month_on(end, -1), end)


def show(workspace: Workspace, span: Span, where: tuple[str, ...], as_of: str | None, form: str, lang: str) -> None:
    """Writes the scorecard of a period."""
    from salesgauge.cli import printing
    from salesgauge.language import language
    words = language(lang)
    before = previous(span)
    lines = compare(workspace, span, before, where, as_of)
    if form == "table":
        _print(workspace, span, before, lines, words)
        return
    rows = [_plain(line, words) for line in lines]
    if form == "json":
        printing.write_json({"period": _ends(span), "previous": _ends(before), "as_of": as_of, "timezone": workspace.settings.timezone,
                             "currency": workspace.settings.currency, "kpis": rows})
    else:
        flat = [{**row, "excluded": ";".join(f"{r}={n}" for r, n in row["excluded"].items()),
                 "problem": row["problem"] and row["problem"]["message"]} for row in rows]
        printing.write_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in flat))


def compare(workspace: Workspace, span: Span, before: Span, where: tuple[str, ...], as_of: str | None) -> list[Line]:
    """Every KPI in both periods, asked as one batch, in the order of the catalogue."""
    from salesgauge.semantics.comparison import Comparison
    kpis = list(workspace.catalogue.values())
    queries = [options.query_of(kpi.id, period=f"{each.start}..{each.end}", where=where, as_of=as_of)
               for each in (span, before) for kpi in kpis]
    answers = workspace.answer(queries)
    lines = []
    for kpi, now, then in zip(kpis, answers[:len(kpis)], answers[len(kpis):], strict=True):
        problem = now.get("error") or then.get("error")
        lines.append(Line(kpi, None if problem else Comparison(kpi, now["rows"][0], then["rows"][0]), problem))
    return lines


def _ends(span: Span) -> dict[str, str]:
    return {"start": span.start.isoformat(), "end": span.end.isoformat()}


def _plain(line: Line, words: Language) -> dict[str, Any]:
    kpi, found = line.kpi, line.comparison
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | {
        "area": kpi.area, "kpi": kpi.id, "name": words.kpi_name(kpi.id, kpi.id), "unit": kpi.unit, "small_sample": False, "excluded": {},
        "problem": line.problem}
    if found is not None:
        row |= {"value": found.now["value"], "previous": found.before["value"], "change": found.change, "verdict": found.verdict,
                "low": found.now["low"], "high": found.now["high"], "n": found.now["n"], "previous_n": found.before["n"],
                "small_sample": found.small, "excluded": found.now["excluded"]}
    return row


def _print(workspace: Workspace, span: Span, before: Span, lines: list[Line], words: Language) -> None:
    from salesgauge.cli.tables import Column, Page
    from salesgauge.semantics.comparison import FEW
    page, currency, fiscal = Page(), workspace.settings.currency, workspace.settings.fiscal_year_start
    fiscal_start = fiscal if fiscal > 1 else None
    names = [words.period(each.start, each.end, fiscal_year_start=fiscal_start) for each in (span, before)]
    page.heading(f"{words.heading('overview')}: {names[0]} ({words.message('compared_with', period=names[1])})")
    page.space()
    columns = [Column(words.heading("kpi")), Column(names[0], number=True, style="bold"), Column(words.heading("interval_95"), number=True),
               Column(names[1], number=True), Column(words.heading("change"), number=True), Column("")]
    for area, several in groupby(lines, key=lambda line: line.kpi.area):
        group = list(several)
        told = [line for line in group if line.comparison and line.comparison.now["value"] is not None]
        if told:
            page.table(columns, [_cells(line, currency, words) for line in told], words.area(area))
        else:
            page.heading(words.area(area))
        _silent(page, [line for line in group if line not in told], words)
    if any(line.comparison and line.comparison.small for line in lines):
        page.paragraph(words.message("small_sample", mark=SMALL, number=FEW))


def _cells(line: Line, currency: str, words: Language) -> list[str | Cell]:
    from salesgauge.cli.tables import Cell
    found, unit = line.comparison, line.kpi.unit
    assert found is not None
    now, before = found.now, found.before
    verdict = found.verdict
    moved = words.change(found.change, unit, currency) if unit in ("percent", "score") or found.growth is None \
        else words.percent(found.growth, signed=True)
    said = Cell(f"{SIGNS[verdict]} {words.term(verdict)}", _COLOURS.get(verdict, "")) if verdict else ""
    return [words.kpi_name(line.kpi.id, line.kpi.id), words.value(now["value"], unit, currency) + (SMALL if found.small else ""),
            words.interval(now["low"], now["high"], unit, currency), words.value(before["value"], unit, currency), moved, said]


def _silent(page: Page, lines: list[Line], words: Language) -> None:
    """The KPIs without a value, each with the reason."""
    for line in lines:
        page.paragraph(f"{words.kpi_name(line.kpi.id, line.kpi.id)}: {_why(line, words)}", indent=2)
    if lines:
        page.space()


def _why(line: Line, words: Language) -> str:
    if line.problem:
        code, message = line.problem["code"], line.problem["message"]
        if code == "missing_table":
            return words.message("needs_table", table=message.rpartition(" needs ")[2])
        return words.term("no_such_dimension") if code == "bad_dimension" else message
    from salesgauge.cli.answers import set_aside
    assert line.comparison is not None
    now = line.comparison.now
    reasons = [f"{words.term('denominator')} = 0"] if now["denominator"] == 0 else []
    reasons += [set_aside(words, now["excluded"])] if now["excluded"] else []
    return words.term("no_data") + (f" ({'; '.join(reasons)})" if reasons else "")
