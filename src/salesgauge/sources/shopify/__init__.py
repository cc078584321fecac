"""Shopify (orders, customers, products): README.md beside this file."""

from pathlib import Path

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.shopify.connector import connect
from salesgauge.sources.shopify.pages import page
from salesgauge.sources.shopify.shapes import SHAPES

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("shop", "the name of the shop at Shopify, before .myshopify.com", example="acme"),
        Asked("token", "the Admin API access token of an app that may only read", secret=True, example="shpat_..."))

__all__ = ["HELP", "MAPPING", "SHAPES", "connect", "page"]
