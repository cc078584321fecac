"""Facts as expressions over nothing but the canonical tables and the spans, each with what it reads of other facts in its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ibis.expr.operations as ops
import ibis.expr.types as ir

from salesgauge.semantics.fact import Facts
from salesgauge.semantics.model import Model, Rows, in_spans
from salesgauge.semantics.narrowing import narrowed
from salesgauge.semantics.shape import Shape

PREFIX = "fact_"  # of the tables that stand for facts


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

    def part(self, name: str, rows: Rows | None = None, day: str | None = None) -> ir.Table:
        """A fact from some of the rows of one of the tables that it reads itself (None: from all); where its rows outside of the periods
        are not read, by which `day` they are outside."""
        return self._facts[name].build(_WholeModel(self._shape, self, rows, day))

    def instead_of_tables(self, expression: ir.Table, days: Mapping[str, Collection[str]]) -> ir.Table:
        """The expression with each fact in place of the table that stands for it; `days` by which the rows of each are chosen. A fact of
        which two measures read different columns is there twice, each narrowed to its own, so that an engine can leave out the rows that
        one does not count before it looks anything up; what is equal below is shared."""
        made = {}
        for table in expression.op().find(ops.UnboundTable):
            if table.name.startswith(PREFIX):
                name = table.name.removeprefix(PREFIX)
                day = next(iter(days[name])) if len(days.get(name, ())) == 1 else None
                made[table] = narrowed(self.part(name, day=day).select(*table.schema.names)).op()
        filled: ir.Table = expression.op().replace(made).to_expr()
        return filled


class _WholeModel(Model):
    """A model whose facts are expressions of their own, and whose one table may have lost the rows that nobody asks for."""

    def __init__(self, shape: Shape, whole: WholeFacts, rows: Rows | None, day: str | None) -> None:
        super().__init__(shape, lambda name: dict(whole.fact(name).schema()))
        self._whole, self._rows, self._day = whole, rows, day

    def fact(self, name: str) -> ir.Table:
        """Another fact."""
        return self._whole.fact(name)

    def part(self, name: str, column: str, rows: Rows) -> ir.Table:
        """The rows of another fact, from those of the table alone."""
        return self.at_least(name, rows)

    def at_least(self, name: str, rows: Rows) -> ir.Table:
        """The rows of another fact, from those of the table alone."""
        return self._whole.part(name, rows)

    def asked(self, t: ir.Table, day: str) -> ir.Table:
        """The rows of which the day lies between the first and the last of the periods, where those are all that is read."""
        return t.filter(in_spans(t[day])) if day == self._day else t

    def _stored(self, table: str) -> ir.Table:
        t = super()._stored(table)
        return t.semi_join(self._rows.distinct_ids(), [(self._rows.column, "id__")]) if self._rows and self._rows.table == table else t
