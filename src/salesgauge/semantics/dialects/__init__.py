"""The SQL of engines: one file each, which says what that engine lacks or does otherwise, and what is written instead."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

DUCKDB = "duckdb"


def writer(dialect: str) -> Callable[[ir.Table], str]:
    """What makes SQL of an expression in a dialect: of DuckDB with $name for its parameters, of others with marks (marks.py)."""
    if dialect == DUCKDB:
        from salesgauge.semantics.sql import to_sql
        return to_sql
    made: Callable[[ir.Table], str] = importlib.import_module(f"salesgauge.semantics.dialects.{dialect}").write
    return made
