"""ClickHouse (24.8 and later): what is written otherwise there. tests/engines/test_clickhouse.py pins why.

What depends on settings of the connection (nulls of left joins, of empty aggregates) stands in store/engines/clickhouse.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler
from ibis.backends.sql.datatypes import ClickHouseType

from salesgauge.semantics.carrying import Carrying
from salesgauge.semantics.dialects.clickhouse_days import held_day
from salesgauge.semantics.dialects.marking import marking


class _Types(ClickHouseType):
    """Dates are Date32: Date begins in 1970 and ends in 2149."""

    @classmethod
    def _from_ibis_Date(cls, dtype: Any) -> Any:
        return sge.DataType(this=sge.DataType.Type.DATE32)


@marking
class _ClickHouse(Carrying, ClickHouseCompiler):
    type_mapper = _Types
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}

    def among(self, value: Any, several: Any) -> Any:
        """Whether a value is among a list."""
        return self.f.has(several, value)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """Days and instants in types that hold them; intervals shorter than a second, which the library refuses."""
        if dtype.is_date() or dtype.is_timestamp():
            held = held_day(value)
            assert held is not None, value
            if dtype.is_date():
                return self.f.toDate32(held.isoformat())
            assert isinstance(held, datetime)
            return self.f.toDateTime64(held.isoformat(sep=" ", timespec="microseconds"), 6, "UTC")
        if dtype.is_interval() and dtype.unit.short == "us":
            return self.f.toIntervalMicrosecond(value)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Date(self, op: Any, *, arg: Any) -> Any:
        """The day of an instant: toDate gives a Date."""
        return self.f.toDate32(arg)

    def _microseconds(self, arg: Any) -> Any:
        return self.f.toUnixTimestamp64Micro(self.f.toDateTime64(arg, 6, "UTC"))

    def _whole_seconds(self, arg: Any) -> Any:
        whole = self._microseconds(arg)
        return whole - self.f.positiveModulo(whole, 1_000_000)

    def visit_TimestampTruncate(self, op: Any, *, arg: Any, unit: Any) -> Any:
        """Before 1970 the start of a second would be that of the next one."""
        if unit.short == "s":
            return self.f.fromUnixTimestamp64Micro(self._whole_seconds(arg), "UTC")
        return super().visit_TimestampTruncate(op, arg=arg, unit=unit)

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:
        """toRelativeSecondNum is unsigned and 32 bits wide: it knows no time before 1970."""
        return self.f.intDiv(self._whole_seconds(arg), 1_000_000)

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:
        """A remainder has the sign of what was divided: before 1970 it would be negative."""
        return self.cast(self.f.positiveModulo(self._microseconds(arg), 1_000_000), op.dtype)

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:
        """`quantile` draws a sample, and interpolates otherwise."""
        return self._visit_quantile("quantileExactInclusive", arg, quantile, where)

    def visit_LagLead(self, op: Any, *, arg: Any, offset: Any, default: Any) -> Any:
        """Of a column that cannot be null, the row before the first would be 0 or an empty text."""
        return super().visit_LagLead(op, arg=self.f.toNullable(arg), offset=offset, default=default)

    visit_Lag = visit_Lead = visit_LagLead

    def visit_LastKnown(self, op: Any, *, arg: Any) -> Any:
        """As above: of no rows it would be 0 or an empty text."""
        return super().visit_LastKnown(op, arg=self.f.toNullable(arg))


_COMPILER = _ClickHouse()


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_COMPILER.to_sqlglot(expression.unbind()).sql(_COMPILER.dialect))
