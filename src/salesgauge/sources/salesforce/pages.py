"""The page of a record in Salesforce."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHOWN = ("Account", "Campaign", "Contact", "Contract", "EmailMessage", "Event", "Lead", "Opportunity", "Order", "OrderItem", "Product2",
         "Quote", "Task", "User")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")
_RECORD = re.compile(r"(?P<object>[A-Za-z0-9]+)/(?P<id>[A-Za-z0-9]{15}([A-Za-z0-9]{3})?)")


def page(options: Mapping[str, object], record: str) -> str | None:
    """The address of the page of a record, such as Opportunity/006..., by the option `url` of its connection; None where it has none.
    Salesforce leads on from there to the interface that the person uses."""
    address, found = str(options.get("url", "")).rstrip("/"), _RECORD.fullmatch(record)
    if found is None or found["object"] not in SHOWN or _ADDRESS.fullmatch(address) is None:
        return None
    return f"{address}/{found['id']}"
