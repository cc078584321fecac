"""What advertising cost, from reports of Google Ads and Meta Ads Manager in a folder: README.md beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge.sources.ad_spend.pages import page
from salesgauge.sources.ad_spend.shapes import SHAPES
from salesgauge.sources.connections.asked import Asked

if TYPE_CHECKING:
    from salesgauge.sources.ad_spend.connector import AdSpend
    from salesgauge.sources.connections.connection import Connection
    from salesgauge.sources.connections.secrets import Secrets
    from salesgauge.sources.connections.wire import Network

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("folder", "the folder in which the exported reports are", example="/srv/exports/google-ads"),)


def connect(connection: Connection, secrets: Secrets, network: Network) -> AdSpend:
    """The folder that a connection names, as `connector.connect` says it; imported when it is read."""
    from salesgauge.sources.ad_spend.connector import connect as connecting
    return connecting(connection, secrets, network)


__all__ = ["HELP", "MAPPING", "SHAPES", "connect", "page"]
