"""ClickHouse (24.8 and later): what is written otherwise there."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import ibis.expr.types as ir
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler

from salesgauge.semantics.dialects.marks import marking

# The days that Date32 and DateTime64 hold; any other silently becomes the nearest of them.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2299, 12, 31)
_EVER, _FOR_EVER = date(1, 1, 1), (date(9999, 12, 30), date(9999, 12, 31))


def held_day(value: date) -> date | None:
    """A day or instant as ClickHouse can hold it: the first day of the calendar is its first, the last its last; None for any other
    outside."""
    day = value.date() if isinstance(value, datetime) else value
    if FIRST_DAY <= day <= LAST_DAY:
        return value
    held = FIRST_DAY if day == _EVER else LAST_DAY if day in _FOR_EVER else None
    return None if held is None else datetime.combine(held, time()) if isinstance(value, datetime) else held


@marking
class _ClickHouse(ClickHouseCompiler):
    def among(self, value: Any, several: Any) -> Any:
        """Whether a value is among a list."""
        return self.f.has(several, value)


_COMPILER = _ClickHouse()


def write(expression: ir.Table) -> str:
    """The SQL of an expression, with marks."""
    return str(_COMPILER.to_sqlglot(expression.unbind()).sql(_COMPILER.dialect))
