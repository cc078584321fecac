"""What means one thing on one engine and another on the next, in expressions and in the SQL of a dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge

from semantics.dialects.catalogue import called
from semantics.dialects.functions import KNOWN


def _texts(node: Any) -> bool:
    return any(argument.dtype.is_string() for argument in node.args if isinstance(argument, ops.Value))


def _named(node: Any) -> str | None:
    return node.name if isinstance(node, ops.Field) else None


def _whole(unit: str) -> Callable[[Any], bool]:
    return lambda node: node.part.value == unit if isinstance(node, ops.DateDelta) else node.unit.short == unit


def _divides(node: ops.Divide) -> bool:
    """By what is never 0: by zero there is an error, nothing, or an infinite number."""
    by = node.right
    if isinstance(by, ops.Greatest):
        return any(isinstance(value, ops.Literal) and value.value > 0 for value in by.arg)
    return isinstance(by, ops.NullIf) or (isinstance(by, ops.Literal) and by.value not in (0, None))


def _casts(node: ops.Cast) -> bool:
    """Fractions never become whole numbers (cut off, or rounded to even or away from 0), instants and fractions never texts."""
    return (str(node.arg.dtype), str(node.to)) in {
        ("boolean", "int64"), ("boolean", "float64"), ("int32", "float64"), ("int64", "float64"), ("int8", "int64"), ("int64", "string"),
        ("int32", "int64"), ("int16", "int64"), ("date", "string"), ("date", "timestamp(6)")}


# What may stand in the catalogue only where it means the same everywhere, and when that is.
WHERE_ALIKE: dict[str, Callable[[Any], bool]] = {
    "Divide": _divides, "Cast": _casts,
    "Less": lambda node: not _texts(node), "LessEqual": lambda node: not _texts(node),  # which text comes first depends on a collation
    "Greater": lambda node: not _texts(node), "GreaterEqual": lambda node: not _texts(node),
    "TimestampTruncate": _whole("s"), "DateDelta": _whole("day"),           # a week begins on another day elsewhere
    "DateAdd": lambda node: node.right.dtype.unit.short in ("M", "D"), "DateSub": lambda node: node.right.dtype.unit.short == "D",
    "TimestampAdd": lambda node: node.right.dtype.unit.short in ("D", "us"),
    "Lag": lambda node: node.default is None, "Lead": lambda node: node.default is None,
    "ArgMax": lambda node: node.key.dtype.is_integer(),                     # numbers of rows: there are no two that are equal
    "ArgMin": lambda node: _named(node.key) == "activity_id" or (  # or where what belongs to equal keys is equal
        (_named(node.arg), _named(node.key)) == ("occurred_at_local", "occurred_at")),
    "Quantile": lambda node: node.arg.dtype.is_floating(),
    "Sum": lambda node: node.arg.dtype.is_numeric() or node.arg.dtype.is_boolean(), "Mean": lambda node: node.arg.dtype.is_floating(),
    "Variance": lambda node: node.how == "pop"}
# What means the same everywhere as it is, or as the dialect's file writes it.
ALIKE = frozenset((
    "Add", "Aggregate", "And", "Any", "Coalesce", "CountStar", "Date", "DateFromYMD", "Distinct", "DropColumns", "Equals",
    "ExtractEpochSeconds", "ExtractMicrosecond", "ExtractMonth", "ExtractYear", "Field", "Filter", "Greatest", "IdenticalTo", "IfElse",
    "InValues", "IsNull", "JoinChain", "JoinLink", "JoinReference", "LastKnown", "Least", "Literal", "Max", "Min", "Multiply", "Negate",
    "Not", "NotEquals", "NotNull", "NullIf", "Or", "Project", "RowNumber", "ScalarSubquery", "SearchedCase", "SelfReference", "SortKey",
    "StringConcat", "Subtract", "UnboundTable", "Union", "WindowBoundary", "WindowFunction"))
# What no SQL may have: what it does depends on the engine, on the session, or on the day.
NEVER = (sge.Like, sge.ILike, sge.SimilarTo, sge.RegexpLike, sge.Collate, sge.Lower, sge.Upper, sge.Round, sge.IntDiv, sge.Mod, sge.Rand,
         sge.CurrentDate, sge.CurrentTimestamp, sge.CurrentTime, sge.AtTimeZone, sge.ApproxDistinct, sge.ApproxQuantile, sge.Limit)
# ... but where a dialect's file writes it, for a reason that stands there (or the library: microseconds of a second).
OF_ITS_OWN: dict[str, set[Any]] = {
    "duckdb": {sge.Mod}, "postgresql": {sge.Mod}, "spark": {sge.Mod}, "databricks": {sge.Mod}, "trino": {sge.AtTimeZone},
    "clickhouse": {sge.IntDiv}}


def unlike(made: Iterable[ir.Table]) -> Iterator[str]:
    """The operations of expressions that do not mean the same everywhere."""
    seen: set[ops.Node] = set()
    for expression in made:
        for node in expression.op().find(ops.Node):
            if node in seen:
                continue
            seen.add(node)
            name = type(node).__name__
            if name not in ALIKE and not WHERE_ALIKE.get(name, lambda node: False)(node):
                kinds = ", ".join(str(getattr(argument, "dtype", argument)) for argument in node.args)
                yield f"{name}({kinds})"


def faults(sql: str, tree: sge.Query, dialect: str) -> Iterator[str]:
    """What SQL, which is also given as its dialect's grammar reads it, has that means something else in that dialect."""
    yield from called(sql) - KNOWN[dialect]
    for node in tree.find_all(*NEVER):
        if type(node) not in OF_ITS_OWN.get(dialect, set()):
            yield type(node).__name__
    if dialect in ("duckdb", "postgresql") and tree.find(sge.Concat):
        yield "CONCAT, which passes over what is empty"
    for order in tree.find_all(sge.Order):
        yield from _empty_first(order)


def _empty_first(order: sge.Order) -> Iterator[str]:
    """The keys of an order in which empty values come first, as its dialect has it, and nothing else is said."""
    if isinstance(order.this, sge.IgnoreNulls) or isinstance(order.find_ancestor(sge.IgnoreNulls, sge.Select), sge.IgnoreNulls):
        return
    told: set[str] = set()
    for key in order.expressions:
        if isinstance(key.this, sge.Is) and not key.args.get("desc"):
            told.add(key.this.this.sql())
        elif key.args.get("nulls_first") and key.this.sql() not in told:
            yield f"ORDER BY {key.sql()}: empty values come first"
