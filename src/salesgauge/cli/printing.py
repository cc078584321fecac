"""What goes to standard output: JSON and CSV for programs. Tables for people are in tables.py."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from salesgauge.web.exports.guard import guarded

# Control characters (they would move the cursor or recolour a terminal) and those that reverse the direction of writing.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """A text without the characters that would act on a terminal instead of being shown."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def write_json(value: Any) -> None:
    """One JSON document, UTF-8, numbers with all their digits."""
    _write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """CSV (RFC 4180, UTF-8, lines end with a line feed): None is an empty cell, numbers have all their digits.

    A text cell that a spreadsheet would run as a formula (it begins with =, +, - or @) gets an apostrophe in front.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_cell(name) for name in header])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    _write(text.getvalue())


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return guarded(value) if isinstance(value, str) else value


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", errors="replace"))
    sys.stdout.buffer.flush()
