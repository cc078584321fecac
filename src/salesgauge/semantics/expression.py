"""From a question's shape to one expression: each measure is aggregated by itself, the results are stacked and regrouped, so that
no join multiplies rows and no group is lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.expr.datatypes import Array

from salesgauge.semantics.additions import Reading, has_quantiles
from salesgauge.semantics.answer import place_of
from salesgauge.semantics.distribution import QUANTILES
from salesgauge.semantics.entities import each_of, set_aside
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import Measure
from salesgauge.semantics.parts import Part, counting, filtered, parts_of
from salesgauge.semantics.reasons import REASONS
from salesgauge.semantics.scan import FIRST, KEY, Scan

_MOST = 999_999  # of the largest values that DuckDB gives
_SIDES = ("num", "den")
_PARTS = ("num", "num_n", "dev", "den", "den_n", "median", "p90", "median_error", "p90_error")


def answer_expression(kpi: Kpi, scan: Scan, reading: Reading | None = None, *, shared: bool = True) -> ir.Table:
    """One row per span and group that has a row in a measure or one set aside, with the columns

    span, key_<dimension>..., num (sum or count), num_n (rows or entities), dev (squared deviations of the values from their mean),
    den, den_n, median, p90, aside_<reason>..., also_<name>..., and where only the first groups are wanted of_groups: of how many

    With `reading` each part that can be added up is read from a rollup, and its quantiles from a distribution; where they may be
    approximate, median_error and p90_error say how far they may be from the exact ones. `shared`: what stands twice in a statement is
    computed once.
    """
    own = KpiColumns(kpi, scan)

    def made(part: Part) -> ir.Table:
        if reading is None or not reading.answers(part):
            return own.part(part)
        if reading.takes_each(part):
            return own.of_entities(part, reading.entities(part, kpi, scan, own.keys))
        added = reading.part(part, kpi, scan, own.keys)
        if not has_quantiles(part, kpi):
            return added
        groups = ["span", *sorted(own.keys & set(added.columns))]
        return own.regrouped([added, reading.quantiles(part, scan, own.keys)], groups=groups)
    sides, further = parts_of(kpi.formula)
    tables = [made(part) for part in sides]
    if len({frozenset(t.columns) & own.keys for t in tables}) > 1:
        return _first(kpi, scan, own.broadcast(*tables), shared)
    return _first(kpi, scan, own.regrouped([*tables, *(made(part) for part in further)]), shared)


def _first(kpi: Kpi, scan: Scan, t: ir.Table, shared: bool) -> ir.Table:
    """Of each span the groups that stand first, where only these are wanted (semantics/answer.py says in which order). All of them where
    the value is more than a division, or keys have an order of their own: then the answer is cut."""
    question, formula = scan.question, kpi.formula
    if not question.first or formula.value or any(place_of(kpi, d) for d in question.by):
        return t
    value = t.num.cast("float64").fill_null(0)
    if formula.denominator is not None:
        value = value / t.den.cast("float64").nullif(0)
    columns, t = t.columns, t.mutate(value__=value)
    t = _foremost(t) if shared else t.mutate(of_groups=t.count().over(group_by=t.span))
    keys = [order for d in question.by for order in (t[KEY + d].isnull(), t[KEY + d])]
    place = ibis.row_number().over(group_by=t.span, order_by=[t.value__.isnull(), ibis.desc(t.value__), *keys])
    placed = t.mutate(place__=place)
    return placed.filter(placed.place__ < FIRST).select(*columns, "of_groups")


def _foremost(t: ir.Table) -> ir.Table:
    """Rows among which are those of each span that stand first, with `of_groups`, told without putting all in order: those by value, and
    all where one without a value may be among them."""
    told = t.group_by(of_span=t.span).agg(of_groups=t.count(), largest__=_LARGEST(t.value__, ibis.least(FIRST, _MOST)))
    few = told.largest__.length().fill_null(0) < FIRST
    told = told.select("of_span", "of_groups", few__=few, least__=told.largest__.mins())
    j = t.inner_join(told, t.span == told.of_span)
    return j.filter(j.few__ | (j.value__ >= j.least__)).drop("of_span", "few__", "least__")


def _largest(value: float, number: int) -> Array[float]:
    """DuckDB: so many of the largest values, at most _MOST."""
    raise NotImplementedError


_LARGEST: Any = ibis.udf.agg.builtin(_largest, name="max")


class KpiColumns:
    """Makes and combines the aggregated parts of one KPI."""

    def __init__(self, kpi: Kpi, scan: Scan) -> None:
        self._kpi, self._scan = kpi, scan
        self.keys = {KEY + d for d in scan.question.by}
        self._also = tuple(f"also_{name}" for name in kpi.formula.also)
        self._aside = tuple(f"aside_{reason}" for reason in REASONS)

    def part(self, part: Part) -> ir.Table:
        """The rows of one scan, aggregated by span and the keys that they carry."""
        t = self._scan.rows(*part.measures)
        groups = ["span", *sorted(self.keys & set(t.columns))]
        t = filtered(t, part.conditions(t))
        aside = _aside_columns(t, part.counted)
        if part.per:
            each = _entities(t, part.measures[0], groups, aside)
            return self.of_entities(part, ibis.union(each, set_aside(t, groups, aside)) if aside else each)
        made: dict[str, Any] = {}
        for side, measure in part.sides.items():
            counts = counting(t, measure)
            counts = t["span"].notnull() if counts is None else counts
            made |= self._numbers(side, measure, t[measure.value].cast("float64") if measure.value else counts.cast("float64"), counts)
        return t.group_by(groups).agg(**made, **aside)

    def of_entities(self, part: Part, each: ir.Table) -> ir.Table:
        """The same of a part about entities (semantics/entities.py)."""
        made: dict[str, Any] = {c: each[c].sum() for c in self._aside if c in each.columns}
        for side, measure in part.sides.items():
            made |= self._numbers(side, measure, each.of_entity, each.counts)
        return each.group_by(["span", *sorted(self.keys & set(each.columns))]).agg(**made)

    def _numbers(self, side: str, measure: Measure, value: ir.NumericColumn, where: ir.BooleanValue) -> dict[str, Any]:
        """The columns of a side, from the values of its rows or entities and whether they count."""
        made: dict[str, Any] = {side: where.sum() if measure.value is None else value.sum(where=where)}
        if side in _SIDES:
            made[f"{side}_n"] = where.sum()
        if side == "num" and self._kpi.interval == "student":
            made["dev"] = value.var(where=where, how="pop") * where.sum()
        if side == "num" and self._kpi.median:
            made |= {name: value.quantile(share, where=where) for name, share in QUANTILES.items()}
        return made

    def regrouped(self, parts: list[ir.Table], groups: list[str] | None = None) -> ir.Table:
        """Parts with the same keys, stacked and added up by group."""
        groups = groups or ["span", *sorted(self.keys)]
        columns = [c for c in (*_PARTS, *self._aside, *self._also) if any(c in p.columns for p in parts)]
        if len(parts) == 1:
            return parts[0]
        stacked = ibis.union(*[p.select(*groups, **{
            c: p[c].cast("float64") if c in p.columns else ibis.null("float64") for c in columns},
            belongs=ibis.literal(not any(c in p.columns for c in self._also))) for p in parts])
        made = stacked.group_by(groups).agg(**{c: stacked[c].sum() for c in columns}, belongs=stacked.belongs.max())
        return self._complete(made.filter(made.belongs), groups)  # what only the formula reads makes no group

    def broadcast(self, top: ir.Table, bottom: ir.Table) -> ir.Table:
        """The groups of the numerator, each beside the whole that the denominator has for the keys it carries (rule 4, †)."""
        wide, narrow = (top, bottom) if self.keys <= set(top.columns) else (bottom, top)
        shared = sorted(self.keys & set(narrow.columns))
        held = narrow.rename({f"of_{c}": c for c in ("span", *shared)})
        j = wide.left_join(held, [wide.span == held.of_span, *(wide[c].identical_to(held[f"of_{c}"]) for c in shared)])
        both = {c: j[c].fill_null(0) + j[f"{c}_right"].fill_null(0) for c in wide.columns if f"{c}_right" in j.columns}
        return self._complete(j.mutate(**both), ["span", *sorted(self.keys)])

    def _complete(self, t: ir.Table, groups: list[str]) -> ir.Table:
        return t.select(*groups, *(c for c in (*_PARTS, *self._aside, *self._also) if c in t.columns))


def _aside_columns(t: ir.Table, counted: tuple[Measure, ...]) -> dict[str, Any]:
    setting = [m for m in counted if m.set_aside]
    if not setting:
        return {}
    column = t[setting[0].set_aside]
    return {f"aside_{reason}": (column == reason).sum() for reason in setting[0].reasons}


def _entities(t: ir.Table, measure: Measure, groups: list[str], asides: Iterable[str]) -> ir.Table:
    """One row per entity that has rows that count, with the sum of these."""
    assert measure.per is not None
    counts = counting(t, measure)
    rows = t if counts is None else t.filter(counts)
    return each_of(rows, groups, measure.per, rows[measure.value].cast("float64") if measure.value else None, asides)


def side_expression(kpi: Kpi, scan: Scan, side: str) -> ir.Table:
    """The rows behind one side: span, record_table, record_id, contribution, and `why_<column>` for each that says how it came about."""
    measure = kpi.formula.numerator if side == "numerator" else kpi.formula.denominator
    assert measure is not None
    t = scan.rows(measure, records=True)
    t = filtered(t, [counting(t, measure)])
    table, column = measure.records
    contribution = t[measure.value].cast("float64") if measure.value else ibis.literal(1, "float64")
    t = t.select(span=t.span, record_table=t.record_table if table is None else ibis.literal(table), record_id=t[column].cast("string"),
                 contribution=contribution, entity=t[measure.per] if measure.per else t[column],
                 **{f"why_{c}": t[c] for c in measure.because})
    if measure.per is not None and measure.value is None:  # entities are counted: each once
        t = t.filter(t.entity.notnull())
        rest = [c for c in t.columns if c not in ("span", "entity")]
        t = t.group_by("span", "entity").agg(**{c: t[c].min() for c in rest})
    return t.drop("entity")
