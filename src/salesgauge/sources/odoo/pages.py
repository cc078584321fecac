"""Where a record stands in Odoo's own pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?")
_RECORD = re.compile(r"(crm\.lead|res\.partner|res\.users|sale\.order|product\.product|calendar\.event)/(\d{1,18})")


def address(options: Mapping[str, object]) -> str | None:
    """The address of the Odoo server that `url` names; None where it is none."""
    parts = urlsplit(str(options.get("url", "")).strip())
    bare = parts.path in ("", "/") and not parts.query + parts.fragment
    whole = bare and parts.scheme in ("https", "http") and _HOST.fullmatch(parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if whole else None


def page(options: Mapping[str, object], record: str) -> str | None:
    """The page of a record, such as crm.lead/12; None where it has none (a message, a stage, a line of an order)."""
    found, base = _RECORD.fullmatch(record), address(options)
    return f"{base}/odoo/{found[1]}/{found[2]}" if found and base else None
