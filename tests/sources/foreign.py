"""A folder of somebody's files, a mapping for it, and what stands in the workspace after the load."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from salesgauge import settings
from salesgauge.errors import SalesgaugeError
from salesgauge.sources import stage_mapped
from salesgauge.store import LoadReport, current, load, open_tables, writing

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
Files = Mapping[str, str | bytes]


class Foreign:
    """A workspace in the folder given; its time zone is Europe/Berlin."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.source = folder / "workspace", folder / "export"
        self.workspace.mkdir()
        self.source.mkdir()
        self._file = folder / "map.toml"
        self.settings = settings.make("Europe/Berlin", "EUR", {})
        settings.write(self.workspace, self.settings)

    def write(self, files: Files, mapping: str) -> None:
        """Writes the files and the mapping."""
        for name, content in files.items():
            (self.source / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        self._file.write_text(mapping, encoding="utf-8")

    def load(self, files: Files, mapping: str) -> LoadReport:
        """Loads the files by the mapping."""
        self.write(files, mapping)
        with writing(self.workspace, threads=1) as desk:
            staged = stage_mapped(self._file)(self.source, desk.con, desk.scratch, lambda done, total, what: None)
            return load(self.workspace, self.settings, staged, desk.con, now=NOW)

    def refusal(self, files: Files, mapping: str) -> str:
        """What the load by the mapping is refused with; the workspace has no data then."""
        with pytest.raises(SalesgaugeError) as found:
            self.load(files, mapping)
        assert current(self.workspace) is None
        return found.value.message

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query over the canonical tables and `rejects`."""
        with duckdb.connect() as con:
            open_tables(con, current(self.workspace))
            return con.execute(query).fetchall()

    def rejects(self) -> list[tuple[Any, ...]]:
        """What was set aside: file, line, column, value and reason, in the order of the files."""
        return self.rows('SELECT file, line, "column", "value", reason FROM rejects ORDER BY "table", file, line, "column"')
