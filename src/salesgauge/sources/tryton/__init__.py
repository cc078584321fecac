"""Tryton (sale_opportunity, sale): README.md beside this file."""

from pathlib import Path

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.tryton.connector import connect
from salesgauge.sources.tryton.pages import page
from salesgauge.sources.tryton.shapes import SHAPES

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("url", "the address of the server", example="https://tryton.example.com"),
        Asked("database", "the name of the database", example="erp"),
        Asked("user", "the user that reads, with rights to read alone", example="salesgauge"),
        Asked("password", "that user's password", secret=True))

__all__ = ["HELP", "MAPPING", "SHAPES", "connect", "page"]
