"""Salesforce (Sales Cloud): README.md beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.salesforce.pages import page
from salesgauge.sources.salesforce.shapes import LEFT_OUT, SHAPES

if TYPE_CHECKING:
    from salesgauge.sources.connections.connection import Connection
    from salesgauge.sources.connections.secrets import Secrets
    from salesgauge.sources.connections.wire import Network
    from salesgauge.sources.salesforce.connector import Salesforce

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (
    Asked("url", "the address of My Domain (Setup, My Domain)", example="https://example.my.salesforce.com"),
    Asked("client_id", "the consumer key of the External Client App", secret=True),
    Asked("client_secret", "the consumer secret of the External Client App", secret=True),
)


def connect(connection: Connection, secrets: Secrets, network: Network) -> Salesforce:
    """The organisation that a connection names, as `connector.connect` says it; imported when it is read."""
    from salesgauge.sources.salesforce.connector import connect as connecting
    return connecting(connection, secrets, network)


__all__ = ["HELP", "LEFT_OUT", "MAPPING", "SHAPES", "connect", "page"]
