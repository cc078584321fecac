"""A table on its way into a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True)
class Table:
    """`header` names the columns for programs, `titles` for people; `rows` is read once; `about` says what was asked, line by line."""

    header: tuple[str, ...]
    titles: tuple[str, ...]
    rows: Iterable[Sequence[Any]]
    about: tuple[tuple[str, str], ...] = ()
