"""How far the records of a generation reach."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb

from salesgauge.schema import LOCAL
from salesgauge.store.generation import Generation, open_tables

EVENTS = (("leads", "created_at"), ("opportunities", "created_at"), ("opportunities", "closed_at"), ("activities", "occurred_at"),
          ("orders", "ordered_at"))  # what happens every day in a company that sells


def last_day(con: duckdb.DuckDBPyConnection, generation: Generation, until: datetime) -> date | None:
    """The local day of the latest event at or before `until` (with a zone); None where there is none. `con` then has the tables."""
    columns = " UNION ALL ".join(
        f"SELECT max({column}{LOCAL}) AS latest FROM {table} WHERE {column} <= $until" for table, column in EVENTS)
    open_tables(con, generation)
    row = con.execute(f"SELECT CAST(max(latest) AS DATE) FROM ({columns})",
                      {"until": until.astimezone(UTC).replace(tzinfo=None)}).fetchone()
    return row[0] if row else None
