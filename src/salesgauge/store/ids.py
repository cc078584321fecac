"""The ids of stored rows: the parts of a key, joined by |."""

from __future__ import annotations

from collections.abc import Sequence

from salesgauge.errors import MissingTable
from salesgauge.schema import TABLES
from salesgauge.staging import ident


def key_of(table: str) -> str:
    """SQL: the id of a row of a canonical table, the parts of its key joined by |; MissingTable where there is no such table."""
    if table not in TABLES:
        raise MissingTable(f"there is no table {table}", "no_table", table=table)
    parts = [f"coalesce(CAST({ident(k)} AS VARCHAR), '')" for k in TABLES[table].key]
    return " || '|' || ".join([*parts, *(["CAST(ordinal_ AS VARCHAR)"] if TABLES[table].ordered else [])])


def among(table: str, ids: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
    """SQL: whether a row of a canonical table is one of those with these ids (the parts of the key joined by |); and its values. Of a key
    of several parts its first is looked for as well, which is quicker; an id may have a | of its own. MissingTable as key_of."""
    key, of = key_of(table), TABLES[table]
    simple = len(of.key) == 1 and not of.ordered
    starts = list(ids) if simple else sorted({name[:place] for name in ids for place, sign in enumerate(name) if sign == "|"})
    first = f"CAST({ident(of.key[0])} AS VARCHAR) IN (SELECT UNNEST($starts))"
    return (first, {"starts": starts}) if simple else (f"{first} AND {key} IN (SELECT UNNEST($ids))", {"starts": starts, "ids": list(ids)})
