"""The kinds of systems that can be connected: a folder of sources each, imported when one of that kind is read."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.asked import Asked
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


def asked(kind: str) -> tuple[Asked, ...]:
    """What a kind must be told before it can be connected; SourceError where there is no such kind."""
    found: tuple[Asked, ...] = _module(kind).HELP
    return found


def open_connection(connection: Connection, secrets: Secrets, network: Network | None = None) -> Opened:
    """Opens a connection over a network (None: the real one); SourceError where its settings do not do."""
    module = _module(connection.kind, f"{connection.path.name}: ")
    own = connection.folder / connection.mapping if connection.mapping else None
    mapping = own or getattr(module, "MAPPING", None)
    if mapping is None:
        raise SourceError(f"{connection.path.name}: name the mapping file that says what its tables mean: mapping = \"{connection.name}."
                          "mapping.toml\"")
    return Opened(module.connect(connection, secrets, network or Network()), mapping, getattr(module, "SHAPES", {}))


def _module(kind: str, where: str = "") -> Any:
    if kind not in KINDS:
        raise SourceError(f"{where}there is no kind {kind!r}{did_you_mean(kind, KINDS)}; there are: {', '.join(KINDS)}")
    try:
        return importlib.import_module(f"salesgauge.sources.{KINDS[kind]}")
    except ModuleNotFoundError as problem:
        raise SourceError(f"connections need a further package ({problem.name}); install salesgauge with its extra: "
                          "pip install 'salesgauge[sources]'") from None
