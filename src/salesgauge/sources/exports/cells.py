"""The cells of one column of a file as read, and what an import asks of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb

from salesgauge.sources.mapping.inputs import trimmed

SHAPES = 60


@dataclass(frozen=True)
class Cells:
    """One column: `source` is the SQL relation of the file's text, `position` the column's place in it; `typed`: some of its cells are
    dates to a workbook, `padded`: some of its numbers may have lost zeros in front."""

    con: duckdb.DuckDBPyConnection
    source: str
    position: int
    typed: bool = False
    padded: bool = False

    @property
    def relation(self) -> str:
        """SQL: the cells that are not empty, as `v`."""
        return f"(SELECT v FROM (SELECT {trimmed(f'c{self.position}')} AS v FROM {self.source}) WHERE v IS NOT NULL)"

    def _all(self, query: str) -> list[tuple[object, ...]]:
        return self.con.execute(query).fetchall()

    @cached_property
    def count(self) -> int:
        """How many cells are not empty."""
        return int(str(self._all(f"SELECT count(*) FROM {self.relation}")[0][0]))

    @cached_property
    def distinct(self) -> int:
        """How many values there are."""
        return int(str(self._all(f"SELECT count(DISTINCT v) FROM {self.relation}")[0][0]))

    def values(self, limit: int) -> list[str]:
        """The values, the most frequent first."""
        return [str(v) for (v,) in self._all(
            f"SELECT v FROM (SELECT v, count(*) AS n FROM {self.relation} GROUP BY v) ORDER BY n DESC, v LIMIT {limit}")]

    @cached_property
    def shapes(self) -> list[tuple[str, str]]:
        """The shapes of the values, every digit written as 9, the most frequent first, each with an example."""
        return [(str(s), str(e)) for s, e in self._all(
            f"SELECT s, min(v) FROM (SELECT v, regexp_replace(v, '\\d', '9', 'g') AS s FROM {self.relation}) GROUP BY s "
            f"ORDER BY count(*) DESC, s LIMIT {SHAPES}")]

    def counted(self, conditions: Sequence[str]) -> list[int]:
        """How many cells meet each of the SQL conditions over `v`."""
        if not conditions:
            return []
        found = self._all(f"SELECT {', '.join(f'count(*) FILTER (coalesce({c}, false))' for c in conditions)} FROM {self.relation}")
        return [int(str(n)) for n in found[0]]

    def which(self, condition: str, limit: int = 3) -> tuple[str, ...]:
        """Some values that meet a SQL condition over `v`."""
        return tuple(str(v) for (v,) in self._all(f"SELECT DISTINCT v FROM {self.relation} WHERE {condition} ORDER BY v LIMIT {limit}"))
