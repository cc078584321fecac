"""What a spreadsheet must not take for a formula, and what a file may be called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

# A text that begins so runs as a formula when a CSV file is opened (OWASP, CSV Injection), full-width signs included.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_LONGEST = 120


def guarded(text: str) -> str:
    """The text as a CSV cell: with an apostrophe in front where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def file_name(parts: Iterable[str], ending: str) -> str:
    """A file's name from words: letters of ASCII, digits, hyphens and underscores, whatever the words hold."""
    words = [word for part in parts if (word := _UNSAFE.sub("-", part).strip(".-"))]
    return f"{'-'.join(('salesgauge', *words))[:_LONGEST]}.{ending}"


def disposition(name: str) -> str:
    """The header that makes a browser keep the answer as a file of that name."""
    return f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"
