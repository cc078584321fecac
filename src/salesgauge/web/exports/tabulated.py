"""Answers as a table: one row per KPI, period and group, numbers with all their digits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from salesgauge.semantics.kpi import Kpi
from salesgauge.store.names import NAMED
from salesgauge.web.batch import Reply
from salesgauge.web.exports.table import Table
from salesgauge.web.page import Page

_NUMBERS = ("value", "low", "high", "median", "p90", "numerator", "denominator", "n")


def tabulated(page: Page, answers: Sequence[tuple[Kpi, Reply]], by: Sequence[str]) -> Table:
    """The answers to questions that share their dimensions; one that is an error has a single row that says so."""
    words = page.words
    named = [dimension for dimension in by if dimension in NAMED]
    for dimension in named:
        page.learn(dimension, [row["by"][dimension] for _kpi, reply in answers for row in reply.rows])
    groups = [name for dimension in by for name in ((dimension, f"{dimension}_name") if dimension in named else (dimension,))]
    titles = [title for d in by for title in ((f"{words.dimension(d)} (ID)", words.dimension(d)) if d in named else (words.dimension(d),))]
    return Table(
        ("kpi", "start", "end", *groups, *_NUMBERS, "unit", "currency", "set_aside", "error"),
        (words.heading("kpi"), words.message("kpis_from"), words.message("kpis_before"), *titles,
         *(words.heading(name) for name in _NUMBERS), words.heading("unit"), words.heading("currency"), words.heading("set_aside"),
         words.message("kpis_error")),
        _rows(page, answers, by, named), asked_lines(page, [reply.query for _kpi, reply in answers]))


def _rows(page: Page, answers: Sequence[tuple[Kpi, Reply]], by: Sequence[str], named: Sequence[str]) -> Iterator[Sequence[Any]]:
    width = len(by) + len(named)
    for kpi, reply in answers:
        if reply.error:
            yield (kpi.id, None, None, *[None] * (width + len(_NUMBERS) + 3), reply.error["message"])
        for row in reply.rows:
            groups: list[Any] = []
            for dimension in by:
                key = row["by"][dimension]
                groups += [key, page.label(dimension, key)] if dimension in named else [key]
            aside = "; ".join(f"{reason}: {count}" for reason, count in row["excluded"].items()) or None
            yield (kpi.id, date.fromisoformat(row["start"]), date.fromisoformat(row["end"]), *groups,
                   *(row.get(name) for name in _NUMBERS), kpi.unit, page.currency if kpi.unit == "money" else None, aside, None)


def asked_lines(page: Page, queries: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """What was asked: the period, the filters, as of when, and each question as it was put."""
    words, view = page.words, page.view
    lines = [(words.heading("period"), page.period(view.span)), (words.heading("as_of"), words.instant(page.local(view.instant)))]
    lines += [(words.dimension(dimension), ", ".join(page.label(dimension, value) for value in values)) for dimension, values in view.where]
    lines += [(words.message("kpis_question"), json.dumps(query, ensure_ascii=False)) for query in queries]
    return tuple(lines)
