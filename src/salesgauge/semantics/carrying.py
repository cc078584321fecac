"""What holds until the next that is not empty: an empty cell says that nothing changed.

The expression library drops what its own `last(include_null=False)` says of empty cells as soon as it stands over a window (ibis 12), so
the operation is declared here; each dialect says how it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.rules as rlz
import ibis.expr.types as ir
import sqlglot.expressions as sge


class LastKnown(ops.Reduction):
    """The last value of a window's rows that is not null; null where there is none. A reduction, since of what the library calls analytic
    some dialects leave out which rows the window has."""

    arg: ops.Column[Any]

    dtype = rlz.dtype_like("arg")


class Carrying:
    """Mixed into a compiler of the expression library: how engines write it that pass over nulls in a window."""

    def visit_LastKnown(self, op: Any, *, arg: Any) -> Any:
        """The last value, nulls ignored."""
        return sge.IgnoreNulls(this=sge.LastValue(this=arg))


def last_known(column: ir.Column, group: str, order: str | Sequence[ir.Value], *, before: bool = False) -> ir.Column:
    """Of each row the last value of a column that is not null among the rows of its group up to it, or of those `before` it. The order
    has no ties."""
    window = ibis.window(group_by=group, order_by=order, rows=(None, -1 if before else 0))
    known: ir.Column = LastKnown(column).to_expr().over(window)
    return known
