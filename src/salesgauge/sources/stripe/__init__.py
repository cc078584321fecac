"""Stripe (invoices, payments, subscriptions): README.md beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.stripe.pages import page
from salesgauge.sources.stripe.shapes import LEFT_OUT, SHAPES

if TYPE_CHECKING:
    from salesgauge.sources.connections.connection import Connection
    from salesgauge.sources.connections.secrets import Secrets
    from salesgauge.sources.connections.wire import Network
    from salesgauge.sources.stripe.connector import Stripe

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("key", "a restricted key of the account that may only read (Developers, API keys)", secret=True, example="rk_live_..."),)


def connect(connection: Connection, secrets: Secrets, network: Network) -> Stripe:
    """The account that a connection names, as `connector.connect` says it; imported when it is read."""
    from salesgauge.sources.stripe.connector import connect as connecting
    return connecting(connection, secrets, network)


__all__ = ["HELP", "LEFT_OUT", "MAPPING", "SHAPES", "connect", "page"]
