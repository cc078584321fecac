"""The pages of HubSpot's records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

APP = "app.hubspot.com"
_TYPES = {"contacts": "0-1", "companies": "0-2", "deals": "0-3"}
_RECORD, _PORTAL, _APP = re.compile(r"([a-z_]+)/(\d{1,20})"), re.compile(r"\d{1,12}"), re.compile(r"app(-[a-z]{2}\d{1,2})?\.hubspot\.com")


def page(options: Mapping[str, Any], record: str) -> str | None:
    """The address of a record's page in the account `options.portal`; None where it has none. `options.app` is the host of accounts whose
    data is elsewhere (app-eu1.hubspot.com)."""
    found = _RECORD.fullmatch(record)
    portal, app = str(options.get("portal", "")), str(options.get("app", APP))
    if found is None or found[1] not in _TYPES or not _PORTAL.fullmatch(portal) or not _APP.fullmatch(app):
        return None
    return f"https://{app}/contacts/{portal}/record/{_TYPES[found[1]]}/{found[2]}"
