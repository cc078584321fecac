"""PostgreSQL (14 and later): what is written otherwise there. tests/engines/test_postgresql.py pins why."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.postgres import PostgresCompiler

from salesgauge.semantics.carrying import LastKnown
from salesgauge.semantics.dialects.marking import marking


@marking
class _PostgreSQL(PostgresCompiler):
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}

    def among(self, value: Any, several: Any) -> Any:
        """Whether a value is among a list."""
        return sge.EQ(this=value, expression=sge.Any(this=sge.paren(several)))

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """A boolean as a number goes through integer: there is no cast from it to the others."""
        if op.arg.dtype.is_boolean() and to.is_numeric() and not to.is_int32():
            arg = self.cast(arg, dt.int32)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_LastKnown(self, op: Any, *, arg: Any) -> Any:
        """It does not pass over nulls: all others of a window's rows, as a list."""
        return sge.Filter(this=self.f.array_agg(arg), expression=sge.Where(this=arg.is_(sge.null()).not_()))

    def visit_WindowFunction(self, op: Any, *, func: Any, **window: Any) -> Any:
        """Of such a list the last. A list is as long as a group at most, and the changes of a deal are few."""
        made = super().visit_WindowFunction(op, func=func, **window)
        if not isinstance(op.func, LastKnown):
            return made
        return sge.Bracket(this=sge.paren(made), expressions=[self.f.anon.cardinality(made.copy())], offset=1)


_COMPILER = _PostgreSQL()


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_COMPILER.to_sqlglot(expression.unbind()).sql(_COMPILER.dialect))
