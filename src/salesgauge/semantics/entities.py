"""A part about entities is added up from one row of each, and from rows that only say how much was set aside. Both have the columns

    span, key_<dimension>..., of_entity (the sum of its rows), counts (whether it is an entity), aside_<reason>...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import ibis
import ibis.expr.types as ir


def each_of(rows: ir.Table, groups: list[str], per: str, value: ir.NumericValue | None, asides: Iterable[str]) -> ir.Table:
    """Rows that count, put together by their entity; those without one go. Without a `value` each entity is worth 1."""
    summed = ibis.literal(1.0) if value is None else value.sum()
    each = rows.filter(rows[per].notnull()).group_by([*groups, per]).agg(of_entity=summed)
    return each.select(*groups, "of_entity", counts=ibis.literal(True), **{name: ibis.literal(0, "int64") for name in asides})


def set_aside(rows: ir.Table, groups: list[str], asides: Mapping[str, ir.IntegerScalar]) -> ir.Table:
    """How many of the rows were set aside, as rows that are no entities."""
    counted = rows.group_by(groups).agg(**asides)
    return counted.select(*groups, of_entity=ibis.null("float64"), counts=ibis.literal(False), **{name: counted[name] for name in asides})
