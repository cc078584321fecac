"""What a KPI is: its words, formula, dates, tables, and what this very value sets aside; and the SQL that computes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from salesgauge.catalogue.documents import documents
from salesgauge.errors import QuestionError
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import CUSTOMER, PURCHASE, Measure
from salesgauge.web.batch import Row
from salesgauge.web.cards import refusal
from salesgauge.web.page import Page
from salesgauge.web.targets import told

_CHOICES = {PURCHASE: (("orders", "order_lines"), ("opportunities",)), CUSTOMER: (("orders",), ("opportunities",), ("contracts",))}
_DIRECTION = {"up": "higher_is_better", "down": "lower_is_better", "band": "within_band"}


@dataclass(frozen=True)
class Fact:
    """One line of a definition: what, and the words for it; `code`: it is a name of ours, not a sentence; `address` where it leads."""

    name: str
    text: str
    address: str | None = None
    code: bool = False


def facts(page: Page, kpi: Kpi, row: Row | None) -> tuple[Fact, ...]:
    """The lines of a definition; `row` is the answer's, for what it sets aside."""
    words, formula = page.words, kpi.formula
    sides = {"numerator": formula.numerator} | ({"denominator": formula.denominator} if formula.denominator else {})
    said = [Fact(words.heading("id"), kpi.id, code=True)]
    if formula.value is None and formula.denominator is not None:
        said.append(Fact(words.heading("formula"), " / ".join(words.measure(m.name) for m in sides.values())))
    said += [Fact(words.heading(side), _measure(page, measure)) for side, measure in sides.items()]
    said += [Fact(name, _measure(page, measure)) for name, measure in formula.also.items()]
    said += [Fact(words.heading("kind"), words.term(f"kind_{kpi.kind}")), Fact(words.heading("unit"), words.unit(kpi.unit))]
    if kpi.interval:
        said.append(Fact(words.heading("interval"), words.term(f"interval_{kpi.interval}")))
    if kpi.better:
        said.append(Fact(words.heading("direction"), words.term(_DIRECTION[kpi.better])))
    if target := told(page, kpi):
        said.append(Fact(words.heading("target"), target))
    if kpi.watch:
        said.append(Fact(words.heading("watch"), words.kpi_name(kpi.watch, kpi.watch), page.address(f"/kpis/{kpi.watch}")))
    dimensions = kpi.all_dimensions(page.shape)
    if dimensions:
        said.append(Fact(words.heading("dimensions"), ", ".join(
            words.dimension(d) + ("†" if d in kpi.one_sided else "") for d in dimensions)))
    said.append(Fact(words.heading("needs"), "; ".join(needs(page, kpi))))
    reasons = dict.fromkeys(why for m in (*formula.measures(), *formula.watched) if m.set_aside for why in m.reasons)
    counted: Mapping[str, int] = row["excluded"] if row else {}
    if reasons:
        said.append(Fact(words.heading("set_aside"), "; ".join(
            f"{words.reason(why)}: {words.number(counted.get(why, 0))}" for why in reasons)))
    said.append(Fact(words.heading("source"), " ".join((kpi.source, *(f"({name})" for name in documents(kpi.source))))
                     if kpi.built_in else kpi.declared_at))
    return tuple(said)


def needs(page: Page, kpi: Kpi) -> tuple[str, ...]:
    """The tables that a KPI needs, choices between them with "/", in words."""
    words = page.words
    found = dict.fromkeys(need for measure in kpi.formula.measures() for need in measure.needs)
    return tuple(" / ".join(" + ".join(words.table(name) for name in tables)
                            for tables in _CHOICES.get(need, tuple((name,) for name in need.split("|")))) for need in found)


def _measure(page: Page, measure: Measure) -> str:
    return f"{page.words.measure(measure.name)} ({measure.fact}{'.' + measure.on if measure.on else ''})"


def sql(page: Page, query: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | str:
    """The SQL that answers a query, part by part; or why there is none."""
    try:
        found = page.site.desk.sql(query, page.visitor.viewer, figures=True)
    except QuestionError as problem:
        return refusal(page, problem.code, problem.message)
    return tuple((name, _laid_out(text)) for name, text in found.items())


@lru_cache(maxsize=256)
def _laid_out(text: str) -> str:
    import sqlglot  # imported where used: it takes longer than a page does

    return str(sqlglot.transpile(text, read="duckdb", write="duckdb", pretty=True)[0])
