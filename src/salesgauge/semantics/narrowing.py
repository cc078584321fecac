"""Narrows an expression to what its result needs: columns that nobody reads are not computed, and what is looked up for them is not
joined. An engine does the first by itself, but cannot know the second: that a lookup finds at most one row (facts/attach.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.graph import Graph

LOOKED_UP = "key{}__"  # the columns of the keys that a row is looked up by: what has the first of them is a lookup


def narrowed(expression: ir.Table) -> ir.Table:
    """The same rows and columns, from as little as can be."""
    root = expression.op()
    needs = _needs(root)

    def narrow(node: ops.Node, rewritten: dict[str, Any] | None) -> Any:
        parts = rewritten or dict(zip(node.__argnames__, node.__args__, strict=True))
        if isinstance(node, ops.Field):
            schema = parts["rel"].schema
            if parts["name"] not in schema:  # a column that nobody needs: what is computed from it goes away, and is whole until then
                return ops.Cast(ops.Field(parts["rel"], schema.names[0]), to=node.dtype)
        elif isinstance(node, ops.Project):
            parts["values"] = _kept(node, needs[node], parts["values"])
            rewritten = parts
        elif isinstance(node, ops.Aggregate):
            parts["metrics"] = {name: value for name, value in parts["metrics"].items() if name in needs[node]}
            rewritten = parts
        elif isinstance(node, ops.JoinChain):
            parts["rest"] = tuple(link for old, link in zip(node.rest, parts["rest"], strict=True) if old in _links(node, needs[node]))
            parts["values"] = _kept(node, needs[node], parts["values"])
            rewritten = parts
        elif isinstance(node, ops.DropColumns):
            parts["columns_to_drop"] = frozenset(name for name in parts["columns_to_drop"] if name in parts["parent"].schema)
            if not parts["columns_to_drop"]:
                return parts["parent"]
            rewritten = parts
        elif isinstance(node, ops.Set) and not node.distinct:
            names = [name for name in node.schema.names if name in needs[node]] or [node.schema.names[0]]
            for side in ("left", "right"):
                parts[side] = ops.Project(parts[side], {name: ops.Field(parts[side], name) for name in names})
            rewritten = parts
        return node.__recreate__(rewritten) if rewritten else node

    made: ir.Table = root.replace(narrow).to_expr()
    return made


def columns_read(expression: ir.Table) -> dict[str, tuple[set[str], set[str]]]:
    """Of each table that an expression reads the columns on which its rows depend, and the others; a table of which only the number of
    rows counts has none of the first."""
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    needs = _needs(expression.op())
    for table in expression.op().find(ops.UnboundTable):
        read, idle = found[table.name]
        read |= needs[table]
        idle |= set(table.schema.names)
    return {name: (read, idle - read) for name, (read, idle) in found.items()}


def _kept(node: ops.Relation, needed: set[str], values: dict[str, Any]) -> dict[str, Any]:
    """The values that are needed; of none that are, one that tells how many rows there are."""
    return {name: value for name, value in values.items() if name in needed} or {(name := _any(node)): values[name]}


def _any(node: ops.Relation) -> str:
    """A column of a relation that costs nothing to keep: of a join one of its first table."""
    if isinstance(node, ops.JoinChain):
        for name, value in node.values.items():
            if all(field.rel == node.first for field in _fields([value])):
                return str(name)
    return str(node.schema.names[0])


def _fields(values: Iterable[Any]) -> list[ops.Field]:
    """The columns that values read, not those that the relations under them do."""
    found: list[ops.Field] = []
    for value in values:
        found += [value] if isinstance(value, ops.Field) else value.find(ops.Field, filter=ops.Value)
    return found


def _links(node: ops.JoinChain, needed: set[str]) -> list[ops.JoinLink]:
    """The joins of a chain without the lookups of which no column is needed, neither in the result nor by a later join."""
    read = {field.rel for field in _fields(_kept(node, needed, node.values).values())}
    kept: list[ops.JoinLink] = []
    for link in reversed(node.rest):
        lookup = link.how == "left" and LOOKED_UP.format(0) in link.table.schema
        if lookup and link.table not in read:
            continue
        kept.append(link)
        read |= {field.rel for field in _fields(link.predicates)}
    return kept


def _needs(root: ops.Relation) -> dict[ops.Relation, set[str]]:
    """The columns of each relation that those above it read."""
    needs: dict[ops.Relation, set[str]] = defaultdict(set)
    needs[root] = set(root.schema.names)
    below, _dependents = Graph.from_bfs(root).toposort()
    for node in reversed(list(below)):
        if not isinstance(node, ops.Relation):
            continue
        values: list[Any] = []
        if isinstance(node, ops.Project):
            values += _kept(node, needs[node], node.values).values()
        elif isinstance(node, ops.Aggregate):
            values += [*node.groups.values(), *(value for name, value in node.metrics.items() if name in needs[node])]
        elif isinstance(node, ops.JoinChain):
            values += _kept(node, needs[node], node.values).values()
            values += [predicate for link in _links(node, needs[node]) for predicate in link.predicates]
        elif isinstance(node, ops.Filter):
            needs[node.parent] |= needs[node]
            values += node.predicates
        elif isinstance(node, ops.Reference | ops.DropColumns):
            needs[node.parent] |= needs[node]
        elif isinstance(node, ops.Set) and not node.distinct:
            names = needs[node] or {node.schema.names[0]}
            needs[node.left] |= names
            needs[node.right] |= names
        else:  # what it does depends on every column
            for below_it in node.__children__:
                if isinstance(below_it, ops.Relation):
                    needs[below_it] |= set(below_it.schema.names)
        for field in _fields(values):
            needs[field.rel].add(field.name)
        for inner in (inner for value in values for inner in value.find(ops.Subquery, filter=ops.Value)):
            needs[inner.rel] |= set(inner.rel.schema.names)
    return needs
