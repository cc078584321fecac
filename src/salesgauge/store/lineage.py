"""Where a stored row came from: which file or system, which record there, and the load that wrote it last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from salesgauge.errors import MissingTable
from salesgauge.schema import LINEAGE, TABLES
from salesgauge.store.generation import table_sql
from salesgauge.store.ids import among, key_of
from salesgauge.store.session import Session


@dataclass(frozen=True)
class Lineage:
    """Of one row: `source` is the file or the connected system (None: the load recorded the row itself), `record` its record in that
    system, `load` the name of the generation that the load made, `loaded_at` its instant (UTC).

    All are None for a row of a workspace that was written before lineage was kept.
    """

    source: str | None
    record: str | None
    load: str | None
    loaded_at: datetime | None


def lineage(session: Session, table: str, ids: Sequence[str]) -> dict[str, Lineage]:
    """The lineage of rows of a canonical table by their ids (the parts of the key joined by |), of those that are there. MissingTable
    where the model has no such table."""
    if table not in TABLES:
        raise MissingTable(f"there is no table {table}; there are: {', '.join(TABLES)}")
    rows = table_sql(TABLES[table], session.generation.tables.get(table), lineage=True)
    wanted, values = among(table, ids)
    found = session.con.execute(f"SELECT {key_of(table)}, {', '.join(LINEAGE)} FROM ({rows}) WHERE {wanted}", values).fetchall()
    return {name: Lineage(source, record, load, at.replace(tzinfo=UTC) if at else None) for name, source, record, load, at in found}
