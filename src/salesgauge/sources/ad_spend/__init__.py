"""What advertising cost, from reports of Google Ads and Meta Ads Manager in a folder: README.md beside this file."""

from pathlib import Path

from salesgauge.sources.ad_spend.connector import connect
from salesgauge.sources.ad_spend.pages import page
from salesgauge.sources.ad_spend.shapes import SHAPES
from salesgauge.sources.connections.asked import Asked

MAPPING = Path(__file__).with_name("mapping.toml")
HELP = (Asked("folder", "the folder in which the exported reports are", example="/srv/exports/google-ads"),)

__all__ = ["HELP", "MAPPING", "SHAPES", "connect", "page"]
