"""The kinds of systems that can be connected: a folder of sources each, imported when one of that kind is read."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Connector

if TYPE_CHECKING:
    from salesgauge.sources.connections.wire import Network

KINDS = {"google_ads": "ad_spend", "hubspot": "hubspot", "meta_ads": "ad_spend", "odoo": "odoo", "pipedrive": "pipedrive",
         "salesforce": "salesforce", "shopify": "shopify", "sql": "sql_database", "stripe": "stripe", "tryton": "tryton"}


@dataclass(frozen=True)
class Opened:
    """A connected system, ready to be read: its connector, its mapping file, the shapes that the mapping may read beside streams, and the
    tables that are left out until the system has a row of them."""

    connector: Connector
    mapping: Path
    shapes: Mapping[str, str]
    left_out: frozenset[str] = frozenset()


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
    if network is None:
        from salesgauge.sources.connections.wire import Network
        network = Network()
    shapes = getattr(module, "SHAPES", {})  # or what makes them of a connection
    return Opened(module.connect(connection, secrets, network), mapping, shapes(connection) if callable(shapes) else shapes,
                  getattr(module, "LEFT_OUT", frozenset()))


def _module(kind: str, where: str = "") -> Any:
    if kind not in KINDS:
        raise SourceError(f"{where}there is no kind {kind!r}{did_you_mean(kind, KINDS)}; there are: {', '.join(KINDS)}")
    try:
        return importlib.import_module(f"salesgauge.sources.{KINDS[kind]}")
    except ModuleNotFoundError as problem:
        raise SourceError(f"connections need a further package ({problem.name}); install salesgauge with its extra: "
                          "pip install 'salesgauge[sources]'") from None


def page_of(connection: Connection, record: str) -> str | None:
    """The address of a record's page in the user interface of the system that it came from; None where there is none that can be told.
    It begins with https, or with http where the connection's own address does; nothing is asked of the system."""
    try:
        page = getattr(importlib.import_module(f"salesgauge.sources.{KINDS[connection.kind]}"), "page", None)
        address: str | None = page(connection.options, record) if page is not None else None
    except (KeyError, ModuleNotFoundError):  # an unknown kind, or this server has no packages for connections
        return None
    return address if address is not None and _may_lead_there(address, str(connection.options.get("url", ""))) else None


def _may_lead_there(address: str, of_system: str) -> bool:
    """Whether people may be led to an address that was made from what a system said: one of the web, in one piece, without a password."""
    if not address.isprintable() or set(address) & set(" \"'<>\\`"):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc and (
        parts.scheme == "https" or (parts.scheme == "http" and of_system.lower().startswith("http://")))
