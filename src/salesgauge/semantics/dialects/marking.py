"""How a compiler of the expression library comes to write marks. Only who compiles needs this, and with it that library."""

from __future__ import annotations

import re
from typing import Any

import sqlglot.expressions as sge

from salesgauge.semantics.dialects.marks import mark
from salesgauge.semantics.model import AS_OF_AT, AS_OF_ON, FROM_ON, UNTIL_ON
from salesgauge.semantics.scan import ASKED_SPAN, FIRST, VIEWER, WHERE_

_WHERE = re.compile(WHERE_.format(r"(\d+)"))


def marking(compiler: Any) -> Any:
    """A class decorator of compilers of the expression library: they write marks for tables and parameters. `among(value, several)` of the
    class says how its dialect asks whether a value is among a list.

    The class has to set `SIMPLE_OPS` to nothing: the library makes a method for each of these in every subclass anew, over the subclass's
    own (ibis 12); what it inherits stays.
    """
    assert compiler.__dict__.get("SIMPLE_OPS") == {}, f"{compiler.__name__}: SIMPLE_OPS = {{}}, or its own methods are overwritten"
    literal, values = compiler.visit_NonNullLiteral, compiler.visit_InValues

    def visit_UnboundTable(self: Any, op: Any, *, name: str, schema: Any, namespace: Any) -> Any:
        return sge.Table(this=sge.Identifier(this=mark(name), quoted=False))

    def visit_NonNullLiteral(self: Any, op: Any, *, value: Any, dtype: Any) -> Any:
        asked = [name for stands, name in _STAND_FOR if value == stands]
        return sge.var(mark(f"${asked[0]}")) if asked else literal(self, op, value=value, dtype=dtype)

    def visit_InValues(self: Any, op: Any, *, value: Any, options: Any) -> Any:
        asked = _list_asked([getattr(option, "value", None) for option in op.options])
        return self.among(value, sge.var(mark(f"${asked}"))) if asked else values(self, op, value=value, options=options)
    compiler.visit_UnboundTable = visit_UnboundTable
    compiler.visit_NonNullLiteral = visit_NonNullLiteral
    compiler.visit_InValues = visit_InValues
    return compiler


_STAND_FOR = ((AS_OF_AT, "as_of_at"), (AS_OF_ON, "as_of_on"), (FROM_ON, "from_on"), (UNTIL_ON, "until_on"), (VIEWER, "viewer"),
              (FIRST, "first"))


def _list_asked(values: list[Any]) -> str | None:
    """The parameter that a list of one value stands for."""
    if values == [ASKED_SPAN]:
        return "spans"
    found = _WHERE.fullmatch(values[0]) if len(values) == 1 and isinstance(values[0], str) else None
    return f"where{found[1]}" if found else None
