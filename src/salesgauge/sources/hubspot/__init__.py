"""HubSpot (CRM API, by date-based version): README.md beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.hubspot.pages import page
from salesgauge.sources.hubspot.shapes import SHAPES

if TYPE_CHECKING:
    from salesgauge.sources.connections.connection import Connection
    from salesgauge.sources.connections.secrets import Secrets
    from salesgauge.sources.connections.wire import Network
    from salesgauge.sources.hubspot.connector import HubSpot

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (
    Asked("portal", "the number of the account (Hub ID), for links to its records: in the menu of your picture", example="12345678"),
    Asked("token", "a service key, or the access token of a private app, with the scopes that README.md names", secret=True,
          example="pat-eu1-..."),
)


def connect(connection: Connection, secrets: Secrets, network: Network) -> HubSpot:
    """The account that a connection names, as `connector.connect` says it; imported when it is read."""
    from salesgauge.sources.hubspot.connector import connect as connecting
    return connecting(connection, secrets, network)


__all__ = ["HELP", "MAPPING", "SHAPES", "connect", "page"]
