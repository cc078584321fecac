"""Odoo 19 and later (crm, sale) by its JSON-2 API: README.md beside this file."""

from pathlib import Path

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.odoo.connector import connect
from salesgauge.sources.odoo.pages import page
from salesgauge.sources.odoo.shapes import SHAPES

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("url", "the address of Odoo", example="https://acme.odoo.com"),
        Asked("database", "the name of its database", example="acme"),
        Asked("key", "an API key of a user who may read it all (My profile, Account security)", secret=True))
LEFT_OUT = frozenset({"leads", "orders", "order_lines"})  # until there is one: not every company works with leads, or sells by Odoo

__all__ = ["HELP", "LEFT_OUT", "MAPPING", "SHAPES", "connect", "page"]
