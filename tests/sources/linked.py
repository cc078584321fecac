"""A workspace that is connected to a simulated system, for tests of what is particular to one vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import tomli_w

from salesgauge.sources.connections.connection import FOLDER, Connection, read
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Right
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.syncing import Synced, rights
from salesgauge.workspace import Workspace

NAME, NOW = "crm", datetime(2025, 6, 2, 9, tzinfo=UTC)


class Linked:
    """The workspace and the line to the system; `waited` are the seconds that the wire was patient."""

    def __init__(self, folder: Path, kind: str, handle: Callable[[httpx.Request], httpx.Response], options: Mapping[str, object],
                 secrets: Mapping[str, str], mapping: str | None = None) -> None:
        self.folder, self._handle, self.waited = folder / "workspace", handle, list[float]()
        self.workspace = Workspace.create(self.folder, "UTC", "EUR", {})
        self._environment = dict(secrets)
        (self.folder / FOLDER).mkdir()
        said = {"kind": kind, "options": dict(options), "secrets": {name: f"env:{name}" for name in secrets}}
        if mapping is not None:
            (self.folder / FOLDER / "own.toml").write_text(mapping, encoding="utf-8")
            said["mapping"] = "own.toml"
        (self.folder / FOLDER / f"{NAME}.toml").write_text(tomli_w.dumps(said), encoding="utf-8")

    @property
    def network(self) -> Network:
        """The line, which waits for nothing."""
        return Network(httpx.MockTransport(self._handle), self.waited.append, lambda: 0.5, lambda: NOW)

    @property
    def connection(self) -> Connection:
        """The connection as its file says it."""
        return read(self.folder, NAME)

    @property
    def secrets(self) -> Secrets:
        """Its secrets."""
        return Secrets(self.folder / FOLDER, self._environment)

    def sync(self) -> Synced:
        """Syncs; nothing may be set aside."""
        done = self.workspace.sync(NAME, now=NOW, environment=self._environment, network=self.network)
        aside = {table["table"]: table for table in done.as_json()["load"]["tables"] if table["rows_aside"] or table["cells_aside"]}
        assert not aside, aside
        return done

    def rights(self) -> list[Right]:
        """What the connection may do."""
        return rights(self.connection, self.secrets, self.network)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the workspace answers to SQL."""
        with self.workspace.session() as session:
            return session.con.execute(query).fetchall()
