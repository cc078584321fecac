"""Where a record stands in Odoo's own pages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from salesgauge.sources.connections.connection import server

_RECORD = re.compile(r"(crm\.lead|res\.partner|res\.users|sale\.order|product\.product|calendar\.event)/(\d{1,18})")


def address(options: Mapping[str, object]) -> str | None:
    """The address of the Odoo server that `url` names; None where it is none."""
    return server(options.get("url", ""))


def page(options: Mapping[str, object], record: str) -> str | None:
    """The page of a record, such as crm.lead/12; None where it has none (a message, a stage, a line of an order)."""
    found, base = _RECORD.fullmatch(record), address(options)
    return f"{base}/odoo/{found[1]}/{found[2]}" if found and base else None
