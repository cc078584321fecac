"""What stands in compiled SQL for a table or a parameter until it is run: ⟦leads⟧, ⟦fact_deals⟧, ⟦$as_of_at⟧, ⟦$spans⟧.

Each engine calls its tables and writes its values in its own way, and a fact's table there bears another name for every as-of instant.
So the compiled text has marks, and who runs it fills them in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlglot.expressions as sge

from salesgauge.semantics.model import AS_OF_AT, AS_OF_ON
from salesgauge.semantics.scan import ASKED_SPAN, VIEWER, WHERE_

OPENS, CLOSES = "\u27e6", "\u27e7"
_MARK = re.compile(f"{OPENS}([^{CLOSES}]+){CLOSES}")
_WHERE = re.compile(WHERE_.format(r"(\d+)"))


def mark(name: str) -> str:
    """The mark of a table (its name) or parameter ($ and its name)."""
    return f"{OPENS}{name}{CLOSES}"


def tables_in(sql: str) -> frozenset[str]:
    """The names of the tables that SQL text has marks for."""
    return frozenset(name for name in _MARK.findall(sql) if not name.startswith("$"))


def parameters_in(sql: str) -> frozenset[str]:
    """The names of the parameters that SQL text has marks for."""
    return frozenset(name[1:] for name in _MARK.findall(sql) if name.startswith("$"))


def with_tables(sql: str, places: Mapping[str, str]) -> str:
    """SQL text with the place of each table, its parameters still marked. KeyError for a table without one."""
    return _MARK.sub(lambda found: found[0] if found[1].startswith("$") else places[found[1]], sql)


def with_parameters(sql: str, written: Callable[[str], str]) -> str:
    """SQL text with what is written for each parameter, by its name."""
    return _MARK.sub(lambda found: written(found[1][1:]) if found[1].startswith("$") else found[0], sql)


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


_STAND_FOR = ((AS_OF_AT, "as_of_at"), (AS_OF_ON, "as_of_on"), (VIEWER, "viewer"))


def _list_asked(values: list[Any]) -> str | None:
    """The parameter that a list of one value stands for."""
    if values == [ASKED_SPAN]:
        return "spans"
    found = _WHERE.fullmatch(values[0]) if len(values) == 1 and isinstance(values[0], str) else None
    return f"where{found[1]}" if found else None
