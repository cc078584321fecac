"""A company in a few lines of text, as a workspace that answers questions."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from salesgauge.schema import TABLES
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.store import LoadReport
from salesgauge.workspace import Workspace

NOW = datetime(2030, 1, 1, tzinfo=UTC)
Rows = Sequence[Mapping[str, str]]


def rows(text: str) -> list[dict[str, str]]:
    """Rows from lines of words: the first line names the columns, `-` is an empty cell."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    made = []
    for line in lines:
        assert len(line) == len(header), f"{line} has not as many words as {header}"
        made.append({column: "" if word == "-" else word for column, word in zip(header, line, strict=True)})
    return made


def write_folder(folder: Path, tables: Mapping[str, Rows]) -> Path:
    """A folder of canonical CSV files, one for each of the tables."""
    folder.mkdir(parents=True)
    for name, given in tables.items():
        columns = list(dict.fromkeys([c.name for c in TABLES[name].columns] + [c for row in given for c in row]))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(given)
    return folder


def _template(kept: Path, absent: Sequence[str], timezone: str, currency: str) -> Path:
    """The store of a workspace with every table but the absent ones, each empty; made where it is not there yet."""
    template = kept / "-".join(["empty", *absent, timezone.replace("/", "."), currency])
    if not template.exists():
        with tempfile.TemporaryDirectory() as made:
            workspace = Workspace.create(Path(made) / "workspace", timezone, currency, {})
            workspace.load(write_folder(Path(made) / "source", dict.fromkeys(TABLES.keys() - set(absent), ())), now=NOW)
            partial = template.with_suffix(f".{os.getpid()}")
            shutil.copytree(workspace.folder / "store", partial)
        with suppress(OSError):  # another process has made it meanwhile
            partial.rename(template)
    return template


class Company:
    """A workspace made of rows. `templates` holds workspaces with every table empty, so that a company loads only the tables
    that it has rows in."""

    def __init__(self, folder: Path, templates: Path, tables: Mapping[str, Rows], *, without: Iterable[str] = (), timezone: str = "UTC",
                 currency: str = "EUR", settings: Mapping[str, Any] | None = None) -> None:
        self._folder, self._loads, self.templates = folder, 0, templates
        self.workspace = Workspace.create(folder / "workspace", timezone, currency, settings or {})
        absent = sorted(without)
        shutil.copytree(_template(templates / self.workspace.code, absent, timezone, currency), folder / "workspace" / "store")
        self.load(tables)

    def load(self, tables: Mapping[str, Rows], **options: Any) -> LoadReport:
        """Loads these rows."""
        self._loads += 1
        report = self.workspace.load(write_folder(self._folder / f"source {self._loads}", tables), now=NOW, **options)
        aside = {t.table: (t.rows_aside, t.cells_aside) for t in report.tables if t.rows_aside or t.cells_aside}
        assert not aside, aside
        return report

    def ask(self, queries: Sequence[Mapping[str, Any]], viewer: Viewer = EVERYTHING) -> list[dict[str, Any]]:
        """The answers to a batch."""
        return self.workspace.answer(queries, viewer)

    def answer(self, kpi: str, period: str, **more: Any) -> list[dict[str, Any]]:
        """The rows of one answer."""
        found = self.ask([{"kpi": kpi, "period": period, **more}])[0]
        assert "error" not in found, found
        return list(found["rows"])

    def row(self, kpi: str, period: str, **more: Any) -> dict[str, Any]:
        """The only row of an answer."""
        found = self.answer(kpi, period, **more)
        assert len(found) == 1, found
        return found[0]

    def fraction(self, kpi: str, period: str, **more: Any) -> tuple[float, float | None]:
        """Numerator and denominator of the only row of an answer."""
        row = self.row(kpi, period, **more)
        return row["numerator"], row["denominator"]

    def value(self, kpi: str, period: str, **more: Any) -> float | None:
        """The value of the only row of an answer."""
        value: float | None = self.row(kpi, period, **more)["value"]
        return value

    def groups(self, kpi: str, period: str, by: str, **more: Any) -> dict[str | None, tuple[float, float | None]]:
        """Numerator and denominator of each group of one dimension, in the order of the answer."""
        return {row["by"][by]: (row["numerator"], row["denominator"]) for row in self.answer(kpi, period, by=[by], **more)}

    def error(self, kpi: str, period: str, **more: Any) -> tuple[str, str]:
        """Code and message of the error that a question meets."""
        found = self.ask([{"kpi": kpi, "period": period, **more}])[0]
        return found["error"]["code"], found["error"]["message"]
