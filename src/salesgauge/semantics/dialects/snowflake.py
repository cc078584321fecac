"""Snowflake: what is written otherwise there. Compiled only: none of it was ever run (docs/explanation/warehouses.md)."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.snowflake import SnowflakeCompiler
from ibis.backends.sql.datatypes import SnowflakeType

from salesgauge.semantics.dialects.marking import marking
from salesgauge.semantics.dialects.warehouses import WarehouseWriting


class _Types(SnowflakeType):
    """An instant has no zone of its own: TIMESTAMP_NTZ, whatever a session takes plain TIMESTAMP for."""

    @classmethod
    def from_ibis(cls, dtype: Any) -> Any:
        """The type's name there."""
        return sge.DataType(this=sge.DataType.Type.TIMESTAMPNTZ) if dtype.is_timestamp() else super().from_ibis(dtype)


@marking
class _Snowflake(WarehouseWriting, SnowflakeCompiler):
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}
    type_mapper = _Types

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """A number with a point would be a NUMBER of so many places, and so would what is computed with it: it is a DOUBLE."""
        if dtype.is_floating():
            return self.cast(sge.convert(float(value)), dt.float64)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Divide(self, op: Any, *, left: Any, right: Any) -> Any:
        """A division of doubles: that of whole numbers would keep six places only."""
        return sge.paren(self._double(op.left, left)) / sge.paren(self._double(op.right, right))

    def _double(self, op: Any, value: Any) -> Any:
        return value if op.dtype.is_floating() else self.cast(value, dt.float64)

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:
        """The share stands as a plain number, since it must be a constant there."""
        return super().visit_Quantile(op, arg=arg, quantile=sge.convert(op.quantile.value), where=where)

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:
        """The microseconds of a second, also before 1970, where the rest of a negative count would be negative."""
        return self.cast(self.f.floor(self.f.date_part("nanosecond", arg) / 1000), dt.int64)

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """A day as text in one form, whatever form the session writes days in."""
        if op.arg.dtype.is_date() and to.is_string():
            return self.f.anon.to_char(arg, "YYYY-MM-DD")
        return super().visit_Cast(op, arg=arg, to=to)


_COMPILER = _Snowflake()


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_COMPILER.to_sqlglot(expression.unbind()).sql(_COMPILER.dialect))
