"""From a question's shape to one expression: each measure is aggregated by itself, the results are stacked and regrouped, so that
no join multiplies rows and no group is lost."""

from __future__ import annotations

import functools
from typing import Any

import ibis
import ibis.expr.types as ir

from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import Formula, Measure
from salesgauge.semantics.reasons import REASONS
from salesgauge.semantics.scan import KEY, Scan

_PARTS = ("num", "num_n", "dev", "den", "den_n", "median", "p90")


def answer_expression(kpi: Kpi, scan: Scan) -> ir.Table:
    """One row per span and group that has a row in a measure or one set aside, with the columns

    span, key_<dimension>..., num (sum or count), num_n (rows or entities), dev (squared deviations of the values from their mean),
    den, den_n, median, p90, aside_<reason>..., also_<name>...
    """
    formula = kpi.formula
    own = KpiColumns(scan, also=tuple(formula.also))
    num, den = formula.numerator, formula.denominator
    if den is None:
        return own.regrouped([own.part(scan.rows(num), num=num, counted=(num,))])
    if num.same_rows(den):
        return own.regrouped([own.part(scan.rows(num, den), num=num, den=den, counted=(num, den), quantiles=kpi.median),
                              *own.further(formula)])
    shared = num.fact == den.fact and num.set_aside == den.set_aside  # the same rows set aside count once: in the denominator
    top = own.part(scan.rows(num), num=num, counted=() if shared else (num,))
    bottom = own.part(scan.rows(den), den=den, counted=(den,))
    if set(top.columns) & own.keys == set(bottom.columns) & own.keys:
        return own.regrouped([top, bottom, *own.further(formula)])
    return own.broadcast(top, bottom)


class KpiColumns:
    """Makes and combines the aggregated parts of one KPI."""

    def __init__(self, scan: Scan, also: tuple[str, ...]) -> None:
        self._scan = scan
        self.keys = {KEY + d for d in scan.question.by}
        self._also = tuple(f"also_{name}" for name in also)
        self._aside = tuple(f"aside_{reason}" for reason in REASONS)

    def part(self, t: ir.Table, *, num: Measure | None = None, den: Measure | None = None, counted: tuple[Measure, ...] = (),
             quantiles: bool = False, also: str = "", aside_of: Measure | None = None) -> ir.Table:
        """The rows of one scan, aggregated by span and the keys that they carry."""
        if aside_of is not None:
            t = t.filter(t[aside_of.set_aside].notnull())
        groups = ["span", *sorted(self.keys & set(t.columns))]
        t, marks = _marked(t, {"num": num, "den": den})
        if marks:
            # where its rows set aside are counted elsewhere, they make no group here
            t = t.filter(_any(t, [f"holds_in_{side}" if counted else mark for side, mark in marks.items()]))
        aside = _aside_columns(t, counted)
        made: dict[str, Any] = {}
        if num is not None:
            source, value, where = _entities(t, num, marks["num"], groups)
            name = also or "num"
            made[name] = value.sum(where=where) if _is_sum(num) else where.sum()
            if not also:
                made |= {"num_n": where.sum(), "dev": value.var(where=where, how="pop") * where.sum()}
                if quantiles:
                    made |= {"median": value.quantile(0.5, where=where), "p90": value.quantile(0.9, where=where)}
            if source is not t:
                return self._beside_aside(source.group_by(groups).agg(**made), t, aside, groups)
        if den is not None:
            source, value, where = _entities(t, den, marks["den"], groups)
            made |= {"den": value.sum(where=where) if _is_sum(den) else where.sum(), "den_n": where.sum()}
            if source is not t:
                return self._beside_aside(source.group_by(groups).agg(**made), t, aside, groups)
        return t.group_by(groups).agg(**made, **aside)

    def _beside_aside(self, made: ir.Table, t: ir.Table, aside: dict[str, Any], groups: list[str]) -> ir.Table:
        """Sums over entities beside the counts of rows set aside, which are of rows."""
        return self.regrouped([made, t.group_by(groups).agg(**aside)], groups=groups) if aside else made

    def further(self, formula: Formula) -> list[ir.Table]:
        """The rows set aside of the measures that are watched, and the measures that only the formula reads, each under its name."""
        read = [self.part(self._scan.rows(m), num=m, also=f"also_{name}") for name, m in formula.also.items()]
        return [self.part(self._scan.rows(m), counted=(m,), aside_of=m) for m in formula.watched] + read

    def regrouped(self, parts: list[ir.Table], groups: list[str] | None = None) -> ir.Table:
        """Parts with the same keys, stacked and added up by group."""
        groups = groups or ["span", *sorted(self.keys)]
        columns = [c for c in (*_PARTS, *self._aside, *self._also) if any(c in p.columns for p in parts)]
        if len(parts) == 1:
            return self._complete(parts[0], groups)
        stacked = ibis.union(*[p.select(*groups, **{
            c: p[c].cast("float64") if c in p.columns else ibis.null("float64") for c in columns},
            belongs=ibis.literal(not any(c in p.columns for c in self._also))) for p in parts])
        made = stacked.group_by(groups).agg(**{c: stacked[c].sum() for c in columns}, belongs=stacked.belongs.max())
        return self._complete(made.filter(made.belongs), groups)  # what only the formula reads makes no group

    def broadcast(self, top: ir.Table, bottom: ir.Table) -> ir.Table:
        """The groups of the numerator, each beside the whole that the denominator has for the keys it carries (rule 4, †)."""
        shared = sorted(self.keys & set(bottom.columns))
        wide, narrow = (top, bottom) if len(self.keys & set(top.columns)) == len(self.keys) else (bottom, top)
        if wide is bottom:
            shared = sorted(self.keys & set(narrow.columns))
        held = narrow.rename({f"of_{c}": c for c in ("span", *shared)})
        j = wide.left_join(held, [wide.span == held.of_span, *(wide[c].identical_to(held[f"of_{c}"]) for c in shared)])
        both = {c: j[c].fill_null(0) + j[f"{c}_right"].fill_null(0) for c in wide.columns if f"{c}_right" in j.columns}
        return self._complete(j.mutate(**both), ["span", *sorted(self.keys)])

    def _complete(self, t: ir.Table, groups: list[str]) -> ir.Table:
        return t.select(*groups, *(c for c in (*_PARTS, *self._aside, *self._also) if c in t.columns))


def _is_sum(measure: Measure) -> bool:
    return measure.value is not None


def _marked(t: ir.Table, measures: dict[str, Measure | None]) -> tuple[ir.Table, dict[str, str]]:
    """Adds a column for each measure that says whether a row counts in it: its condition holds and nothing sets it aside."""
    marks = {side: f"counts_in_{side}" for side, m in measures.items() if m is not None}
    made = {}
    for side, measure in measures.items():
        if measure is None:
            continue
        holds = measure.where(t) if measure.where else ibis.literal(True)
        made[f"holds_in_{side}"] = holds.fill_null(False)
        made[marks[side]] = (holds & t[measure.set_aside].isnull() if measure.set_aside else holds).fill_null(False)
    return t.mutate(**made), marks


def _any(t: ir.Table, columns: list[str]) -> ir.BooleanValue:
    return functools.reduce(lambda a, b: a | b, (t[c] for c in columns))


def _aside_columns(t: ir.Table, counted: tuple[Measure, ...]) -> dict[str, Any]:
    setting = [m for m in counted if m.set_aside]
    if not setting:
        return {}
    column = t[setting[0].set_aside]
    return {f"aside_{reason}": (column == reason).fill_null(False).sum() for reason in setting[0].reasons}


def _entities(t: ir.Table, measure: Measure, mark: str, groups: list[str]) -> tuple[ir.Table, ir.NumericColumn, ir.BooleanColumn]:
    """What a measure aggregates: its rows, or where it says `per`, one row per entity with the sum of its rows."""
    if measure.per is None:
        value = t[measure.value].cast("float64") if measure.value else t[mark].cast("float64")
        return t, value, t[mark]
    rows = t.filter(t[mark] & t[measure.per].notnull())
    summed = rows[measure.value].cast("float64").sum() if measure.value else ibis.literal(1.0)
    each = rows.group_by([*groups, measure.per]).agg(of_entity=summed).mutate(is_entity=ibis.literal(True))
    return each, each.of_entity, each.is_entity


def side_expression(kpi: Kpi, scan: Scan, side: str) -> ir.Table:
    """The rows behind one side: record_table, record_id, contribution, and the columns that say how it came about."""
    measure = kpi.formula.numerator if side == "numerator" else kpi.formula.denominator
    assert measure is not None
    t = scan.rows(measure, records=True)
    t, marks = _marked(t, {"num": measure})
    t = t.filter(t[marks["num"]])
    table, column = measure.records
    if measure.per is not None and measure.value is None:  # entities are counted: each once
        t = t.group_by("span", entity=t[measure.per]).agg(**{c: t[c].arbitrary() for c in {column, *measure.because} - {measure.per}},
                                                         **({"record_table": t.record_table.arbitrary()} if table is None else {}))
        t = t.rename({measure.per: "entity"})
    contribution = t[measure.value].cast("float64") if measure.value else ibis.literal(1.0)
    return t.select(span=t.span, record_table=t.record_table if table is None else ibis.literal(table), record_id=t[column].cast("string"),
                    contribution=contribution, **{c: t[c] for c in measure.because if c != "record_id"})
