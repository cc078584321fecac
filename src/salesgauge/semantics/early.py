"""Leaves out early what lies outside of the periods asked about: where the day is told, before anything is looked up for a row.

An engine moves a condition down by itself, but DuckDB (1.5) moves none through a projection whose evaluation could fail, as that of the
day of an instant: rows of all years would be joined before those of other years are left out. The same is therefore asked of the instant
as well, where its day is computed. No row goes that the condition above would have kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir

from salesgauge.semantics.model import FROM_ON, UNTIL_ON

Condition = Callable[[Any], ops.Value[Any]]  # of an instant
Told = Callable[[Any, Any], Any]  # a value and the relation that it is computed from: that relation without what can be left out of it
KEEPS_FIRST = frozenset(("left", "inner", "semi", "anti"))  # joins after which a row of the first table is one of the result, or is not
OVER_OTHERS = (ops.WindowFunction, ops.Analytic, ops.Reduction)


def left_out_early(expression: ir.Table) -> ir.Table:
    """The same rows, with what the periods leave out left out where its day is told."""
    def rewrite(node: ops.Node, rewritten: dict[str, Any] | None) -> Any:
        node = node.__recreate__(rewritten) if rewritten else node
        if isinstance(node, ops.Filter):
            for column, condition in _of_spans(node):
                parent = _within(node.parent, column, partial(_of_day, condition))
                node = ops.Filter(parent, _moved(node.predicates, node.parent, parent))
        return node
    made: ir.Table = expression.op().replace(rewrite).to_expr()
    return made


def _of_spans(node: ops.Filter) -> Iterator[tuple[str, Condition]]:
    """The days that a filter compares with the first or the last of all periods, each with what is then so of the instant."""
    for predicate in _alone(node.predicates):
        if not isinstance(predicate, ops.GreaterEqual | ops.Less):
            continue
        day, bound = predicate.left, predicate.right
        asked = FROM_ON if isinstance(predicate, ops.GreaterEqual) else UNTIL_ON
        if isinstance(day, ops.Field) and isinstance(bound, ops.Literal) and bound.value == asked:
            yield day.name, partial(_compared, type(predicate), bound)


def _compared(comparison: Callable[..., ops.Value[Any]], bound: ops.Literal[Any], instant: ops.Value[Any]) -> ops.Value[Any]:
    return comparison(instant, ops.Cast(bound, to=instant.dtype))


def _alone(predicates: Any) -> Iterator[ops.Value[Any]]:
    for predicate in predicates:
        if isinstance(predicate, ops.And):
            yield from _alone((predicate.left, predicate.right))
        else:
            yield predicate


def _of_day(condition: Condition, value: Any, parent: Any) -> Any:
    """Of a day, the condition is asked of its instant, and of that once more where it is stored."""
    if not isinstance(value, ops.Date):
        return parent
    stored = _within(parent, value.arg.name, partial(_of_instant, condition)) if isinstance(value.arg, ops.Field) else parent
    return ops.Filter(stored, _moved((condition(value.arg),), parent, stored))


def _of_instant(condition: Condition, value: Any, parent: Any) -> Any:
    """Of an instant that counts only where something else holds, as that of a close: where it is stored, a file has statistics of it."""
    if isinstance(value, ops.IfElse) and isinstance(value.true_expr, ops.Field) and _is_null(value.false_null_expr):
        return ops.Filter(parent, (condition(value.true_expr),))
    return parent


def _is_null(value: Any) -> bool:
    return isinstance(value, ops.Literal) and value.value is None


def _within(rel: Any, column: str, told: Told) -> Any:
    """A relation without the rows that can be left out by a column, as far down as its value comes from one table."""
    if isinstance(rel, ops.Project) and not _looks_at_others(rel.values.values()):
        value, parent = rel.values[column], rel.parent
        parent = _within(parent, value.name, told) if isinstance(value, ops.Field) else told(value, parent)
        moved = _moved(tuple(rel.values.values()), rel.parent, parent)
        return ops.Project(parent, dict(zip(rel.values, moved, strict=True)))
    if isinstance(rel, ops.Filter) and not _looks_at_others(rel.predicates):
        parent = _within(rel.parent, column, told)
        return ops.Filter(parent, _moved(rel.predicates, rel.parent, parent))
    if isinstance(rel, ops.DropColumns):
        return ops.DropColumns(_within(rel.parent, column, told), rel.columns_to_drop)
    if isinstance(rel, ops.Union):
        return ops.Union(_within(rel.left, column, told), _within(rel.right, column, told), distinct=rel.distinct)
    if isinstance(rel, ops.JoinChain) and all(link.how in KEEPS_FIRST for link in rel.rest):
        value = rel.values[column]
        if isinstance(value, ops.Field) and value.rel == rel.first:
            first = rel.first.copy(parent=_within(rel.first.parent, value.name, told))
            rest = tuple(link.copy(predicates=_moved(link.predicates, rel.first, first)) for link in rel.rest)
            return ops.JoinChain(first, rest, dict(zip(rel.values, _moved(tuple(rel.values.values()), rel.first, first), strict=True)))
    return rel


def _moved(values: tuple[Any, ...], old: Any, new: Any) -> tuple[Any, ...]:
    """Values of a relation's columns, as values of those of the relation in its place."""
    def moved(node: ops.Node, rewritten: dict[str, Any] | None) -> Any:
        if isinstance(node, ops.Field) and node.rel == old:
            return ops.Field(new, node.name)
        return node.__recreate__(rewritten) if rewritten else node
    return tuple(value.replace(moved, filter=ops.Value) for value in values)


def _looks_at_others(values: Any) -> bool:
    """Whether values depend on other rows than their own."""
    return any(value.find(OVER_OTHERS, filter=ops.Value) for value in values)
