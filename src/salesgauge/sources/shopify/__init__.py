"""Shopify (orders, customers, products): README.md beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.shopify.pages import page
from salesgauge.sources.shopify.shapes import LEFT_OUT, SHAPES

if TYPE_CHECKING:
    from salesgauge.sources.connections.connection import Connection
    from salesgauge.sources.connections.secrets import Secrets
    from salesgauge.sources.connections.wire import Network
    from salesgauge.sources.shopify.connector import Shopify

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("shop", "the name of the shop at Shopify, before .myshopify.com", example="acme"),
        Asked("token", "the Admin API access token of an app that may only read", secret=True, example="shpat_..."))


def connect(connection: Connection, secrets: Secrets, network: Network) -> Shopify:
    """The shop that a connection names, as `connector.connect` says it; imported when it is read."""
    from salesgauge.sources.shopify.connector import connect as connecting
    return connecting(connection, secrets, network)


__all__ = ["HELP", "LEFT_OUT", "MAPPING", "SHAPES", "connect", "page"]
