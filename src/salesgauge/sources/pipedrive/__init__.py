"""Pipedrive (API v2, and v1 where there is no other): README.md beside this file."""

from pathlib import Path

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.pipedrive.connector import connect
from salesgauge.sources.pipedrive.pages import page
from salesgauge.sources.pipedrive.shapes import SHAPES

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("domain", "the company's name in the address of Pipedrive", example="acme (of acme.pipedrive.com)"),
        Asked("token", "the API token of a user who sees every deal (Personal preferences, API)", secret=True))
LEFT_OUT = frozenset({"leads"})  # until there is one: not every company works with the inbox

__all__ = ["HELP", "LEFT_OUT", "MAPPING", "SHAPES", "connect", "page"]
