"""HubSpot (CRM API, by date-based version): README.md beside this file."""

from pathlib import Path

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.hubspot.connector import connect
from salesgauge.sources.hubspot.pages import page
from salesgauge.sources.hubspot.shapes import SHAPES

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("portal", "the number of the account (Hub ID), for links to its records: in the menu of your picture", example="12345678"),
        Asked("token", "a service key, or the access token of a private app, with the scopes that README.md names", secret=True,
              example="pat-eu1-..."))

__all__ = ["HELP", "MAPPING", "SHAPES", "connect", "page"]
