"""Loading: staged tables are read, checked, merged into what is stored and published as a new generation, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import LoadRefused, WorkspaceError
from salesgauge.schema import KEY_TABLES, TABLES, USABLE
from salesgauge.settings import Settings
from salesgauge.staging import Progress, Staged, silent
from salesgauge.store.changes import write_changes
from salesgauge.store.checking import check, one
from salesgauge.store.generation import (
    DAMAGED,
    FOLDER,
    PARTS,
    Generation,
    Identity,
    StoredTable,
    current,
    name_in_force,
    stored_table,
)
from salesgauge.store.history import CHANGES, record
from salesgauge.store.identity.applying import Seen, apply
from salesgauge.store.identity.finding import find
from salesgauge.store.identity.groups import Verdict
from salesgauge.store.keys import Incoming, settle
from salesgauge.store.merging import Merge, Origin, merge
from salesgauge.store.parts import write_part, write_table
from salesgauge.store.places import parts_of
from salesgauge.store.publishing import Draft, next_name, prepare, set_aside, sweep, switch
from salesgauge.store.rejects import COMPARED, collect
from salesgauge.store.report import LoadReport, TableReport
from salesgauge.store.writing import hold
from salesgauge.store.zones import make_days


def load(workspace: Path, settings: Settings, staged: Staged, con: duckdb.DuckDBPyConnection, *, now: datetime, complete: bool = False,
         progress: Progress = silent, verdicts: Sequence[Verdict] | None = None) -> LoadReport:
    """Merges `staged` into the workspace; `con` is the connection it was staged in, `now` the load's instant (with a zone).

    `complete`: stored rows of the tables brought that their files lack go (where a system is read, those that came from it). A load that
    changes nothing leaves the generation in force. `verdicts`: all that people decided of who is who, in their order (None: as the
    generation in force has it). Raises LoadRefused where a file cannot be trusted or the workspace would have no
    usable table, WorkspaceError where the store is damaged or being written; the workspace is then as before.
    """
    with hold(workspace):
        try:
            return _load(workspace, settings, staged, con, now, complete, progress, verdicts)
        except BaseException:
            with suppress(WorkspaceError, OSError):  # what it wrote makes room at once; where that fails, the next load removes it
                sweep(workspace, name_in_force(workspace / FOLDER))
            raise


def _load(workspace: Path, settings: Settings, staged: Staged, con: duckdb.DuckDBPyConnection, now: datetime, complete: bool,
          progress: Progress, verdicts: Sequence[Verdict] | None) -> LoadReport:
    prepare(workspace)
    before = current(workspace)
    mends = before is not None and before.damage is not None
    if not mends:
        sweep(workspace, before.name if before else None)
    _refuse_unusable(staged, before)
    total = 2 * len(staged.tables) + 1
    make_days(con, settings.zone)
    incoming: dict[str, Incoming] = {}
    for table in staged.tables:
        progress(len(incoming), total, f"checking {table.table.name}")
        incoming[table.table.name] = settle(con, check(con, table))
    stored = before.said if before else {}
    name = next_name(workspace, before)
    origin = Origin(name, now.astimezone(UTC).replace(tzinfo=None), staged.system, staged.partial)
    merges = {n: merge(con, rows, stored.get(n), complete, origin) for n, rows in incoming.items()}
    changes, recorded = record(con, incoming, merges, stored.get(CHANGES), now, settings.zone, origin)
    if changes:
        merges[CHANGES] = changes
    rejects = {} if staged.partial else {n: collect(con, rows.checked, name) for n, rows in incoming.items()}
    written = _write_said(con, workspace, merges)
    said = {**stored, **{n: stored_table(n, entry, workspace / FOLDER / PARTS) for n, entry in written.items()}}
    known = before.identity if before else Identity()
    found = find(con, workspace, known, said, written, verdicts, settings.prefer)
    changed = (mends or bool(written) or found.changed
               or any(_rejects_differ(con, rejected, before, n) for n, rejected in rejects.items()))
    report = LoadReport(
        staged.origin, name if changed or before is None else before.name, changed, complete,
        tuple(_report(con, rows, merges[n], rejects.get(n)) for n, rows in incoming.items()), recorded, staged.ignored,
        (*_mended(before, name), *(note for table in staged.tables for note in table.notes),
         *(note for m in merges.values() for note in m.notes)))
    if changed:
        told = (before.loaded_at.isoformat(), dict(before.report)) if before and staged.partial else (
            now.astimezone(UTC).isoformat(), report.as_json())
        draft = Draft(name, before.name if before else None, *told, groups=found.groups, verdicts=found.verdicts, prefer=found.prefer)
        draft.keys = {n: said[n].entry() for n in KEY_TABLES if n in said}
        for n in (n for n in TABLES if n in said):
            progress(len(incoming) + len(draft.tables), total, f"writing {n}")
            merged, standing = merges[n] if n in written else None, before.tables.get(n) if before else None
            seen = apply(con, TABLES[n], stored.get(n), said[n], standing, merged)
            _write_seen(con, workspace, draft, n, seen, said[n].entry(), standing)
        _write_rejects(con, workspace, draft, rejects, before)
        if before is not None and mends:
            set_aside(workspace, before, draft)
        switch(workspace, draft)
        sweep(workspace, name)
    progress(total, total, "loaded")
    return report


def _write_said(con: duckdb.DuckDBPyConnection, workspace: Path, merges: Mapping[str, Merge]) -> dict[str, dict[str, Any]]:
    """Writes the tables that the load makes others, as their sources say them: their entries."""
    return {n: write_table(con, workspace, merged) for n, merged in merges.items() if merged.touches}


def _write_seen(con: duckdb.DuckDBPyConnection, workspace: Path, draft: Draft, name: str, seen: Seen,
                said: dict[str, Any], standing: StoredTable | None) -> None:
    """Writes a table as everybody reads it, and what of it changed. `said` is the entry of what its sources
    say, `standing` is the table as everybody read it before."""
    if seen.merge is not None:
        draft.changes[name] = write_changes(con, workspace, seen.merge)
    if not seen.apart:
        draft.tables[name] = said
        return
    draft.said[name] = said
    if seen.merge is not None:
        draft.tables[name] = write_table(con, workspace, seen.merge)
    elif standing is not None:
        draft.tables[name] = standing.entry()


def _mended(before: Generation | None, name: str) -> list[str]:
    """What a person must know when a load has gone on from a generation that stood in for a damaged one."""
    if before is None or before.damage is None:
        return []
    return [f"the store was damaged ({before.damage}), so this load went on from {before.name}: what was loaded after that is missing "
            f"until it is loaded again; what is left of it lies in {FOLDER}/{DAMAGED}/before-{name}"]


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
