"""The kinds of systems that can be connected: a folder of sources each, imported when one of that kind is read."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Connector
from salesgauge.sources.connections.wire import Network

KINDS = {"hubspot": "hubspot", "sql": "sql_database", "tryton": "tryton"}


@dataclass(frozen=True)
class Opened:
    """A connected system, ready to be read: its connector, its mapping file, and the shapes that the mapping may read beside streams."""

    connector: Connector
    mapping: Path
    shapes: Mapping[str, str]


def open_connection(connection: Connection, secrets: Secrets, network: Network | None = None) -> Opened:
    """Opens a connection over a network (None: the real one); SourceError where its settings do not do."""
    if connection.kind not in KINDS:
        raise SourceError(f"{connection.path.name}: there is no kind {connection.kind!r}{did_you_mean(connection.kind, KINDS)}; "
                          f"there are: {', '.join(KINDS)}")
    try:
        module = importlib.import_module(f"salesgauge.sources.{KINDS[connection.kind]}")
    except ModuleNotFoundError as problem:
        raise SourceError(f"connections need a further package ({problem.name}); install salesgauge with its extra: "
                          "pip install 'salesgauge[sources]'") from None
    own = connection.folder / connection.mapping if connection.mapping else None
    mapping = own or getattr(module, "MAPPING", None)
    if mapping is None:
        raise SourceError(f"{connection.path.name}: name the mapping file that says what its tables mean: mapping = \"{connection.name}."
                          "mapping.toml\"")
    return Opened(module.connect(connection, secrets, network or Network()), mapping, getattr(module, "SHAPES", {}))
