"""Which events decide a fact as of an instant: the stored columns that its expression compares with the as-of instant."""

from __future__ import annotations

from collections.abc import Callable

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.graph import Graph

from salesgauge.schema import EVERY_DAY, TABLES, Event
from salesgauge.semantics.model import AS_OF_AT, AS_OF_ON

_PASSING = (ops.Project, ops.JoinChain, ops.Filter, ops.Sort, ops.Distinct, ops.DropColumns, ops.JoinReference)
_FACT = "fact_"


def events_of(expression: ir.Table, fact: Callable[[str], ir.Table]) -> tuple[Event, ...] | None:
    """The events that an expression compares with the as-of instant: each comparison is `stored column <= as-of`, so that two instants
    between which none of these events lies give the same rows. Where its local day is used in any other way EVERY_DAY is among them;
    None where the instant itself is.

    `fact` gives the expression of another fact by its name.
    """
    found: set[Event] = set()
    for node, parts in Graph.from_bfs(expression.op()).items():
        if not any(_is_as_of(part) for part in parts):
            continue
        event = _stored(node.left, fact) if isinstance(node, ops.LessEqual) and _is_as_of(node.right) else None
        if event is None and any(_is_as_of(part) and part.value != AS_OF_ON for part in parts):
            return None
        found.add(event or EVERY_DAY)
    return tuple(sorted(found))


def _is_as_of(node: object) -> bool:
    return isinstance(node, ops.Literal) and node.value in (AS_OF_AT, AS_OF_ON)


def _stored(value: object, fact: Callable[[str], ir.Table]) -> Event | None:
    """The stored column whose cells a value has, unchanged; None where it is anything else."""
    while isinstance(value, ops.Field):
        relation, name = value.rel, value.name
        if isinstance(relation, _PASSING):
            value = relation.values[name]
        elif isinstance(relation, ops.UnboundTable) and relation.name in TABLES:
            return relation.name, name
        elif isinstance(relation, ops.UnboundTable) and relation.name.startswith(_FACT):
            value = fact(relation.name.removeprefix(_FACT))[name].op()
        else:
            return None
    return None
