"""Rollups: the additive parts of every measure of a fact, by the day of a date anchor (or its month) and some of the fact's columns; of a
fact of a period, whose rows belong to a period as a whole, by the period and some of its columns.

They are derived from the catalogue's measures: a KPI that is declared has them. Each column counts the rows that fulfil a condition, adds a
value up over them, or holds the squared deviations of the values from their mean; equal ones are kept once. Rows of different days and
groups can be put together again, deviations by the rule of Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
Computing Sample Variances" (1979), which never subtracts large squares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from salesgauge.semantics import distribution
from salesgauge.semantics.added import Added
from salesgauge.semantics.entities import each_of, set_aside
from salesgauge.semantics.entity_sums import EntitySums
from salesgauge.semantics.fact import Fact
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.measure import Measure, factor_of, owner
from salesgauge.semantics.parts import Part, any_of, counting, parts_of
from salesgauge.semantics.rollup import BUCKETS, COUNT, ENTITIES, SUMS, VALUES, Need, Rollup, single
from salesgauge.semantics.scan import Only, Scan

Schemas = Callable[[str], tuple[Fact, dict[str, str]]]

_OF_REP = ("team", "region", "manager", "tenure")  # what a rep and a day decide
_COUNT, _SUM, _PRESENT, _DEV = "n", "sum", "present", "dev"
_EACH_OR_NOT = ibis.literal(1, "int8"), ibis.literal(0, "int8")
_MOST = 2  # columns, beside those of the rep: more make no rollup, there would be as many rows as the fact has


@dataclass
class Additions:
    """The additive columns of a fact's rollups, and the distributions of its values, in the order in which the catalogue needs them.
    `owners`: the columns that say whose a row is."""

    wide: ir.Table
    owners: tuple[str, ...] = ()
    entities: dict[str, EntitySums] = field(default_factory=dict)  # by the column that tells those apart that parts are about
    _columns: dict[str, tuple[str, ops.Node | None, ops.Node | None]] = field(default_factory=dict)
    _names: dict[tuple[str, ops.Node | None, ops.Node | None], str] = field(default_factory=dict)
    _spread: dict[tuple[ops.Node, ops.Node | None], int] = field(default_factory=dict)

    def of(self, part: Part, kpi: Kpi) -> Added:
        """The columns that a part needs; those that there are not yet are added."""
        t, numbers = self.wide, {}
        belongs = any_of(part.conditions(t))
        rows = self._name(_COUNT, None, belongs)
        dev = present = total = None
        for side, measure in part.sides.items():
            counts, value = counting(t, measure), _value(t, measure)
            summed = self._name(_COUNT, None, counts) if value is None else self._name(_SUM, value, counts)
            numbers[side] = summed
            if not part.also or part.per:
                numbers[f"{side}_n"] = self._name(_COUNT, None, counts)
            if side == "num" and not part.per and kpi.interval == "student":
                value = _one(counts) if value is None else value
                present, dev, total = (self._name(kind, value, counts) for kind in (_PRESENT, _DEV, _SUM))
        setting = [m for m in part.counted if m.set_aside]
        if setting:
            reason_of = t[setting[0].set_aside]
            for reason in setting[0].reasons:
                aside = reason_of == reason
                numbers[f"aside_{reason}"] = self._name(_COUNT, None, aside if belongs is None else belongs & aside)
        added = Added(rows, numbers, dev, present, total)
        if part.per:
            self.entities.setdefault(part.per, EntitySums()).of(part, added, kpi)
        return added

    def spread(self, measure: Measure) -> int:
        """The number of the distribution of a measure's values; one that there is not yet is added."""
        counts, value = counting(self.wide, measure), _value(self.wide, measure)
        key = (_one(counts) if value is None else value).op(), None if counts is None else counts.op()
        return self._spread.setdefault(key, len(self._spread))

    def distribution(self, number: int, groups: Mapping[str, ir.Value], *, exactly: bool) -> ir.Table:
        """A distribution of the fact's rows by these groups."""
        value, condition = list(self._spread)[number]
        of: Any = value.to_expr()
        counts: Any = None if condition is None else condition.to_expr()
        return distribution.counted(self.wide if counts is None else self.wide.filter(counts), of, groups, exactly=exactly)

    def _name(self, kind: str, value: ir.Value | None, condition: ir.BooleanValue | None) -> str:
        key = (kind, None if value is None else value.op(), None if condition is None else condition.op())
        if key not in self._names:
            name = self._names[key] = f"{kind}_{len(self._names)}"
            self._columns[name] = key
        return self._names[key]

    def schema(self, names: Iterable[str]) -> dict[str, str]:
        """The types of some of the columns."""
        return {name: "int64" if self._columns[name][0] in (_COUNT, _PRESENT) else "float64" for name in names}

    def aggregated(self) -> dict[str, ir.Scalar]:
        """Each column as an aggregation of the fact's rows."""
        return {name: self._aggregated(*parts) for name, parts in self._columns.items()}

    def single(self) -> dict[str, ir.Value]:
        """Each column as one row of the fact has it."""
        return {name: self._single(*parts) for name, parts in self._columns.items()}

    def _aggregated(self, kind: str, value: ops.Node | None, condition: ops.Node | None) -> ir.Scalar:
        where: Any = None if condition is None else condition.to_expr()
        if kind == _COUNT:
            return self.wide.count() if where is None else self.wide.count(where=where)
        assert value is not None
        of: Any = value.to_expr()
        if kind == _SUM:
            return of.sum(where=where)
        if kind == _PRESENT:
            return of.count(where=where)
        return of.var(where=where, how="pop") * of.count(where=where)

    def _single(self, kind: str, value: ops.Node | None, condition: ops.Node | None) -> ir.Value:
        counts: Any = ibis.literal(True) if condition is None else condition.to_expr().fill_null(False)
        if kind == _COUNT:
            return counts.cast("int64")
        assert value is not None
        of: Any = value.to_expr()
        if kind == _SUM:
            return counts.ifelse(of, ibis.null("float64"))
        present = counts & of.notnull()
        return present.cast("int64") if kind == _PRESENT else present.ifelse(0.0, ibis.null("float64"))


def _value(t: ir.Table, measure: Measure) -> Any:
    """The value of a row in a measure, before it is multiplied by a factor; None where rows are counted."""
    factor = factor_of(measure)
    column = factor.of if factor else measure.value
    return t[column].cast("float64") if column else None


def _one(counts: ir.BooleanValue | None) -> Any:
    """What a row that is counted is worth, as a value."""
    return (ibis.literal(True, "boolean") if counts is None else counts).cast("float64")


class Rollups:
    """The rollups of one shape: what they hold."""

    def __init__(self, kpis: Iterable[Kpi], schemas: Schemas) -> None:
        self._kpis, self._schemas = list(kpis), schemas
        self._additions: dict[tuple[str, str], tuple[Additions, tuple[str, ...]]] = {}

    def answers(self, part: Part) -> bool:
        """Whether a part can be added up from days or periods and groups; one about entities from groups that have theirs."""
        period = self._schemas(part.measures[0].fact)[0].period
        return all((period or m.on) and (m.transform is None or m.factor is not None) for m in part.measures)

    def rungs(self, fact: str, on: str, columns: tuple[str, ...], per: str | None = None) -> tuple[tuple[str, ...], ...]:
        """The columns of the rollups that have these columns, the one first that should be looked at first: what is asked with a rep's
        team, region or manager is kept with all of these, since the rep and the day decide them; so is what is asked with `per`, which
        tells entities, since they decide the rep."""
        _additions, family = self.of(fact, on)
        asked = set(columns)
        if len(asked - {*family, per}) > _MOST:
            return ()
        whole = tuple(sorted(asked | set(family))) if per or asked & set(family) else columns
        return tuple(dict.fromkeys((whole, columns)))

    def expression(self, rollup: Rollup) -> ir.Table:
        """The rollup, aggregated from its fact, in order of quarter or period, of whose the rows are, and of all else that tells them
        apart (docs/decisions/0028); a month stands under its first day."""
        additions, _family = self.of(rollup.fact, rollup.on)
        t, when = additions.wide, _when(rollup.on)
        dated = {when: _whens(t, rollup), **{c: t[c] for c in rollup.columns}}
        if rollup.is_distribution:
            form, _of, number = rollup.held.partition("_")
            made = additions.distribution(int(number), dated, exactly=form == VALUES)
        elif entity := rollup.entity:
            each = t.group_by(**dated, **{entity: t[entity]}).agg(**additions.aggregated())
            made = each.group_by([when, *rollup.columns]).agg(**additions.entities[entity].aggregated(each, entity))
            made = _telling(made, each.filter(each[entity].notnull()), entity, when)
        else:
            made = t.group_by(**dated).agg(**additions.aggregated())
            for entity in sorted(set(additions.entities) & set(rollup.columns)):
                made = _telling(made, made, entity, when)
        owners = [column for column in additions.owners if column in rollup.columns]
        quarter, first = ([made[when].year(), made[when].quarter()], ()) if rollup.on and owners else ([], (when,))
        return made.filter(made[when].notnull()).order_by([*quarter, *dict.fromkeys((*first, *owners, when, *rollup.columns))])

    def sizes(self, rollup: Rollup) -> ir.Table:
        """One row: how many `rows` the fact has, how many of them are `dated` (of a distribution: how many values it counts), and how many
        rows the rollup would have (`groups`)."""
        additions, _family = self.of(rollup.fact, rollup.on)
        t = additions.wide
        if rollup.is_distribution:
            made = self.expression(rollup)
            counted = made.aggregate(dated=made[COUNT].sum().fill_null(0), groups=made.count())
            return t.aggregate(rows=t.count()).cross_join(counted)
        groups = t.select(when=_whens(t, rollup), **{c: t[c] for c in rollup.columns})
        sized = t.aggregate(rows=t.count(), dated=t[_when(rollup.on)].count())
        return sized.cross_join(groups.filter(groups.when.notnull()).distinct().aggregate(groups=lambda g: g.count()))

    def rows(self, fact: str, on: str) -> ir.Table:
        """The rows of a fact as a rollup has them, none put together: what stands in where no rollup is worth its place."""
        additions, _family = self.of(fact, on)
        t, several = additions.wide, {single(entity): _EACH_OR_NOT[1] for entity in sorted(additions.entities)}
        return t.select(*t.columns, **additions.single(), **several).filter(t[_when(on)].notnull())

    def of(self, fact: str, on: str) -> tuple[Additions, tuple[str, ...]]:
        """The additive columns of a fact and date anchor, and its columns of the rep family."""
        if (fact, on) not in self._additions:
            _declared, columns = self._schemas(fact)
            additions = Additions(ibis.table(columns, name=f"fact_{fact}"))
            measures: list[Measure] = []
            for kpi in self._kpis:
                for part in (p for several in parts_of(kpi.formula) for p in several):
                    if (part.measures[0].fact, part.measures[0].on) == (fact, on) and self.answers(part):
                        additions.of(part, kpi)
                        if has_quantiles(part, kpi):
                            additions.spread(part.measures[0])
                        measures += part.measures
            additions.owners = tuple(dict.fromkeys(column for m in measures if (column := owner(m, columns))))
            places = [f"{on}_{d}" if on else d for d in _OF_REP]
            self._additions[fact, on] = additions, tuple(c for c in dict.fromkeys((*additions.owners, *places)) if c in columns)
        return self._additions[fact, on]


def _telling(made: ir.Table, rows: ir.Table, entity: str, when: str) -> ir.Table:
    """A rollup, which says whether each of the rows (of a period) has another entity."""
    within = ["span"] if when == "span" else []
    each = rows.group_by([*within, entity]).agg(rows=rows.count())
    others = (each[entity].isnull() | (each.rows > 1)).sum().fill_null(0)
    told = each.aggregate(by=within, **{single(entity): (others == 0).ifelse(*_EACH_OR_NOT)})
    if not within:
        return made.cross_join(told)
    j = made.left_join(told, made.span == told.span)
    return j.select(*made.columns, **{single(entity): j[single(entity)].fill_null(_EACH_OR_NOT[0])})


def _when(on: str) -> str:
    """The column by which a rollup's rows lie in time."""
    return f"{on}_on" if on else "span"


def _whens(t: ir.Table, rollup: Rollup) -> ir.Value:
    when = t[_when(rollup.on)]
    return when.truncate("M").cast("date") if rollup.months else when


def has_quantiles(part: Part, kpi: Kpi) -> bool:
    """Whether quantiles are wanted of the values of a part's numerator, each of which is that of a row."""
    return kpi.median and part.num is not None and not part.also and not part.per


class Reading:
    """Reads the parts of one question from rollups. `needs` notes which. `together`: parts about entities from those that have put these
    together."""

    def __init__(self, rollups: Rollups, *, together: bool = False) -> None:
        self.answers, self._rollups, self._together = rollups.answers, rollups, together
        self.needs: list[Need] = []

    @property
    def can(self) -> bool:
        """Whether there may be rollups of some of what is needed, and of all for which nothing stands in."""
        return any(need.rungs for need in self.needs) and all(need.rungs for need in self.needs if need.required)

    def takes_each(self, part: Part) -> bool:
        """Whether a part is read from a row of each entity."""
        return part.per is not None and not self._together

    def part(self, part: Part, kpi: Kpi, scan: Scan, keys: set[str]) -> ir.Table:
        """A part as `KpiColumns.part` gives it, read from a rollup."""
        t, added, groups = self._rows(part, kpi, scan, keys, self._next)
        if added.dev and added.present and added.total:
            t = t.mutate(mean__=t[added.total].sum().over(group_by=groups) / t[added.present].sum().over(group_by=groups).nullif(0))
        made: dict[str, Any] = {number: t[column].sum() for number, column in added.numbers.items()}
        for side, measure in part.sides.items():
            if factor := factor_of(measure):
                made[side] = (t[added.numbers[side]] * t[factor.number]).sum()
        if added.dev and added.present and added.total:
            apart = t[added.total] / t[added.present].nullif(0) - t.mean__
            variance = (t[added.dev] + t[added.present] * apart * apart).sum() / t[added.present].sum().nullif(0)
            made["dev"] = variance * made["num_n"]  # what counts without a value weighs as much as the others
        return t.group_by(groups).agg(**made)

    def entities(self, part: Part, kpi: Kpi, scan: Scan, keys: set[str]) -> ir.Table:
        """The entities of a part about such, by span and keys (semantics/entities.py): where each row of a rollup has another entity, its
        rows as they are. Either kind is read by itself, so that a rollup that has none of it is not read for it."""
        side, measure = next(iter(part.sides.items()))
        name, per = self._next, measure.per
        assert per is not None

        def read(alone: bool) -> tuple[ir.Table, list[str], ir.NumericColumn | None, ir.BooleanColumn, dict[str, ir.IntegerColumn]]:
            """Rows; the columns of span and keys; of each row its value, whether it counts, and how many rows of the fact are set aside."""
            t, added, groups = self._rows(part, kpi, scan, keys, name, lambda rows: rows[single(per)] == int(alone))
            aside = {name: t[column] for name, column in added.asides.items()}
            return t, groups, t[added.numbers[side]] if measure.value else None, t[added.numbers[f"{side}_n"]] > 0, aside
        rows, groups, value, counts, aside = read(alone=True)
        found = [rows.select(*groups, of_entity=ibis.literal(1.0) if value is None else value, counts=counts, **aside)]
        rows, groups, value, counts, aside = read(alone=False)
        found.append(each_of(rows.filter(counts), groups, per, value, aside))
        if aside:
            found.append(set_aside(rows, groups, {name: number.sum() for name, number in aside.items()}))
        return ibis.union(*found)

    @property
    def _next(self) -> str:
        return f"rollup__{len(self.needs)}"

    def _rows(self, part: Part, kpi: Kpi, scan: Scan, keys: set[str], name: str, only: Only | None = None) -> tuple[
            ir.Table, Added, list[str]]:
        """The rows of the rollup that has this name in the question which belong to a part, which of its columns the part is in, and the
        columns of span and keys; `only` those of which this holds."""
        measure, each = part.measures[0], part.per if self.takes_each(part) else None
        additions, _family = self._rollups.of(measure.fact, measure.on)
        added, schema, held = additions.of(part, kpi), additions.schema, SUMS
        if part.per and not each:
            sums, held = additions.entities[part.per], f"{ENTITIES}_{part.per}"
            added, schema = sums.of(part, added, kpi), sums.schema
        told = {single(each): "int8"} if each else {}
        t, columns = scan.added(measure, name, schema(added.columns) | told, each, only)
        t = t.filter(t[added.rows] > 0)
        if factor := measure.factor:  # multiplied once they are put together: of one product there are many rows
            assert part.per is None and added.dev is None
            alike = list(dict.fromkeys(["span", *sorted(keys & set(t.columns)), *factor.meeting(scan)]))
            t = factor.beside(scan, t.group_by(alike).agg(**{n: t[n].sum() for n in added.columns}))
        rungs = self._rollups.rungs(measure.fact, measure.on, columns, each)
        need = Need(name, measure.fact, measure.on, rungs, (held,), each is not None)
        if need not in self.needs:
            self.needs.append(need)
        return t, added, ["span", *sorted(keys & set(t.columns))]

    def quantiles(self, part: Part, scan: Scan, keys: set[str]) -> ir.Table:
        """The quantiles of a part's numerator by span and the keys that it carries, and their errors where they may be approximate."""
        measure = part.measures[0]
        additions, _family = self._rollups.of(measure.fact, measure.on)
        name, number, approximate = self._next, additions.spread(measure), scan.question.approximate
        t, columns = scan.added(measure, name, distribution.COLUMNS if approximate else distribution.COUNTED)
        held = (f"{VALUES}_{number}", *((f"{BUCKETS}_{number}",) if approximate else ()))
        self.needs.append(Need(name, measure.fact, measure.on, (columns,) if measure.on and len(columns) <= _MOST else (), held))
        return distribution.quantiles(t, ["span", *sorted(keys & set(t.columns))], exactly=not approximate)
