"""Databricks SQL: what is written otherwise than in Spark. Compiled only: none of it was ever run (docs/explanation/warehouses.md)."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis.expr.types as ir
from ibis.backends.sql.compilers.databricks import DatabricksCompiler

from salesgauge.semantics.dialects.marking import marking
from salesgauge.semantics.dialects.spark import SparkWriting


@marking
class _Databricks(SparkWriting, DatabricksCompiler):
    SIMPLE_OPS: ClassVar[dict[Any, str]] = {}


_COMPILER = _Databricks()


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_COMPILER.to_sqlglot(expression.unbind()).sql(_COMPILER.dialect))
