"""A table as CSV (RFC 4180, UTF-8 with its mark, so that a spreadsheet reads every script)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from salesgauge.web.exports.guard import guarded
from salesgauge.web.exports.table import Table

_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_CHUNK = 64 * 1024  # characters


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The file, some rows at a time: None is an empty cell, numbers have all their digits, dates are ISO 8601; a text that a spreadsheet
    would run has an apostrophe in front."""
    text = io.StringIO()
    text.write(_MARK)
    writer = csv.writer(text)
    writer.writerow([guarded(name) for name in table.header])
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
        if text.tell() >= _CHUNK:
            yield text.getvalue().encode("utf-8", errors="replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8", errors="replace")


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else value
