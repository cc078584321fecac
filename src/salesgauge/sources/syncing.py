"""A sync: what is new in a connected system is read into its raw file, and from there merged into the store as any load is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.extracting import Extracted, Tell, extract
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.staging import stage_connection
from salesgauge.sources.connections.stream import Right
from salesgauge.sources.kinds import open_connection
from salesgauge.staging import Progress, Staged

Stage = Callable[[Path, duckdb.DuckDBPyConnection, Path, Progress], Staged]


class Loaded(Protocol):
    """What a load says of itself."""

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""


@dataclass(frozen=True)
class Synced:
    """What a sync did: how many records of each stream were read, and what the load made of them."""

    connection: str
    streams: tuple[Extracted, ...]
    load: Loaded

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {"connection": self.connection, "streams": [asdict(stream) for stream in self.streams], "load": self.load.as_json()}


def sync(connection: Connection, secrets: Secrets, load: Callable[[Path, Stage], Loaded], *, tell: Tell = lambda stream, count: None,
         emptied: bool = False) -> Synced:
    """Brings the workspace up to date with a connected system; `load` merges a folder by a stage, all or nothing, as all that the system
    has. SourceError where the system cannot be read: the workspace is then as before, and the next sync goes on where this one ended."""
    opened = open_connection(connection, secrets)
    try:
        streams = opened.connector.streams()
        read = extract(connection.raw, streams, tell, emptied=emptied)
    finally:
        opened.connector.close()
    return Synced(connection.name, tuple(read), load(connection.raw, stage_connection(connection, opened.mapping, streams,
                                                                                     dict(opened.shapes))))


def rights(connection: Connection, secrets: Secrets) -> list[Right]:
    """What a sync needs to be allowed, tried."""
    opened = open_connection(connection, secrets)
    try:
        return list(opened.connector.rights())
    finally:
        opened.connector.close()
