"""A small company whose deals stand in a SQLite database, and a workspace that is connected to it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.sources.syncing import Synced
from salesgauge.workspace import Workspace

NOW = datetime(2025, 6, 1, tzinfo=UTC)
MAPPING = """
[reps]
file = "people"
columns = { rep_id = "id", name = "name" }

[opportunities]
file = "deals"
record = { column = "id", prefix = "deals/" }

[opportunities.columns]
opportunity_id = "id"
created_at = "opened"
closed_at = "closed"
outcome = { column = "status", values = { won = "won", lost = "lost" }, otherwise = "empty" }
owner_id = "owner"
amount = "value"
"""


class Company:
    """The database and the workspace, side by side."""

    def __init__(self, folder: Path) -> None:
        self.file, self.folder = folder / "crm.sqlite", folder / "workspace"
        self.database = sqlite3.connect(self.file)
        self.sql("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT)")
        self.sql("CREATE TABLE deals (id INTEGER PRIMARY KEY, opened TEXT, closed TEXT, status TEXT, owner TEXT, value NUMERIC, "
                 "changed TIMESTAMP)")
        self.sql("INSERT INTO people VALUES ('R1', 'Ada Quist'), ('R2', 'Bo Marlow')")
        for number in range(1, 7):
            self.sql(f"INSERT INTO deals VALUES ({number}, '2025-01-0{number}', NULL, 'open', 'R{1 + number % 2}', {number}000.5, "
                     f"'2025-02-01 10:00:0{number}')")
        self.workspace = Workspace.create(self.folder, "UTC", "EUR", {})
        self.connect("crm", "", '{ cursor = "changed" }')

    def connect(self, name: str, prefix: str, deals: str) -> None:
        """Writes a connection to the database."""
        folder = self.folder / FOLDER
        folder.mkdir(exist_ok=True)
        (folder / "own.mapping.toml").write_text(MAPPING)
        (folder / f"{name}.toml").write_text(f'kind = "sql"\nprefix = "{prefix}"\nmapping = "own.mapping.toml"\n[options]\n'
                                             f'url = "sqlite:///{self.file}"\n[options.tables]\npeople = {{}}\ndeals = {deals}\n')

    def sql(self, statement: str) -> None:
        """Changes the database."""
        self.database.execute(statement)
        self.database.commit()

    def sync(self, name: str = "crm", **more: Any) -> Synced:
        """Reads the database."""
        return self.workspace.sync(name, now=NOW, environment={}, **more)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the workspace has."""
        with self.workspace.session() as session:
            return session.con.execute(query).fetchall()

    def deals(self) -> list[tuple[Any, ...]]:
        """Each deal with its owner and amount, as the workspace has them."""
        return self.rows("SELECT opportunity_id, owner_id, amount FROM opportunities ORDER BY 1")


def connection(folder: Path, **more: Any) -> Connection:
    """A connection in a folder, for tests of its parts."""
    return Connection(folder, "crm", "sql", **more)
