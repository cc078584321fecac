"""Loading: staged tables are read, checked, merged into what is stored and published as a new generation, all or nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import LoadRefused
from salesgauge.schema import EXTRA, TABLES, USABLE
from salesgauge.settings import Settings
from salesgauge.staging import Progress, Staged, ident, silent
from salesgauge.store.checking import check, one
from salesgauge.store.generation import Generation, current, parts_of, stored_columns
from salesgauge.store.history import record
from salesgauge.store.keys import Incoming, settle
from salesgauge.store.merging import Merge, identity, merge, same
from salesgauge.store.publishing import Draft, prepare, sweep, switch, write_part
from salesgauge.store.rejects import COMPARED, collect
from salesgauge.store.report import LoadReport, TableReport
from salesgauge.store.writing import hold
from salesgauge.store.zones import make_days

MOST_PARTS = 8  # of one table; beyond, its parts are made one


def load(workspace: Path, settings: Settings, staged: Staged, con: duckdb.DuckDBPyConnection, *, now: datetime, complete: bool = False,
         progress: Progress = silent) -> LoadReport:
    """Merges `staged` into the workspace; `con` is the connection it was staged in, `now` the load's instant (with a zone).

    `complete`: stored rows of the tables brought that their files lack go. Raises LoadRefused where the workspace would be left without
    a usable table, and WorkspaceError where it is damaged or being written; the workspace is then as before.
    """
    with hold(workspace):
        prepare(workspace)
        before = current(workspace)
        sweep(workspace)
        _refuse_unusable(staged, before)
        make_days(con, settings.zone)
        total = 2 * len(staged.tables) + 1
        incoming: dict[str, Incoming] = {}
        for table in staged.tables:
            progress(len(incoming), total, f"checking {table.table.name}")
            incoming[table.table.name] = settle(con, check(con, table))
        stored = dict(before.tables) if before else {}
        merges = {name: merge(con, rows, stored.get(name), complete) for name, rows in incoming.items()}
        recorded = record(con, incoming.get("opportunities"), merges.get("opportunities"), incoming.get("stage_changes"),
                          merges.get("stage_changes"), stored.get("stage_changes"), now, settings.zone)
        if recorded.merge:
            merges["stage_changes"] = recorded.merge
        number = int(before.name[2:]) + 1 if before else 1
        draft = Draft(f"g-{number:06d}", before.name if before else None, now.astimezone(UTC).isoformat())
        rejects = {name: collect(con, rows.checked, draft.name) for name, rows in incoming.items()}
        reports = tuple(_report(con, rows, merges[name], rejects[name]) for name, rows in incoming.items())
        changed = any(m.touches for m in merges.values()) or any(
            _rejects_differ(con, rejects[name], before, name) for name in incoming)
        notes = tuple(n for rows in incoming.values() for n in rows.checked.staged.notes) + tuple(n for m in merges.values() for n in m.notes)
        generation = draft.name if changed or before is None else before.name
        report = LoadReport(staged.origin, generation, generation == draft.name, complete, reports, recorded.rows, staged.ignored, notes)
        if not report.changed:
            return report
        for name in TABLES:
            if name in merges and merges[name].touches:
                progress(len(incoming) + len(draft.tables), total, f"writing {name}")
                draft.tables[name] = _write(con, workspace, merges[name])
            elif name in stored:
                draft.tables[name] = _entry(stored[name].parts, stored[name].rows, stored[name].extras)
        _write_rejects(con, workspace, draft, rejects, before)
        draft.report = report.as_json()
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
    whole: Counter[str] = Counter()
    cells: Counter[str] = Counter()
    if rejects:
        for reason, is_whole, count in con.execute(f"SELECT reason, whole, count(*) FROM {rejects} GROUP BY ALL ORDER BY ALL").fetchall():
            (whole if is_whole else cells)[reason] += count
    return TableReport(staged.table.name, staged.file, staged.rows + len(staged.unread), merged.new, merged.changed, merged.unchanged,
                       rows.repeats, merged.gone, dict(whole), dict(cells))


def _rejects_differ(con: duckdb.DuckDBPyConnection, rejects: str | None, before: Generation | None, name: str) -> bool:
    part = before.rejects.get(name) if before else None
    if rejects is None or part is None:
        return (rejects is None) != (part is None)
    old, new = f"SELECT {COMPARED} FROM {parts_of((part,))}", f"SELECT {COMPARED} FROM {rejects}"
    return bool(one(con, f"SELECT count(*) FROM (({old} EXCEPT ALL {new}) UNION ALL ({new} EXCEPT ALL {old}))")[0])


def _entry(parts: tuple[Path, ...] | list[str], rows: int, extras: tuple[str, ...]) -> dict[str, Any]:
    return {"parts": [p if isinstance(p, str) else p.name for p in parts], "rows": rows, "extras": list(extras)}


def _write(con: duckdb.DuckDBPyConnection, workspace: Path, merged: Merge) -> dict[str, Any]:
    """Writes what a merge changes: stored parts without the rows to drop, and a part of the rows to add. All parts have equal columns."""
    table, stored = merged.table, merged.stored
    kept: list[tuple[Path | str, int]] = []
    names = [n for n, _ in stored_columns(table)]
    held = ", ".join(ident(n) for n in [*names, *(EXTRA + x for x in (stored.extras if stored else ()))])
    fresh = merged.extras[len(stored.extras):] if stored else ()
    empties = "".join(f", CAST(NULL AS VARCHAR) AS {ident(EXTRA + x)}" for x in fresh)
    whole = bool(stored) and (bool(fresh) or len(stored.parts) + 1 > MOST_PARTS)
    queries = []
    for part in stored.parts if stored else ():
        source = parts_of((part,))
        gone = f"EXISTS (SELECT 1 FROM {merged.drop} d WHERE {same('d', 'p', identity(table))})" if merged.drop else "false"
        rows, dropped = one(con, f"SELECT count(*), count(*) FILTER ({gone}) FROM {source} p")
        if rows == dropped:
            continue
        if whole or dropped:
            queries.append(f"SELECT {held}{empties} FROM {source} p WHERE NOT {gone}")
        elif rows:
            kept.append((part, rows))
    if whole:
        queries = [" UNION ALL ".join(f"({q})" for q in [*queries, *([merged.add] if merged.add else [])])]
    elif merged.add:
        queries.append(merged.add)
    for query in queries:
        name, rows = write_part(con, workspace, table.name, query)
        if rows:
            kept.append((name, rows))
    return _entry([p if isinstance(p, str) else p.name for p, _ in kept], sum(r for _, r in kept), merged.extras)


def _write_rejects(con: duckdb.DuckDBPyConnection, workspace: Path, draft: Draft, rejects: dict[str, str | None], before: Generation | None) -> None:
    """What was set aside: of the tables of this load its own, of the others what their latest load set aside."""
    if before:
        draft.rejects.update({name: path.name for name, path in before.rejects.items() if name not in rejects})
        if draft.rejects:
            paths = tuple(before.rejects[name] for name in draft.rejects)
            draft.reject_rows, = one(con, f"SELECT count(*) FROM {parts_of(paths)}")
    for name, relation in rejects.items():
        if relation:
            draft.rejects[name], rows = write_part(con, workspace, f"rejects_{name}", f"SELECT * FROM {relation} ORDER BY line, \"column\"")
            draft.reject_rows += rows

