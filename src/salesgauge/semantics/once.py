"""What several joins of one statement look up is computed once.

DuckDB (1.5) shares equal parts of a plan by itself, but none with a UNION in it, as since when an account is a customer has: by its first
purchase or its first contract. Ibis makes a common table of what two relations read, but does not see two joins that look up the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir

_NAME = "once_"  # of the common tables, numbered


def computed_once(expression: ir.Table) -> ir.Table:
    """The same rows, where what is put together from groups of rows, and looked up by more than one join, is a common table."""
    joined = Counter(link.table for chain in expression.op().find(ops.JoinChain) for link in chain.rest)
    several = [table for table, joins in joined.items() if joins > 1 and table.parent.find(ops.Aggregate)]
    names = {table: f"{_NAME}{number}" for number, table in enumerate(several)}

    def rewrite(node: ops.Node, rewritten: dict[str, Any] | None) -> Any:
        made = node.__recreate__(rewritten) if rewritten else node
        return made.copy(parent=ops.AliasedRelation(name=names[node], parent=made.parent)) if node in names else made
    made: ir.Table = expression.op().replace(rewrite).to_expr()
    return made
