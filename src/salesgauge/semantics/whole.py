"""Facts as expressions over nothing but the canonical tables and the spans, each with what it reads of other facts in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from salesgauge.semantics.fact import Facts
from salesgauge.semantics.measure import Where
from salesgauge.semantics.model import FROM_ON, Model, Rows, in_spans
from salesgauge.semantics.narrowing import narrowed
from salesgauge.semantics.parts import filtered
from salesgauge.semantics.scan import Chosen
from salesgauge.semantics.shape import Shape

PREFIX = "fact_"  # of the tables that stand for facts
DAYS_APART = 2         # local time is at most 15 hours from UTC, and a clock that crossed the date line went back by a day

Counted = Sequence[tuple[Where, frozenset[str]]]  # conditions of which one holds for each row that counts, and what each reads


class WholeFacts:
    """The facts of one shape."""

    def __init__(self, shape: Shape, facts: Facts) -> None:
        self._shape, self._facts = shape, facts
        self._made: dict[str, ir.Table] = {}

    def fact(self, name: str) -> ir.Table:
        """A fact, from the first table to the last column."""
        if name not in self._made:
            self._made[name] = self.part(name)
        return self._made[name]

    def part(self, name: str, rows: Rows | None = None, day: str | None = None, counted: Counted = ()) -> ir.Table:
        """A fact from some of the rows of one of the tables that it reads itself (None: from all); where its rows outside of the periods
        are not read, by which `day` they are outside; where some rows do not count, which do."""
        return self._facts[name].build(_WholeModel(self._shape, self, rows, day, counted))

    def instead_of_tables(self, expression: ir.Table, chosen: Mapping[str, Chosen]) -> ir.Table:
        """The expression with each fact in place of the table that stands for it; of which it reads the `chosen` rows. A fact of which two
        measures read different columns is there twice, each narrowed to its own, so that an engine can leave out the rows that one does
        not count before it looks anything up; what is equal below is shared."""
        made = {}
        for table in expression.op().find(ops.UnboundTable):
            if table.name.startswith(PREFIX):
                name = table.name.removeprefix(PREFIX)
                part = self._asked(name, chosen[name]) if name in chosen else self.fact(name)
                made[table] = narrowed(part.select(*table.schema.names)).op()
        filled: ir.Table = expression.op().replace(made).to_expr()
        return filled

    def _asked(self, name: str, chosen: Chosen) -> ir.Table:
        """A fact of which no more than those rows are read."""
        day = next(iter(chosen.days)) if len(chosen.days) == 1 else None
        wide = ibis.table(self.fact(name).schema(), name="wide")
        counted = [(where, frozenset(field.name for field in where(wide).op().find(ops.Field))) for where in chosen.counted if where]
        return self.part(name, day=day, counted=() if None in chosen.counted else counted)


class _WholeModel(Model):
    """A model whose facts are expressions of their own, and whose one table may have lost the rows that nobody asks for."""

    def __init__(self, shape: Shape, whole: WholeFacts, rows: Rows | None, day: str | None, counted: Counted) -> None:
        super().__init__(shape, lambda name: dict(whole.fact(name).schema()))
        self._whole, self.rows, self._day, self._counted = whole, rows, day, counted

    def fact(self, name: str) -> ir.Table:
        """Another fact."""
        return self._whole.fact(name)

    def part(self, name: str, column: str, rows: Rows) -> ir.Table:
        """The rows of another fact, from those of the table alone."""
        return self.at_least(name, rows)

    def at_least(self, name: str, rows: Rows | None) -> ir.Table:
        """The rows of another fact, from those of the table alone."""
        return self._whole.part(name, rows) if rows else self._whole.fact(name)

    def asked(self, t: ir.Table, day: str, *told: str) -> ir.Table:
        """The rows of which the day lies between the first and the last of the periods, where those are all that is read; and of those
        which may count, where that is `told`."""
        if day != self._day:
            return t
        t = t.filter(in_spans(t[day]))
        return filtered(t, [where(t) for where, _reads in self._counted]) if all(reads <= {*told} for _where, reads in self._counted) else t

    def asked_from(self, t: ir.Table, at: str, day: str) -> ir.Table:
        """What happened from the first day on: an instant of a local day, whatever the zone and its clocks, is no further than DAYS_APART
        from that date in UTC."""
        first = ibis.literal(FROM_ON, type="date").cast("timestamp(6)") - ibis.interval(days=DAYS_APART)
        return t.filter(t[at] >= first) if day == self._day else t

    def apart(self, comparison: ir.BooleanValue) -> ir.BooleanValue:
        """The comparison in a form that DuckDB takes into no join: it filters a scan by the keys of the other side (a Bloom filter) for
        joins by one equality alone (measured with 1.5)."""
        return comparison.fill_null(False)

    def _stored(self, table: str) -> ir.Table:
        t = super()._stored(table)
        return t.semi_join(self.rows.distinct_ids(), [(self.rows.column, "id__")]) if self.rows and self.rows.table == table else t
