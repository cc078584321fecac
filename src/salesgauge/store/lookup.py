"""One record by its id, as it is known, for who may see it."""

from __future__ import annotations

from typing import Any

from salesgauge.schema import TABLES
from salesgauge.semantics.question import Viewer
from salesgauge.store.ids import key_of
from salesgauge.store.moment import Moment
from salesgauge.store.sight import BRINGING, Sight


def look_up(moment: Moment, table: str, name: str, viewer: Viewer) -> dict[str, Any] | None:
    """The row of a canonical table with that id (the parts of its key joined by |) as known at a moment; None where there is none or
    the viewer may not see it, which look alike. MissingTable where the model has no such table."""
    return moment.rows_of(table, [name], known=True).get(name) if visible(moment, table, name, viewer) else None


def visible(moment: Moment, table: str, name: str, viewer: Viewer) -> bool:
    """Whether there is such a record and the viewer may see it."""
    sight = Sight(moment, viewer)
    rows = f"(FROM {sight.lean(table)} WHERE {is_one(table)}) r"

    def some(sql: str) -> bool:
        return bool(moment.one(sql, {"id": name, **sight.parameters})[0])
    if some(f"SELECT count(*) FROM {rows} WHERE {sight.sees(table, 'r')}"):
        return True
    return table == "accounts" and some(f"SELECT count(*) FROM {rows}") and any(
        some(f"SELECT count(*) FROM (FROM {sight.lean(other)} WHERE account_id = $id) r WHERE {sight.owns(other, 'r')}")
        for other in BRINGING)


def is_one(table: str) -> str:
    """SQL: whether a row of a canonical table is that with the id $id; MissingTable where there is no such table."""
    key = key_of(table)
    return f"{TABLES[table].key[0]} = $id" if len(TABLES[table].key) == 1 and not TABLES[table].ordered else f"{key} = $id"


NAMED = ("reps", "accounts")  # the records that are found by name


def find(moment: Moment, table: str, wanted: str, viewer: Viewer, *, by_name: bool = True, limit: int = 20) -> list[tuple[str, str | None]]:
    """Id and name of the records of a table of NAMED whose id or name holds a text, whatever its case, and which the viewer may see; the
    shortest names first. `by_name` False: only ids are compared."""
    sight = Sight(moment, viewer)
    key = TABLES[table].key[0]
    among = f"concat_ws(' ', r.{key}, r.name)" if by_name else f"r.{key}"
    rows = moment.rows(f"SELECT r.{key} AS id, r.name AS name FROM {sight.lean(table)} r WHERE contains(lower({among}), lower($wanted)) "
                       f"AND {sight.sees(table, 'r')} ORDER BY length(r.name), r.name, id LIMIT {int(limit)}",
                       {"wanted": wanted, **sight.parameters})
    return [(row["id"], row["name"]) for row in rows]
