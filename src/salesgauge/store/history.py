"""Recorded history: a deal that differs from what was stored, and of which no source tells the history, gets it recorded by the load.

Recorded rows stand in stage_changes with a negative ordinal, so that they sort in the order they were recorded and can be told from the
rows that a file brought. As soon as a file brings rows of a deal, those replace its recorded ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb

from salesgauge.schema import EXTRA, ORDINAL, TABLES
from salesgauge.staging import ident
from salesgauge.store.checking import one
from salesgauge.store.generation import StoredTable, stored_columns, table_sql
from salesgauge.store.keys import Incoming
from salesgauge.store.merging import Merge, Origin, identity

WATCHED = ("stage", "amount", "closes_on")
FIRST = -1_000_000_000  # the ordinal of a deal's first recorded row
DEALS, CHANGES = "opportunities", "stage_changes"
_TABLE = TABLES[CHANGES]
_WRITTEN = ", ".join(ident(name) for name, _ in stored_columns(_TABLE) if name != "forecast_category")


def record(con: duckdb.DuckDBPyConnection, incoming: Mapping[str, Incoming], merges: Mapping[str, Merge], stored: StoredTable | None,
           now: datetime, zone: ZoneInfo, origin: Origin) -> tuple[Merge | None, int]:
    """The merge of stage_changes (`stored` as it was) with what the load, at its instant `now`, records itself; and how many rows that is.

    `incoming` and `merges` are the load's files and what they do; the merge is None where the load leaves stage_changes alone.
    """
    deals, changes = merges.get(DEALS), incoming.get(CHANGES)
    con.execute(f"CREATE OR REPLACE TEMP VIEW kept_changes AS {table_sql(_TABLE, stored)}")
    held = one(con, f"SELECT count(*) FROM kept_changes WHERE {ORDINAL} < 0")[0] > 0
    moves = deals is not None and deals.changed > 0
    if not moves and not (held and (changes or (deals and deals.gone))):
        return merges.get(CHANGES), 0
    con.execute("CREATE OR REPLACE TEMP TABLE recorded_add AS FROM kept_changes LIMIT 0")
    con.execute(f"CREATE OR REPLACE TEMP TABLE recorded_drop AS SELECT {', '.join(identity(_TABLE))} FROM kept_changes LIMIT 0")
    rows = _record(con, incoming[DEALS], changes, now, zone) if moves else 0
    if changes:
        _retire(con, f"SELECT opportunity_id FROM {changes.relation}")
    if deals and deals.gone:
        _retire(con, f"SELECT opportunity_id FROM drop_{DEALS} EXCEPT SELECT opportunity_id FROM {incoming[DEALS].relation}")
    return _joined(con, merges.get(CHANGES), stored, origin), rows


def _record(con: duckdb.DuckDBPyConnection, deals: Incoming, changes: Incoming | None, now: datetime, zone: ZoneInfo) -> int:
    """Adds to `recorded_add` what this load records, and to `recorded_drop` what it thereby replaces: how many rows are new."""
    told = f"SELECT opportunity_id FROM kept_changes WHERE {ORDINAL} > 0"
    if changes:
        told += f" UNION SELECT opportunity_id FROM {changes.relation}"

    def new(column: str) -> str:
        return f"i.{column}" if column in deals.columns else f"s.{column}"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE moved AS
        SELECT i.opportunity_id, i.created_at, i.created_at_local, {', '.join(f's.{c} AS old_{c}, {new(c)} AS new_{c}' for c in WATCHED)},
               {new('closed_at')} AS closed_at, {new('closed_at_local')} AS closed_at_local,
               {new('outcome')} IS NOT NULL AND {new('closed_at')} IS NOT NULL AND (s.outcome IS NULL OR s.closed_at IS NULL) AS closes
        FROM delta_{DEALS} i JOIN stored_{DEALS} s ON s.opportunity_id = i.opportunity_id
        WHERE ({' OR '.join(f's.{c} IS DISTINCT FROM {new(c)}' for c in WATCHED)}) AND i.opportunity_id NOT IN ({told})""")
    con.execute(f"CREATE OR REPLACE TEMP TABLE earlier AS "
                f"SELECT * FROM kept_changes WHERE {ORDINAL} < 0 AND opportunity_id IN (SELECT opportunity_id FROM moved)")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE latest AS
        SELECT opportunity_id, max({ORDINAL}) AS ordinal, max(changed_at) AS changed_at, max(changed_at_local) AS changed_at_local
        FROM earlier GROUP BY opportunity_id""")
    # The creation row, at a deal's first difference. Where the change closes the deal, all of it had happened by the close.
    con.execute(f"""
        INSERT INTO recorded_add ({_WRITTEN})
        SELECT opportunity_id, least(created_at, CASE WHEN closes THEN closed_at END),
               least(created_at_local, CASE WHEN closes THEN closed_at_local END),
               old_stage, old_amount, old_closes_on, {FIRST}
        FROM moved WHERE opportunity_id NOT IN (SELECT opportunity_id FROM latest)""")
    utc, local = (f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'" for moment in (now.astimezone(UTC), now.astimezone(zone)))
    con.execute(f"""
        INSERT INTO recorded_add ({_WRITTEN})
        SELECT m.opportunity_id, CASE WHEN m.closes THEN m.closed_at ELSE greatest({utc}, m.created_at, l.changed_at) END,
               CASE WHEN m.closes THEN m.closed_at_local ELSE greatest({local}, m.created_at_local, l.changed_at_local) END,
               m.new_stage, m.new_amount, m.new_closes_on, coalesce(l.ordinal, {FIRST}) + 1
        FROM moved m LEFT JOIN latest l ON l.opportunity_id = m.opportunity_id""")
    rows, = one(con, "SELECT count(*) FROM recorded_add")
    late = "FROM earlier e JOIN moved m ON m.opportunity_id = e.opportunity_id AND m.closes AND e.changed_at > m.closed_at"
    con.execute(f"INSERT INTO recorded_drop SELECT {', '.join(f'e.{c}' for c in identity(_TABLE))} {late}")
    con.execute(f"INSERT INTO recorded_add ({_WRITTEN}) "
                f"SELECT e.opportunity_id, m.closed_at, m.closed_at_local, e.stage, e.amount, e.closes_on, e.{ORDINAL} {late}")
    return rows


def _retire(con: duckdb.DuckDBPyConnection, deals: str) -> None:
    """Adds to `recorded_drop` what was recorded of `deals`, a query of opportunity_id."""
    con.execute(f"INSERT INTO recorded_drop SELECT {', '.join(identity(_TABLE))} FROM kept_changes "
                f"WHERE {ORDINAL} < 0 AND opportunity_id IN ({deals})")


def _joined(con: duckdb.DuckDBPyConnection, files: Merge | None, stored: StoredTable | None, origin: Origin) -> Merge | None:
    """The merge of stage_changes with the recorded rows added and dropped; `files` is what the load's file does. A recorded row comes
    from no file and no system."""
    added, = one(con, "SELECT count(*) FROM recorded_add")
    dropped, = one(con, "SELECT count(*) FROM recorded_drop")
    if not added and not dropped:
        return files
    base = files or Merge(_TABLE, stored, stored.extras if stored else (), None, None)
    if base.drop:
        con.execute(f"INSERT INTO recorded_drop SELECT * FROM {base.drop}")
    empties = "".join(f", CAST(NULL AS VARCHAR) AS {ident(EXTRA + x)}" for x in base.extras)
    lineage = origin.sql("CAST(NULL AS VARCHAR)", "CAST(NULL AS VARCHAR)")
    columns = ", ".join(ident(n) for n, _ in stored_columns(_TABLE))
    recorded = f"SELECT {columns}{empties}, {lineage} FROM recorded_add" if added else None
    add = " UNION ALL ".join(f"({query})" for query in (base.add, recorded) if query) or None
    return replace(base, met=None if dropped else base.met, drop="recorded_drop" if dropped or base.drop else None, add=add)
