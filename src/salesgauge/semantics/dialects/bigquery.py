"""BigQuery: what is written otherwise there. Compiled only: none of it was ever run (docs/explanation/warehouses.md)."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.bigquery import BigQueryCompiler

from salesgauge.semantics.dialects.marking import marking
from salesgauge.semantics.dialects.warehouses import WarehouseWriting


@marking
class _BigQuery(WarehouseWriting, BigQueryCompiler):
    """Instants are DATETIMEs, which have no zone; the functions of TIMESTAMPs, which the expression library writes, do not take them."""

    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:
        """PERCENTILE_CONT is for windows only and APPROX_QUANTILES approximate: the values are gathered in their order and the two
        around the place are interpolated."""
        counted = arg if where is None else self.if_(where, arg, NULL)
        ordered = sge.Order(this=counted, expressions=[sge.Ordered(this=counted, nulls_first=True)])
        gathered = self.f.array_agg(sge.IgnoreNulls(this=ordered))
        at = sge.paren(self.f.array_length(gathered) - 1) * quantile
        low, high = (self._place(gathered, rounded) for rounded in (self.f.floor(at), self.f.ceil(at)))
        return low + sge.paren(high - low) * sge.paren(at - self.f.floor(at))

    def _place(self, gathered: Any, place: Any) -> Any:
        return sge.Bracket(this=gathered, expressions=[self.f.anon.safe_offset(sge.cast(place, "BIGINT"))])

    def visit_TimestampTruncate(self, op: Any, *, arg: Any, unit: Any) -> Any:
        """The beginning of the second, hour and so on."""
        return self.f.anon.datetime_trunc(arg, sge.var(unit.name))

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        """Whole seconds since 1970."""
        return self.f.anon.datetime_diff(arg, self.f.anon.datetime(1970, 1, 1, 0, 0, 0), sge.var("SECOND"))

    def visit_TimestampAdd(self, op: Any, *, left: Any, right: Any) -> Any:
        """An instant later."""
        return self.f.anon.datetime_add(left, right)

    def visit_DateAdd(self, op: Any, *, left: Any, right: Any) -> Any:
        """A day later."""
        return self.f.anon.date_add(left, right)

    def visit_Literal(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """Of an interval the number stands without quotes."""
        if value is not None and dtype.is_interval():
            return sge.Interval(this=sge.Literal.number(value), unit=sge.var(dtype.resolution.upper()))
        return super().visit_Literal(op, value=value, dtype=dtype)


_COMPILER = _BigQuery()


def _empty_last(tree: Any) -> Any:
    """In a window NULLS LAST cannot be said everywhere: whether a value is empty is sorted by first."""
    for window in tree.find_all(sge.Window):
        order = window.args.get("order")
        if order is not None:
            order.set("expressions", [key for by in order.expressions for key in (
                sge.Ordered(this=by.this.copy().is_(NULL), desc=False, nulls_first=True), by)])
    return tree


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_empty_last(_COMPILER.to_sqlglot(expression.unbind())).sql(_COMPILER.dialect))
