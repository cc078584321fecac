"""Tryton (sale_opportunity, sale): README.md beside this file."""

from pathlib import Path

from salesgauge.sources.tryton.connector import connect
from salesgauge.sources.tryton.pages import page
from salesgauge.sources.tryton.shapes import SHAPES

MAPPING = Path(__file__).with_name("mapping.toml")

__all__ = ["MAPPING", "SHAPES", "connect", "page"]
