"""Stripe (invoices, payments, subscriptions): README.md beside this file."""

from pathlib import Path

from salesgauge.sources.connections.asked import Asked
from salesgauge.sources.stripe.connector import connect
from salesgauge.sources.stripe.pages import page
from salesgauge.sources.stripe.shapes import SHAPES

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("key", "a restricted key of the account that may only read (Developers, API keys)", secret=True, example="rk_live_..."),)

__all__ = ["HELP", "MAPPING", "SHAPES", "connect", "page"]
