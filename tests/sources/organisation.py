"""A simulated organisation of Salesforce and a workspace that is connected to it. What is read goes into the raw file at once, without dlt,
which the conformance suite tries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx

from salesgauge.settings import FILE
from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.sources.connections.extracting import CENSUS, DATASET, RAW
from salesgauge.sources.connections.raw import RawInputs, stored
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.staging import stage_connection
from salesgauge.sources.connections.stream import Stream
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.kinds import Opened, open_connection
from salesgauge.staging import ident
from salesgauge.workspace import Workspace
from sources.simulators.salesforce import CLIENT, SECRET, Org

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)
URL = "https://example.my.salesforce.com"


class Organisation:
    """The organisation, how it is read, and what the workspace makes of it."""

    def __init__(self, folder: Path, *, mapping: str | None = None, secrets: dict[str, str] | None = None, org: Org | None = None,
                 **options: Any) -> None:
        self.org = org or Org(NOW)
        kept = {"client_id": CLIENT, "client_secret": SECRET} if secrets is None else secrets
        self.connection = Connection(folder / "workspace" / FOLDER, "sf", "salesforce", {"url": URL, **options},
                                     {name: f"env:{name}" for name in kept}, mapping=mapping)
        self.slept: list[float] = []
        self._kept, self._folder = kept, folder

    def opened(self) -> Opened:
        """The connection, opened."""
        return open_connection(self.connection, Secrets(self.connection.folder, self._kept), self._network())

    def stream(self, name: str) -> Stream:
        """A stream of a connection that is opened anew."""
        return next(stream for stream in self.opened().connector.streams() if stream.name == name)

    def pages(self, name: str, since: str | None = None) -> list[list[dict[str, Any]]]:
        """The pages of a stream."""
        return [[dict(record) for record in page] for page in self.stream(name).read(since)]

    def records(self, name: str, since: str | None = None) -> list[dict[str, Any]]:
        """The records of a stream."""
        return [record for page in self.pages(name, since) for record in page]

    def rights(self) -> dict[str, tuple[bool, str]]:
        """Of each right whether it is granted, and what is said of it."""
        return {right.what: (right.granted, right.remedy) for right in self.opened().connector.rights()}

    def shape(self, name: str, columns: str) -> list[tuple[Any, ...]]:
        """Reads everything anew; columns of what a shape makes of it, in their order."""
        opened, streams = self._read()
        with duckdb.connect() as con:
            RawInputs(self.connection.raw, streams, {}, con, self._folder)
            return con.execute(f"SELECT {columns} FROM ({opened.shapes[name]}) ORDER BY ALL").fetchall()

    def load(self) -> dict[str, dict[str, Any]]:
        """Reads everything anew and loads it; what became of each table."""
        opened, streams = self._read()
        stage = stage_connection(self.connection, opened.mapping, streams, dict(opened.shapes), opened.left_out)
        report = self._workspace().load(self.connection.raw, now=self.org.now, stage=stage, complete=True).as_json()
        return {table["table"]: table for table in report["tables"]}

    def sync(self) -> None:
        """Syncs as a person does it, with dlt."""
        self.connection.write()
        self._workspace().sync("sf", now=self.org.now, environment=self._kept, network=self._network())

    def _network(self) -> Network:
        return Network(httpx.MockTransport(self.org.handle), self.slept.append, lambda: 0.5, lambda: self.org.now)

    def _read(self) -> tuple[Opened, Sequence[Stream]]:
        """Fills the raw file."""
        opened, raw = self.opened(), self.connection.raw
        raw.mkdir(parents=True, exist_ok=True)
        (raw / RAW).unlink(missing_ok=True)
        streams = opened.connector.streams()
        with duckdb.connect(str(raw / RAW)) as con:
            con.begin()  # one write to the disk, not one a table
            con.execute(f"CREATE SCHEMA {DATASET}")
            for stream in streams:
                rows = [[_text(row.get(column)) for column in stream.columns] for page in stream.read(None) for row in page]
                _table(con, stream.name, stream.columns, rows)
                if stream.census is not None:
                    _table(con, stream.name + CENSUS, stream.key, [list(key) for page in stream.census() for key in page])
            con.commit()
        return opened, streams

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the workspace answers to SQL."""
        with self._workspace().session() as session:
            return session.con.execute(query).fetchall()

    def tick(self, **much: float) -> None:
        """Its clock goes on."""
        self.org.now += timedelta(**much)

    def _workspace(self) -> Workspace:
        folder = self._folder / "workspace"
        return Workspace(folder) if (folder / FILE).exists() else Workspace.create(folder, "UTC", "EUR", {})


def _text(value: Any) -> str | None:
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _table(con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: list[list[str | None]]) -> None:
    table = f"{DATASET}.{ident(stored(name))}"
    con.execute(f"CREATE TABLE {table} ({', '.join(f'{ident(stored(column))} VARCHAR' for column in columns)})")
    for row in rows:
        con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
