"""A workspace to load into, and what stands in it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from salesgauge import settings
from salesgauge.sources import stage
from salesgauge.staging import Staged, StagedTable
from salesgauge.store import Generation, LoadReport, current, load, open_tables, writing
from salesgauge.store.identity.groups import Verdict

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)

LEADS = "lead_id,created_at\nL1,2025-01-05T10:00:00\n"


def recorded(table: StagedTable, con: duckdb.DuckDBPyConnection) -> StagedTable:
    """The table as a connected system brings it."""
    relation = f"recorded_{table.table.name}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS SELECT *, '{table.table.name}/' || {table.table.key[0]} AS record_ "
                f"FROM {table.relation}")
    return replace(table, relation=relation, recorded=True)


class Workbench:
    """A workspace in a folder of its own; each load gets a folder of files of its own."""

    def __init__(self, folder: Path, timezone: str = "Europe/Berlin") -> None:
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.settings = settings.make(timezone, "EUR", {})
        settings.write(self.workspace, self.settings)
        self._folders = folder
        self._loads = 0

    def folder(self, files: Mapping[str, str | bytes]) -> Path:
        """A folder that holds the files."""
        self._loads += 1
        made = self._folders / f"files-{self._loads}"
        made.mkdir()
        for name, content in files.items():
            (made / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return made

    def load(self, files: Mapping[str, str | bytes] | Path, *, complete: bool = False, now: datetime = NOW,
             system: str | None = None) -> LoadReport:
        """Loads the files, or those of the folder; of a `system` a row's record is its table and the first part of its key."""
        folder = files if isinstance(files, Path) else self.folder(files)
        with writing(self.workspace, threads=1) as desk:
            staged = stage(folder, desk.con, desk.scratch)
            if system is not None:
                staged = replace(staged, system=system, tables=tuple(recorded(table, desk.con) for table in staged.tables))
            return load(self.workspace, self.settings, staged, desk.con, now=now, complete=complete)

    def prefer(self, *systems: str) -> None:
        """Says which systems are trusted most."""
        self.settings = replace(self.settings, prefer=systems)

    def decide(self, verdicts: Sequence[Verdict]) -> LoadReport:
        """Brings in what people decided of who is who."""
        with writing(self.workspace, threads=1) as desk:
            return load(self.workspace, self.settings, Staged("identity", (), partial=True), desk.con, now=NOW, verdicts=verdicts)

    @property
    def generation(self) -> Generation:
        found = current(self.workspace)
        assert found is not None
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query over the canonical tables and `rejects`."""
        with duckdb.connect() as con:
            open_tables(con, current(self.workspace))
            return con.execute(query).fetchall()

    def rejects(self) -> list[tuple[Any, ...]]:
        """What was set aside: line, column, reason, and whether the whole row was; in the order of the file."""
        return self.rows('SELECT line, "column", reason, whole FROM rejects ORDER BY "table", line, whole DESC, "column"')

    def snapshot(self) -> dict[str, bytes]:
        """Every file of the workspace."""
        return {str(p.relative_to(self.workspace)): p.read_bytes() for p in sorted(self.workspace.rglob("*")) if p.is_file()}
