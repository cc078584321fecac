"""Expressions as SQL text with placeholders. The only module that knows how a dialect writes what stands for a parameter."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from salesgauge.semantics.carrying import Carrying
from salesgauge.semantics.distribution import QUANTILES

_PLACEHOLDERS = (
    (re.compile(r"MAKE_TIMESTAMP\(1111, 11, 11, 11, 11, 11\.0\)"), "$as_of_at"),
    (re.compile(r"MAKE_DATE\(1111, 11, 12\)"), "$as_of_on"),
    (re.compile(r"MAKE_DATE\(1111, 11, 13\)"), "GETVARIABLE('from_on')"),
    (re.compile(r"MAKE_DATE\(1111, 11, 14\)"), "GETVARIABLE('until_on')"),
    (re.compile(r"IN \(-7777\)"), "IN (SELECT UNNEST(CAST($spans AS BIGINT[])))"),
    (re.compile(r"-8888\b"), "$first"),
    (re.compile("IN \\('\u27e6where(\\d+)\u27e7'\\)"), r"IN (SELECT UNNEST($where\1))"),
    (re.compile("'\u27e6viewer\u27e7'"), "$viewer"),
)
_LEFT = re.compile(r"MAKE_TIMESTAMP\(1111,|MAKE_DATE\(1111,|-7777|-8888|\u27e6")


class _DuckDB(Carrying, DuckDBCompiler):
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}  # else what is inherited is made anew (dialects/marking.py)

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:
        """One of the quantiles that are asked for together, out of all of them: what stands twice DuckDB computes once, by one sort."""
        shares = list(QUANTILES.values())
        if op.quantile.value not in shares:
            return super().visit_Quantile(op, arg=arg, quantile=quantile, where=where)
        together = self.agg.quantile_cont(arg, self.f.array(*shares), where=where)
        return self.f.list_extract(together, shares.index(op.quantile.value) + 1)

    def visit_Sum(self, op: Any, *, arg: Any, where: Any) -> Any:
        """A sum of whole numbers as one of 64 bits: DuckDB gives 128, which takes five times as long to fetch, and is kept as a double."""
        found = super().visit_Sum(op, arg=arg, where=where)
        return self.cast(found, op.dtype) if op.dtype.is_integer() else found

    def visit_WindowFunction(self, op: Any, *, func: Any, **more: Any) -> Any:
        """What is cast is the sum over the window."""
        if isinstance(func, sge.Cast):
            return sge.Cast(this=super().visit_WindowFunction(op, func=func.this, **more), to=func.to)
        return super().visit_WindowFunction(op, func=func, **more)


_COMPILER = _DuckDB()


def to_sql(expression: ir.Table) -> str:
    """The DuckDB SQL of an expression, with $as_of_at, $as_of_on, $spans, $where0..., $viewer, $first as its parameters."""
    sql = str(_COMPILER.to_sqlglot(expression.unbind()).sql("duckdb"))
    for form, placeholder in _PLACEHOLDERS:
        sql = form.sub(placeholder, sql)
    assert not _LEFT.search(sql), f"a parameter was not replaced: {sql}"
    return sql


def parameters_of(sql: str) -> frozenset[str]:
    """The names of the placeholders that SQL text has."""
    return frozenset(re.findall(r"\$([a-z_]+\d*)", sql))
