"""Where Tryton's web client shows a record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_RECORD = re.compile(r"([a-z_]+(?:\.[a-z_]+)+)/([1-9][0-9]*)")  # sale.opportunity/12


def page(options: Mapping[str, object], record: str) -> str | None:
    """The address of a record (its model, /, its number) in the web client of the server at `options.url`; None for another text."""
    found = _RECORD.fullmatch(record)
    url, database = str(options.get("url", "")).rstrip("/"), str(options.get("database", ""))
    if found is None or not url or not database:
        return None
    return f"{url}/#{quote(database, safe='')}/model/{found[1]}/{found[2]}"
