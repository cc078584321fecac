"""Where a record of Shopify is shown: in the shop's admin."""

from __future__ import annotations

import re
from collections.abc import Mapping

from salesgauge.sources.shopify.shop import name_of

ADMIN = "https://admin.shopify.com/store"
_RECORD = re.compile(r"(orders|customers|products)/(\d{1,20})(/refunds/\d{1,20})?")


def page(options: Mapping[str, object], record: str) -> str | None:
    """The address of a record's page, None where it has none; a refund is shown with its order."""
    shop, found = name_of(options.get("shop")), _RECORD.fullmatch(record)
    return f"{ADMIN}/{shop}/{found[1]}/{found[2]}" if shop and found else None
