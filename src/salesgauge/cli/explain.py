"""`salesgauge explain`: what a KPI is, what it is computed from, and the SQL that computes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options
from salesgauge.errors import MissingTable

if TYPE_CHECKING:
    from salesgauge.language import Language
    from salesgauge.semantics.kpi import Kpi
    from salesgauge.semantics.measure import Measure

_ANY_PERIOD = "2025"  # the SQL is the same for every period
_NEEDS = {"purchase": ("orders and order_lines", "opportunities"), "customer": ("orders", "opportunities", "contracts")}


@click.command("explain")
@click.argument("kpi", metavar="KPI")
@options.workspace
@options.filters
@options.grouping
@options.approximation
@click.option("--sql/--no-sql", default=True, help="Whether to show the SQL too (in a workspace with data).")
@options.form
@options.lang
def command(kpi: str, folder: Path, by: tuple[str, ...], where: tuple[str, ...], as_of: str | None, approximate: bool, sql: bool,
            form: str, lang: str) -> None:
    """Explains a KPI: its definition, formula, unit, interval, dimensions, the tables it needs, what it sets aside, its source; and in a
    workspace the SQL that it runs, of the question (with these --by, --where, --as-of and --approximate) and of what this reads: facts, or
    the tables kept beside them; or the one statement that answers a first question straight from the tables."""
    from salesgauge.cli import printing
    from salesgauge.cli.kpis import catalogue_of, dimensions
    from salesgauge.language import language
    words = language(lang)
    catalogue, shape = catalogue_of(folder)
    found = catalogue.find(kpi)
    told = describe(found, dimensions(found, shape), words)
    if sql and shape is not None:
        told["sql"] = _sql(folder, options.query_of(kpi, period=_ANY_PERIOD, by=by, where=where, as_of=as_of, approximate=approximate))
    if form == "json":
        printing.write_json(told)
    elif form == "csv":
        printing.write_csv(("part", "text"), _flat(told))
    else:
        _print(told, words)


def describe(kpi: Kpi, dimensions: tuple[str, ...], words: Language) -> dict[str, Any]:
    """Everything that the declaration of a KPI says."""
    from salesgauge.catalogue.documents import documents
    formula = kpi.formula
    measures = formula.measures()
    reasons = dict.fromkeys(reason for m in (*measures, *formula.watched) if m.set_aside for reason in m.reasons)
    needs = dict.fromkeys(need for m in measures for need in m.needs)
    return {
        "id": kpi.id, "name": words.kpi_name(kpi.id, kpi.id), "meaning": words.kpi_meaning(kpi.id, " ".join(kpi.meaning.split())),
        "area": kpi.area, "unit": kpi.unit, "kind": kpi.kind, "interval": kpi.interval, "median": kpi.median, "better": kpi.better or None,
        "watch": kpi.watch,
        "formula": {"numerator": _measure(formula.numerator), "denominator": _measure(formula.denominator) if formula.denominator else None,
                    "also": {name: _measure(m) for name, m in formula.also.items()}, "quotient": formula.value is None},
        "dimensions": list(dimensions), "one_sided": sorted(kpi.one_sided),
        "needs": [list(_NEEDS.get(need, tuple(need.split("|")))) for need in needs], "sets_aside": list(reasons),
        "source": kpi.source, "documents": list(documents(kpi.source)), "built_in": kpi.built_in, "declared_at": kpi.declared_at}


def _measure(measure: Measure) -> dict[str, Any]:
    return {"name": measure.name, "fact": measure.fact, "date": measure.on or None, "sum_of": measure.value, "per": measure.per}


def _sql(folder: Path, query: dict[str, Any]) -> dict[str, str]:
    import sqlglot

    from salesgauge.workspace import Workspace
    try:
        found = Workspace(folder).sql(query, alone=True)
    except MissingTable as lacking:
        return {"none": lacking.message}
    return {name: sqlglot.transpile(text, read="duckdb", write="duckdb", pretty=True)[0] for name, text in found.items()}


def _flat(told: dict[str, Any]) -> list[tuple[str, str]]:
    """What is told as parts and texts."""
    rows: list[tuple[str, str]] = []
    for key, value in told.items():
        if isinstance(value, dict):
            rows += [(f"{key}.{name}", text) for name, text in _flat(value)]
        elif isinstance(value, list):
            rows.append((key, ", ".join(" or ".join(v) if isinstance(v, list) else str(v) for v in value)))
        elif value is not None:
            rows.append((key, str(value)))
    return rows


def _print(told: dict[str, Any], words: Language) -> None:
    from salesgauge.cli.tables import Column, Page
    page = Page()
    page.heading(f"{told['name']} ({told['id']})")
    page.paragraph(told["meaning"])
    page.space()
    formula = told["formula"]
    measures = {side: formula[side] for side in ("numerator", "denominator") if formula[side]} | formula["also"]
    direction = {"up": "higher_is_better", "down": "lower_is_better", "band": "within_band"}
    mark = "†"
    facts = [(words.heading("area"), words.area(told["area"]))]
    if formula["quotient"]:
        facts.append((words.heading("formula"), " / ".join(m["name"] for m in measures.values())))
    facts += [(words.heading(side) if side in ("numerator", "denominator") else side, m["name"]) for side, m in measures.items()]
    facts += [(f"{words.heading('date_anchor')}: {m['name']}", f"{m['date']} ({m['fact']})") for m in measures.values() if m["date"]]
    facts += [(words.heading("kind"), words.term(f"kind_{told['kind']}")), (words.heading("unit"), words.unit(told["unit"]))]
    facts += [(words.heading("interval"), words.term(f"interval_{told['interval']}"))] if told["interval"] else []
    facts += [(words.heading("direction"), words.term(direction[told["better"]]))] if told["better"] else []
    facts += [(words.heading("watch"), f"{words.kpi_name(told['watch'], told['watch'])} ({told['watch']})")] if told["watch"] else []
    facts.append((words.heading("dimensions"), ", ".join(
        f"{words.dimension(d)} ({d}){mark if d in told['one_sided'] else ''}" for d in told["dimensions"])))
    facts.append((words.heading("needs"), "; ".join(" / ".join(choice) for choice in told["needs"])))
    facts += [(words.heading("set_aside"), ", ".join(words.reason(r) for r in told["sets_aside"]))] if told["sets_aside"] else []
    facts.append((words.heading("source"), " ".join((told["source"], *(f"({name})" for name in told["documents"])))
                  if told["built_in"] else told["declared_at"]))
    page.table([Column("", style="bold"), Column("")], facts, headed=False)
    if told["one_sided"]:
        page.paragraph(words.message("one_sided", mark=mark))
        page.space()
    for name, text in told.get("sql", {}).items():
        page.heading(f"SQL: {name}" if name != "none" else "SQL")
        if name == "straight":
            page.paragraph(words.message("explain_straight"))
        page.verbatim(text)
        page.space()
