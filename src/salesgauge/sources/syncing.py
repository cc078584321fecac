"""A sync: what is new in a connected system is read into its raw file, and from there merged into the store as any load is."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.extracting import MISREAD, Extracted, Tell, extract
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.staging import stage_connection
from salesgauge.sources.connections.stream import Connector, Right
from salesgauge.sources.connections.turns import turn
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.kinds import open_connection
from salesgauge.staging import Stage

LOCK = "lock"  # of the folder of what was read


class Loaded(Protocol):
    """What a load says of itself."""

    @property
    def changed(self) -> bool:
        """Whether it made a new generation."""

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
         emptied: bool = False, network: Network | None = None, wait: Callable[[], None] | None = None,
         begun: Callable[[], None] = lambda: None) -> Synced:
    """Brings the workspace up to date with a connected system; `load` merges a folder by a stage, all or nothing, as all that the system
    has. SourceError where the system cannot be read: the workspace is then as before, and the next sync goes on where this one ended.
    Busy where another process reads it; with `wait`, called before each further try, its turn is waited for. `begun` is told when it
    has come."""
    with turn(connection.raw / LOCK, f"{connection.name} is being read already; try again when that is done", wait):
        begun()
        opened = open_connection(connection, secrets, network)
        with _read(connection, opened.connector):
            streams = opened.connector.streams()
            read = extract(connection.raw, streams, tell, emptied=emptied)
        return Synced(connection.name, tuple(read), load(connection.raw, stage_connection(connection, opened.mapping, streams,
                                                                                         dict(opened.shapes), opened.left_out)))


def rights(connection: Connection, secrets: Secrets, network: Network | None = None) -> list[Right]:
    """What a sync needs to be allowed, tried."""
    opened = open_connection(connection, secrets, network)
    with _read(connection, opened.connector):
        return list(opened.connector.rights())


@contextmanager
def _read(connection: Connection, connector: Connector) -> Iterator[None]:
    """Ends a connector when it was read. An answer of another form than the system's documents promise is an error in words, wherever the
    connector stumbles over it."""
    try:
        yield
    except MISREAD as problem:
        raise SourceError(f"{connection.name}: it answers in another form than {connection.kind} has ({type(problem).__name__}: "
                          f"{_brief(problem)}); see that the address and the version are right") from problem
    finally:
        connector.close()


def _brief(problem: Exception) -> str:
    """Where in an answer the connector stumbled; never what the answer held."""
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"
