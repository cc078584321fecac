"""Rows for those who see no names of persons: without the columns that hold names, or text in which somebody may be named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from salesgauge.schema import TABLES

_PERSONAL = {
    "reps": frozenset(("name", "email")), "survey_responses": frozenset(("comment",)), "opportunities": frozenset(("next_step",)),
    "activities": frozenset(("purpose",))}
_FREE = frozenset().union(*_PERSONAL.values()) - {"name"}  # the same where another table's row says how it came to count


def without_names(table: str | None, row: Mapping[str, Any], personal: Collection[str] = ()) -> dict[str, Any]:
    """A stored row without them, and without the columns of the company's own that are `personal`. Of a rep's row all of the company's
    own columns go: nobody knows what is in them."""
    known = {column.name for column in TABLES[table].columns} if table == "reps" else row.keys() | set()
    hidden = _PERSONAL.get(table or "", frozenset()).union(personal)
    return {name: without_names(None, value, personal) if isinstance(value, Mapping) else value for name, value in row.items()
            if name not in hidden and (name in known or name == "because") and (table is not None or name not in _FREE)}
