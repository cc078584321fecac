"""Recorded history: a deal that differs from what was stored, and of which no source tells the history, gets it recorded by the load.

Recorded rows stand in stage_changes with a negative ordinal, so that they sort in the order they were recorded and can be told from the
rows that a file brought. As soon as a file brings rows of a deal, those replace its recorded ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb

from salesgauge.schema import EXTRA, ORDINAL, TABLES
from salesgauge.staging import ROW, ident
from salesgauge.store.checking import one
from salesgauge.store.generation import StoredTable, stored_columns, table_sql
from salesgauge.store.keys import Incoming
from salesgauge.store.merging import Merge, identity

WATCHED = ("stage", "amount", "closes_on")
FIRST = -1_000_000_000  # below the ordinal of a deal's first recorded row
DEALS, CHANGES = TABLES["opportunities"], TABLES["stage_changes"]


@dataclass(frozen=True)
class Recorded:
    """What recording adds to the merge of stage_changes; `rows` newly recorded."""

    merge: Merge | None
    rows: int


def _stamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"


def record(con: duckdb.DuckDBPyConnection, deals: Incoming | None, deal_merge: Merge | None, changes: Incoming | None, change_merge: Merge | None,
           stored_changes: StoredTable | None, now: datetime, zone: ZoneInfo) -> Recorded:
    """Completes the merge of stage_changes by what the load records itself.

    `deal_merge` and `change_merge` are what the load's files do (None where it brings none); `now` is the load's instant.
    """
    con.execute(f"CREATE OR REPLACE TEMP VIEW kept_changes AS {table_sql(CHANGES, stored_changes)}")
    held = bool(one(con, f"SELECT count(*) FROM kept_changes WHERE {ORDINAL} < 0")[0])
    differing = deal_merge is not None and deal_merge.changed > 0
    if not differing and not (held and (changes or (deal_merge and deal_merge.gone))):
        return Recorded(change_merge, 0)
    told = f"SELECT opportunity_id FROM kept_changes WHERE {ORDINAL} > 0"
    if changes:
        told += f" UNION SELECT opportunity_id FROM {changes.relation}"
    rows = _record(con, deals, told, now, zone) if differing and deals else _nothing(con)
    _retire(con, changes, deal_merge)
    return Recorded(_joined(con, change_merge, stored_changes), rows)


def _nothing(con: duckdb.DuckDBPyConnection) -> int:
    columns = ", ".join(ident(n) for n, _ in stored_columns(CHANGES))
    con.execute(f"CREATE OR REPLACE TEMP TABLE recorded_add AS SELECT {columns} FROM kept_changes WHERE false")
    con.execute(f"CREATE OR REPLACE TEMP TABLE recorded_drop AS SELECT {', '.join(identity(CHANGES))} FROM kept_changes WHERE false")
    return 0


def _record(con: duckdb.DuckDBPyConnection, deals: Incoming, told: str, now: datetime, zone: ZoneInfo) -> int:
    """Fills `recorded_add` with the rows that this load records, `recorded_drop` with recorded rows that it replaces."""
    def new(column: str) -> str:
        return f"i.{column}" if column in deals.columns else f"s.{column}"
    utc, local = now.astimezone(UTC).replace(tzinfo=None), now.astimezone(zone).replace(tzinfo=None)
    differs = " OR ".join(f"s.{c} IS DISTINCT FROM {new(c)}" for c in WATCHED)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE moved AS
        SELECT i.opportunity_id, {new('created_at')} AS created_at, {new('created_at_local')} AS created_at_local,
               {', '.join(f's.{c} AS old_{c}, {new(c)} AS new_{c}' for c in WATCHED)},
               coalesce({new('outcome')} IS NOT NULL AND {new('closed_at')} IS NOT NULL AND (s.outcome IS NULL OR s.closed_at IS NULL), false) AS closes,
               {new('closed_at')} AS closed_at, {new('closed_at_local')} AS closed_at_local
        FROM {deals.relation} i JOIN stored_opportunities s ON s.opportunity_id = i.opportunity_id
        WHERE i.{ROW} IN (SELECT {ROW} FROM fate_opportunities WHERE NOT fresh) AND ({differs})
          AND i.opportunity_id NOT IN ({told})""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE before AS
        SELECT k.* FROM kept_changes k WHERE k.{ORDINAL} < 0 AND k.opportunity_id IN (SELECT opportunity_id FROM moved)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE last_before AS
        SELECT opportunity_id, max({ORDINAL}) AS last, max(changed_at) AS changed_at, max(changed_at_local) AS changed_at_local
        FROM before GROUP BY opportunity_id""")
    _nothing(con)
    names = ", ".join(ident(n) for n, _ in stored_columns(CHANGES) if n != "forecast_category")
    # The creation row, at a deal's first difference; a deal that closes was changed by its close at the latest.
    con.execute(f"""
        INSERT INTO recorded_add ({names})
        SELECT opportunity_id, CASE WHEN closes THEN least(created_at, closed_at) ELSE created_at END,
               CASE WHEN closes THEN least(created_at_local, closed_at_local) ELSE created_at_local END,
               old_stage, old_amount, old_closes_on, {FIRST + 1}
        FROM moved WHERE opportunity_id NOT IN (SELECT opportunity_id FROM last_before)""")
    con.execute(f"""
        INSERT INTO recorded_add ({names})
        SELECT m.opportunity_id,
               CASE WHEN m.closes THEN m.closed_at ELSE greatest({_stamp(utc)}, coalesce(l.changed_at, m.created_at)) END,
               CASE WHEN m.closes THEN m.closed_at_local ELSE greatest({_stamp(local)}, coalesce(l.changed_at_local, m.created_at_local)) END,
               m.new_stage, m.new_amount, m.new_closes_on, coalesce(l.last, {FIRST + 1}) + 1
        FROM moved m LEFT JOIN last_before l ON l.opportunity_id = m.opportunity_id""")
    rows, = one(con, "SELECT count(*) FROM recorded_add")
    # What was recorded at a load after the close had happened by the close.
    late = "FROM before b JOIN moved m ON m.opportunity_id = b.opportunity_id AND m.closes AND b.changed_at > m.closed_at"
    con.execute(f"INSERT INTO recorded_drop SELECT {', '.join(f'b.{c}' for c in identity(CHANGES))} {late}")
    con.execute(f"INSERT INTO recorded_add ({names}) SELECT b.opportunity_id, m.closed_at, m.closed_at_local, b.stage, b.amount, b.closes_on, b.{ORDINAL} {late}")
    return rows


def _retire(con: duckdb.DuckDBPyConnection, changes: Incoming | None, deal_merge: Merge | None) -> None:
    """Adds to `recorded_drop` the recorded rows of deals whose history a file now tells, and of deals that are gone."""
    columns = ", ".join(f"k.{c}" for c in identity(CHANGES))
    if changes:
        con.execute(f"INSERT INTO recorded_drop SELECT {columns} FROM kept_changes k WHERE k.{ORDINAL} < 0 "
                    f"AND k.opportunity_id IN (SELECT opportunity_id FROM {changes.relation})")
    if deal_merge and deal_merge.gone:
        con.execute(f"INSERT INTO recorded_drop SELECT {columns} FROM kept_changes k WHERE k.{ORDINAL} < 0 AND k.opportunity_id IN "
                    f"(SELECT opportunity_id FROM drop_opportunities EXCEPT SELECT opportunity_id FROM sound_opportunities)")


def _joined(con: duckdb.DuckDBPyConnection, change_merge: Merge | None, stored: StoredTable | None) -> Merge | None:
    """The merge of stage_changes with the recorded rows added and dropped."""
    added, = one(con, "SELECT count(*) FROM recorded_add")
    dropped, = one(con, "SELECT count(*) FROM recorded_drop")
    if not added and not dropped:
        return change_merge
    base = change_merge or Merge(CHANGES, stored, stored.extras if stored else (), None, None)
    if base.drop:
        con.execute(f"INSERT INTO recorded_drop SELECT * FROM {base.drop}")
    extras = "".join(f", CAST(NULL AS VARCHAR) AS {ident(EXTRA + x)}" for x in base.extras)
    add = f"SELECT {', '.join(ident(n) for n, _ in stored_columns(CHANGES))}{extras} FROM recorded_add" if added else None
    both = " UNION ALL ".join(f"({q})" for q in (base.add, add) if q) or None
    any_dropped, = one(con, "SELECT count(*) FROM recorded_drop")
    return Merge(CHANGES, stored, base.extras, "recorded_drop" if any_dropped else None, both, base.new, base.changed, base.unchanged, base.gone,
                 base.notes)
