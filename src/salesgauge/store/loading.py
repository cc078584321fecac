"""Loading: staged tables are read, checked, merged into what is stored and published as a new generation, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from salesgauge.errors import LoadRefused
from salesgauge.schema import TABLES, USABLE
from salesgauge.settings import Settings
from salesgauge.staging import Progress, Staged, silent
from salesgauge.store.changes import write_changes
from salesgauge.store.checking import check, one
from salesgauge.store.generation import Generation, current, parts_of
from salesgauge.store.history import CHANGES, record
from salesgauge.store.keys import Incoming, settle
from salesgauge.store.merging import Merge, Origin, merge
from salesgauge.store.parts import write_part, write_table
from salesgauge.store.publishing import Draft, prepare, sweep, switch
from salesgauge.store.rejects import COMPARED, collect
from salesgauge.store.report import LoadReport, TableReport
from salesgauge.store.writing import hold
from salesgauge.store.zones import make_days


def load(workspace: Path, settings: Settings, staged: Staged, con: duckdb.DuckDBPyConnection, *, now: datetime, complete: bool = False,
         progress: Progress = silent) -> LoadReport:
    """Merges `staged` into the workspace; `con` is the connection it was staged in, `now` the load's instant (with a zone).

    `complete`: stored rows of the tables brought that their files lack go (where a system is read, those that came from it). A load that
    changes nothing leaves the generation in force. Raises LoadRefused where a file cannot be trusted or the workspace would have no
    usable table, WorkspaceError where the store is damaged or being written; the workspace is then as before.
    """
    with hold(workspace):
        prepare(workspace)
        before = current(workspace)
        sweep(workspace)
        _refuse_unusable(staged, before)
        total = 2 * len(staged.tables) + 1
        make_days(con, settings.zone)
        incoming: dict[str, Incoming] = {}
        for table in staged.tables:
            progress(len(incoming), total, f"checking {table.table.name}")
            incoming[table.table.name] = settle(con, check(con, table))
        stored = before.tables if before else {}
        name = f"g-{int(before.name.removeprefix('g-')) + 1 if before else 1:06d}"
        origin = Origin(name, now.astimezone(UTC).replace(tzinfo=None), staged.system, staged.partial)
        merges = {n: merge(con, rows, stored.get(n), complete, origin) for n, rows in incoming.items()}
        changes, recorded = record(con, incoming, merges, stored.get(CHANGES), now, settings.zone, origin)
        if changes:
            merges[CHANGES] = changes
        rejects = {} if staged.partial else {n: collect(con, rows.checked, name) for n, rows in incoming.items()}
        changed = any(m.touches for m in merges.values()) or any(_rejects_differ(con, found, before, n) for n, found in rejects.items())
        report = LoadReport(
            staged.origin, name if changed or before is None else before.name, changed, complete,
            tuple(_report(con, rows, merges[n], rejects.get(n)) for n, rows in incoming.items()), recorded, staged.ignored,
            (*(note for table in staged.tables for note in table.notes), *(note for m in merges.values() for note in m.notes)))
        if changed:
            told = (before.loaded_at.isoformat(), dict(before.report)) if before and staged.partial else (
                now.astimezone(UTC).isoformat(), report.as_json())
            draft = Draft(name, before.name if before else None, *told)
            for n in TABLES:
                if n in merges and merges[n].touches:
                    progress(len(incoming) + len(draft.tables), total, f"writing {n}")
                    draft.tables[n] = write_table(con, workspace, merges[n])
                    draft.changes[n] = write_changes(con, workspace, merges[n])
                elif n in stored:
                    draft.tables[n] = stored[n].entry()
            _write_rejects(con, workspace, draft, rejects, before)
            switch(workspace, draft)
            sweep(workspace)
        progress(total, total, "loaded")
        return report


def _refuse_unusable(staged: Staged, before: Generation | None) -> None:
    present = {*(t.table.name for t in staged.tables), *(before.tables if before else ())}
    if not present & set(USABLE):
        raise LoadRefused(f"{staged.origin} has none of the tables {', '.join(USABLE)}, and the workspace has none of them yet; "
                          f"it needs at least one (found: {', '.join(sorted(present)) or 'nothing'})")


def _report(con: duckdb.DuckDBPyConnection, rows: Incoming, merged: Merge, rejects: str | None) -> TableReport:
    staged = rows.checked.staged
    aside: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    if rejects:
        for whole, reason, count in con.execute(f"SELECT whole, reason, count(*) FROM {rejects} GROUP BY ALL ORDER BY ALL").fetchall():
            aside[whole][reason] = count
    return TableReport(staged.table.name, staged.file, staged.rows + len(staged.unread), merged.new, merged.changed, merged.unchanged,
                       rows.repeats, merged.gone, dict(aside[True]), dict(aside[False]))


def _rejects_differ(con: duckdb.DuckDBPyConnection, rejects: str | None, before: Generation | None, table: str) -> bool:
    """Whether this load set aside something else of the table than the latest load of it did."""
    part = before.rejects.get(table) if before else None
    if rejects is None or part is None:
        return (rejects is None) != (part is None)
    old, new = f"SELECT {COMPARED} FROM {parts_of((part,))}", f"SELECT {COMPARED} FROM {rejects}"
    return one(con, f"SELECT count(*) FROM (({old} EXCEPT ALL {new}) UNION ALL ({new} EXCEPT ALL {old}))")[0] > 0


def _write_rejects(con: duckdb.DuckDBPyConnection, workspace: Path, draft: Draft, rejects: Mapping[str, str | None],
                   before: Generation | None) -> None:
    """What was set aside: of the tables of this load its own, of the others what their latest load set aside."""
    kept = {table: path for table, path in (before.rejects if before else {}).items() if table not in rejects}
    draft.rejects = {table: path.name for table, path in kept.items()}
    if kept:
        draft.reject_rows, = one(con, f"SELECT count(*) FROM {parts_of(tuple(kept.values()))}")
    for table, relation in rejects.items():
        if relation:
            query = f"SELECT * FROM {relation} ORDER BY line, \"column\""
            draft.rejects[table], rows = write_part(con, workspace, f"rejects_{table}", query)
            draft.reject_rows += rows
