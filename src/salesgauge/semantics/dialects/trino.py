"""Trino (430 and later): what is written otherwise there. Compiled only: none of it was ever run (docs/explanation/warehouses.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.trino import TrinoCompiler
from ibis.common.temporal import IntervalUnit

from salesgauge.semantics.dialects.marking import marking
from salesgauge.semantics.dialects.warehouses import WarehouseWriting

_BEGINNING = datetime(1970, 1, 1)


@marking
class _Trino(WarehouseWriting, TrinoCompiler):
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """An instant as it stands: the expression library would take it through the session's zone."""
        return self._instant(value) if dtype.is_timestamp() else super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def _instant(self, at: datetime) -> Any:
        return self.cast(sge.convert(at.isoformat(sep=" ", timespec="microseconds")), dt.Timestamp(scale=6))

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:
        """Trino has approximate quantiles only: the values are gathered in their order and the two around the place are interpolated."""
        counted = arg.is_(NULL).not_() if where is None else sge.and_(where, arg.is_(NULL).not_())
        gathered = sge.Filter(this=self.f.array_agg(sge.Order(this=arg, expressions=[sge.Ordered(this=arg)])),
                              expression=sge.Where(this=counted))
        values = sge.to_identifier("gathered")
        at = self.cast(self.f.cardinality(values) - 1, dt.float64) * quantile
        low, high = (self.f.element_at(values, self.cast(rounded(at), dt.int64) + 1) for rounded in (self.f.floor, self.f.ceil))
        between = low + sge.paren(high - low) * sge.paren(at - self.f.floor(at))
        # the values bear a name by way of an array of one
        return self.f.element_at(self.f.transform(self.f.array(gathered), sge.Lambda(this=between, expressions=[values])), 1)

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        """Whole seconds since 1970 of an instant without a zone: to_unixtime would take it for one in the session's zone."""
        return self.f.anon.date_diff("second", self._instant(_BEGINNING), arg)

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:
        """The microseconds of a second, from the text of the instant: date_format's %f knows thousandths only."""
        return self.cast(self.f.substr(self.cast(self.cast(arg, dt.Timestamp(scale=6)), dt.string), -6), dt.int64)

    def visit_TimestampAdd(self, op: Any, *, left: Any, right: Any) -> Any:
        """Microseconds later by way of a count of nanoseconds: an INTERVAL knows thousandths of a second only."""
        if op.right.dtype.unit != IntervalUnit.MICROSECOND:
            return super().visit_TimestampAdd(op, left=left, right=right)
        second = self.f.date_trunc("second", left)
        since = self.cast(self.f.anon.date_diff("second", self._instant(_BEGINNING), second), dt.Decimal(38, 0)) * 1_000_000
        micros = self.visit_ExtractMicrosecond(op, arg=left) + op.right.value
        instant = self.f.anon.from_unixtime_nanos(sge.paren(since + micros) * 1000)
        return self.cast(sge.AtTimeZone(this=instant, zone=sge.convert("UTC")), dt.Timestamp(scale=6))


_COMPILER = _Trino()


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_COMPILER.to_sqlglot(expression.unbind()).sql(_COMPILER.dialect))
