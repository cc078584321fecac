"""Spark SQL (4.0 and later): what is written otherwise there. Its session runs in UTC (store/engines/spark.py sees to that), since elapsed
seconds are counted through its zone."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType

from salesgauge.semantics.carrying import Carrying
from salesgauge.semantics.dialects.marking import marking


class _Types(PySparkType):
    """An instant has no zone of its own: TIMESTAMP_NTZ, where Spark's plain TIMESTAMP is one in the session's zone."""

    @classmethod
    def from_ibis(cls, dtype: Any) -> Any:
        """The type's name there."""
        return sge.DataType(this=sge.DataType.Type.TIMESTAMPNTZ) if dtype.is_timestamp() else super().from_ibis(dtype)


class SparkWriting(Carrying, PySparkCompiler):
    """What Spark and its kin have in common."""

    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}
    type_mapper = _Types

    def among(self, value: Any, several: Any) -> Any:
        """Whether a value is among a list."""
        return sge.In(this=value, expressions=[several])

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """A number with a point would be a DECIMAL, and so would what is computed with it: it is a DOUBLE."""
        if dtype.is_floating():
            return self.cast(sge.convert(float(value)), dt.float64)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Field(self, op: Any, *, rel: Any, name: str) -> Any:
        """A column as it is: the expression library would look into an option of a connection that there is not."""
        return sge.column(name, table=rel.alias_or_name, quoted=True)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """Whether a value is empty. The expression library takes NaN for empty as well; no stored number is NaN."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        """Whether a value is not empty."""
        return arg.is_(NULL).not_()

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:
        """The microseconds of a second, which Spark only gives as the fraction of EXTRACT(SECOND), exactly."""
        micros = self.cast(sge.Extract(this=sge.var("SECOND"), expression=arg) * sge.convert(1_000_000), dt.int64)
        return sge.Mod(this=micros, expression=sge.convert(1_000_000))

    def visit_Divide(self, op: Any, *, left: Any, right: Any) -> Any:
        """A division of doubles that gives nothing where there is nothing to divide by, where ANSI mode would end the query."""
        return self.f.anon.try_divide(self._double(op.left, left), self._double(op.right, right))

    def _double(self, op: Any, value: Any) -> Any:
        return value if op.dtype.is_floating() else self.cast(value, dt.float64)


@marking
class _Spark(SparkWriting):
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}


_COMPILER = _Spark()


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_COMPILER.to_sqlglot(expression.unbind()).sql(_COMPILER.dialect))
