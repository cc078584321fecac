"""The groups of a question as its SQL gives them: the numbers of each, before they are written as an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

Row = Sequence[Any]


class Groups(NamedTuple):
    """The names of the columns, and of each group a row with their values (columns: semantics/expression.py)."""

    names: tuple[str, ...]
    rows: Sequence[Row]

    def column(self, name: str) -> Iterable[Any]:
        """What each group has under a name; None of all where there is no such column."""
        if name not in self.names:
            return repeat(None, len(self.rows))
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def by_span(self, spans: Iterable[int]) -> dict[int, Groups]:
        """The groups of each of these periods, by its number."""
        found: dict[int, list[Row]] = {number: [] for number in spans}
        for number, row in zip(self.column("span"), self.rows, strict=True):
            found[number].append(row)
        return {number: Groups(self.names, rows) for number, rows in found.items()}

    def dicts(self) -> list[dict[str, Any]]:
        """The groups, each with its values by the names of their columns."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]
