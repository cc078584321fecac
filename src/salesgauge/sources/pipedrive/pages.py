"""Where a record stands in Pipedrive's own pages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from salesgauge.sources.connections.connection import server

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RECORD = re.compile(r"(deal|person|organization)/(\d{1,18})|lead/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def address(options: Mapping[str, object]) -> str | None:
    """The address of a company's Pipedrive: that of its `domain`, or `url` as it stands; None where neither can be one."""
    url = options.get("url")
    if url is None:
        domain = str(options.get("domain", "")).strip().lower().removeprefix("https://").rstrip("/").removesuffix(".pipedrive.com")
        return f"https://{domain}.pipedrive.com" if _DOMAIN.fullmatch(domain) else None
    return server(url)


def page(options: Mapping[str, object], record: str) -> str | None:
    """The page of a record, such as deal/12; None where it has none (users, products and activities are shown in lists only)."""
    found, base = _RECORD.fullmatch(record), address(options)
    if found is None or base is None:
        return None
    kind, number, lead = found.groups()
    return f"{base}/leads/inbox/{lead}" if lead else f"{base}/{kind}/{number}"
