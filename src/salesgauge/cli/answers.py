"""Answers as tables for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from salesgauge import units
from salesgauge.cli.tables import Cell, Column, Page
from salesgauge.language import Language, language
from salesgauge.language.numbers import NO_BREAK


def print_answers(answers: Sequence[Mapping[str, Any]], lang: str, fiscal_year_start: int | None = None) -> None:
    """Each answer as a table: its periods and groups, the value with its interval, and what it comes from. `fiscal_year_start`: the
    month, where fiscal periods were asked for."""
    page, words = Page(), language(lang)
    for answer in answers:
        _print(page, words, answer, fiscal_year_start)


def _print(page: Page, words: Language, answer: Mapping[str, Any], fiscal_year_start: int | None) -> None:
    rows, unit, currency = answer["rows"], answer["unit"], answer["currency"]
    keys = list(rows[0]["by"]) if rows else []
    measured = any(row["denominator"] is not None for row in rows)
    ranged, middle = any(row["low"] is not None for row in rows), any("median" in row for row in rows)
    aside = any(row["excluded"] for row in rows)
    columns = [Column(words.heading("period")), *(Column(words.dimension(key)) for key in keys),
               Column(words.heading("value"), number=True, style="bold")]
    columns += [Column(words.heading("interval_95"), number=True)] if ranged else []
    columns += [Column(words.heading(key), number=True) for key in ("median", "p90")] if middle else []
    columns += [Column(words.heading(key), number=True) for key in ("numerator", "denominator")] if measured else []
    columns += [Column(words.heading("n"), number=True)]
    columns += [Column(words.heading("set_aside"))] if aside else []
    lines: list[list[str | Cell]] = []
    for row in rows:
        line: list[str | Cell] = [words.period(date.fromisoformat(row["start"]), date.fromisoformat(row["end"]),
                                                      fiscal_year_start=fiscal_year_start)]
        line += [group(words, key, row["by"][key]) for key in keys]
        line.append(words.value(row["value"], unit, currency, empty="words"))
        line += [words.interval(row["low"], row["high"], unit, currency)] if ranged else []
        line += [_quantile(words, row, key, unit, currency) for key in ("median", "p90")] if middle else []
        line += [words.number(row[key]) for key in ("numerator", "denominator")] if measured else []
        line.append(words.number(row["n"]))
        line += [set_aside(words, row["excluded"])] if aside else []
        lines.append(line)
    title = words.kpi_name(answer["kpi"], answer["kpi"])
    if answer["as_of"] is not None:
        title += f" ({words.message('as_of', instant=answer['as_of'])})"
    page.table(columns, lines, title)
    if not rows:
        page.paragraph(words.term("no_data"))
        page.space()
    if answer.get("left_out"):
        page.paragraph(words.message("kpis_more_slices", count=answer["left_out"]))
        page.space()


def _quantile(words: Language, row: Mapping[str, Any], key: str, unit: str, currency: str | None) -> str:
    """A quantile, and how far it may be from the exact one where it is approximate."""
    shown, error = words.value(row.get(key), unit, currency), row.get(f"{key}_error")
    if not error:
        return shown
    digits = units.decimals(row[key], unit, currency)
    step = 10.0 ** -(digits + 2 if unit == units.Unit.PERCENT else digits)
    return f"{shown}{NO_BREAK}± {words.value(math.ceil(error / step) * step, unit, currency, digits=digits)}"  # no less than it is


def group(words: Language, dimension: str, value: str | None) -> str | Cell:
    """A group's key in words."""
    return Cell(words.term("unknown"), "dim") if value is None else words.choice(dimension, value)


def set_aside(words: Language, excluded: Mapping[str, int]) -> str:
    """What was set aside and why."""
    return "; ".join(f"{words.number(count)} {words.reason(reason)}" for reason, count in excluded.items())
