"""Where a record of Stripe is shown: in its dashboard."""

from __future__ import annotations

import re
from collections.abc import Mapping

DASHBOARD = "https://dashboard.stripe.com"
_RECORD = re.compile(r"(customers|products|invoices|payments|subscriptions)/[a-zA-Z0-9_]{1,255}")


def page(options: Mapping[str, object], record: str) -> str | None:
    """The address of a record's page, None where it has none of its own (a credit note and a refund stand on that of their payment).
    `options.mode` = "test" leads to the test data."""
    if not _RECORD.fullmatch(record):
        return None
    return f"{DASHBOARD}/test/{record}" if options.get("mode") == "test" else f"{DASHBOARD}/{record}"
