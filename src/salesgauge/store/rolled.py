"""Which rollups a question is answered from: those that are kept already, and those that are worth making."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from salesgauge.periods import Span
from salesgauge.semantics.rollup import COUNT, SUMS, Need, Rollup
from salesgauge.staging import ident, literal
from salesgauge.store.instants import Instant
from salesgauge.store.kept import Held, layer

if TYPE_CHECKING:
    from salesgauge.store.session import Session


_MORE, _HARDER = 5, 3  # measured: docs/decisions/0023


@dataclass(frozen=True)
class Worth:
    """What is kept beside the facts. Rollups: those of a fact of at least `rows` rows that have `smaller` times fewer; without `make` only
    those are read that are there already, since one question alone is answered sooner from the fact; without `read` none is. Distributions
    are held against the values that they count, more of them: a quantile takes longer to put together than a sum. The rows of a fact in a
    period (store/spanned.py): where a table has so many rows. Answers are the same whichever is read."""

    read: bool = True
    make: bool = True
    rows: int = 20_000
    smaller: float = 3.0

    def keeps(self, rollup: Rollup, rows: int, of: int) -> bool:
        """Whether a rollup of that many rows is worth its place beside a table of so many that answers the same."""
        if rollup.held != SUMS:
            return of >= self.rows * _MORE and rows * self.smaller * _HARDER <= of
        return rows * self.smaller <= of


MADE = Worth()                # by what answers many questions: a server
AS_FOUND = Worth(make=False)  # by what answers a few: a command
NONE = Worth(read=False)      # the facts answer


class Refused:
    """The rollups that were found not worth their place, so that nobody counts them again. For several threads."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._lock = threading.Lock()

    def __contains__(self, rollup: Rollup) -> bool:
        return rollup.name in self._names

    def add(self, rollup: Rollup) -> None:
        """Notes one."""
        with self._lock:
            self._names.add(rollup.name)


def whole_months(spans: Sequence[Span]) -> bool:
    """Whether no period cuts a month."""
    return all(span.start.day == span.end.day == 1 for span in spans)


def candidates(need: Need, months: bool) -> Iterator[Rollup]:
    """The rollups that may answer, in the order to look at them; of months only where what is asked cuts none."""
    for held in need.held:
        for columns in need.rungs:
            if months:
                yield Rollup(need.fact, need.on, True, columns, held)
            yield Rollup(need.fact, need.on, False, columns, held)


class Table(NamedTuple):
    """A table that answers: its name, its SQL, and the facts that it reads."""

    name: str
    sql: str
    reads: tuple[str, ...] = ()


def reading(sql: str, tables: Mapping[str, str]) -> str:
    """A question's SQL with the names of the tables to read in the places of those that stand for them."""
    for name, table in tables.items():
        sql = sql.replace(ident(name), ident(table))
    return sql


def needs_of(page: Mapping[str, Any]) -> list[Need]:
    """The rollups that a question's SQL reads."""
    return [Need(name, fact, on, tuple(map(tuple, rungs)), tuple(held)) for name, fact, on, rungs, held in page["needs"]]


class Rolled:
    """The rollups that a session reads, each as of one instant at a time."""

    def __init__(self, session: Session) -> None:
        self._session, self._opened = session, session.opened
        self._held: dict[str, tuple[Instant | None, Held]] = {}
        self._counts: dict[tuple[str, Instant | None], int] = {}
        self._single: set[str] = set()

    def close(self) -> None:
        """Lets go of them."""
        for _stamp, held in self._held.values():
            held.release()
        self._held.clear()

    @property
    def any(self) -> bool:
        """Whether there may be rollups: in a small workspace there are none, and nothing need be compiled to see so."""
        return self._opened.is_large and (self._opened.worth.make or self._opened.rollups.folder.is_dir())

    def find(self, page: Mapping[str, Any], as_of: datetime | None, months: bool) -> dict[str, Table]:
        """The tables to read, as `tables` gives them, as far as they are there already."""
        found = {}
        for need in needs_of(page):
            stamp = self._session.stamp(need.fact, as_of)
            for rollup in candidates(need, months):
                held = self._opened.rollups.find(rollup.name, str(stamp) if stamp else None)
                if held:
                    held.release()
                    found[need.name] = Table(rollup.name, self.sql(rollup), (rollup.fact,))
                    break
        if any(need.spread and need.name not in found for need in needs_of(page)):
            return {}
        return found and {need.name: Table(_rows_of(need), self._rows_sql(need), (need.fact,)) for need in needs_of(page)} | found

    def tables(self, page: Mapping[str, Any], as_of: datetime | None, months: bool) -> Mapping[str, str]:
        """The tables to read for the names in a question's SQL: rollups, and the rows of a fact where none is worth its place beside it;
        empty where that is so of every fact, or of a distribution, since its own SQL then is quicker."""
        found = dict[str, str]()
        for need in sorted(needs_of(page), key=lambda need: not need.spread):
            table = self._table(need, as_of, months)
            if table:
                found[need.name] = table
            elif need.spread:
                return {}
        return found and found | {need.name: self._rows(need, as_of) for need in needs_of(page) if need.name not in found}

    def _table(self, need: Need, as_of: datetime | None, months: bool) -> str | None:
        stamp = self._session.stamp(need.fact, as_of)
        for rollup in candidates(need, months):
            made = self._held.get(rollup.name)
            if made is not None and made[0] == stamp:
                return rollup.name
            held = self._hold(rollup, as_of, stamp)
            if held is not None:
                self._session.con.execute(f"CREATE OR REPLACE TEMP VIEW {rollup.name} AS FROM {held.relation}")
                self._held[rollup.name] = stamp, held
                if made is not None:
                    made[1].release()
                return rollup.name
        return None

    def _hold(self, rollup: Rollup, as_of: datetime | None, stamp: Instant | None) -> Held | None:
        kept, name = self._opened.rollups, str(stamp) if stamp else None
        found = kept.find(rollup.name, name)
        if found is not None or not self._opened.worth.make or rollup in self._opened.refused:
            return found
        self._session.build(rollup.fact, as_of)
        if self._count(f"fact_{rollup.fact}", "count(*)", stamp) < self._opened.worth.rows:
            return None
        if not self._keeps(rollup, stamp):
            self._opened.refused.add(rollup)
            return None

        def write(folder: Path) -> None:
            self._session.con.execute(f"COPY ({self.sql(rollup)}) TO {literal(str(folder / layer(0)))} (FORMAT parquet)")
        return kept.held(rollup.name, name, write)

    def sql(self, rollup: Rollup) -> str:
        """The compiled SQL of a rollup."""
        return str(self._opened.questions().find(repr(rollup), lambda compiler: compiler.rollup(rollup))["sql"])

    def _rows_sql(self, need: Need) -> str:
        name = f"rows {need.fact} {need.on}"
        return str(self._opened.questions().find(name, lambda compiler: compiler.rows(need.fact, need.on))["sql"])

    def _keeps(self, rollup: Rollup, stamp: Instant | None) -> bool:
        if rollup.held != SUMS:
            return self._keeps_distribution(rollup, stamp)
        days = rollup._replace(months=False)
        beside = self._count(f"fact_{rollup.fact}", f"count({rollup.on}_on)", stamp)
        if rollup.months and self._opened.worth.keeps(days, count := self._groups(days, stamp), beside):
            beside = count
        return self._opened.worth.keeps(rollup, self._groups(rollup, stamp), beside)

    def _groups(self, rollup: Rollup, stamp: Instant | None) -> int:
        day = f"{rollup.on}_on"
        groups = [f"date_trunc('month', {day})" if rollup.months else day, *map(ident, rollup.columns)]
        return self._count(f"(SELECT DISTINCT {', '.join(groups)} FROM fact_{rollup.fact} WHERE {day} IS NOT NULL)", "count(*)", stamp)

    def _keeps_distribution(self, rollup: Rollup, stamp: Instant | None) -> bool:
        coarsest = rollup._replace(months=True, columns=())  # none has fewer rows: it soon tells that the finer ones are not worth it
        return all(self._opened.worth.keeps(rollup, *self._size(each, stamp)) for each in (coarsest, rollup))

    def _size(self, rollup: Rollup, stamp: Instant | None) -> tuple[int, int]:
        """The rows that a distribution has, and the values that it counts."""
        made = f"({self.sql(rollup)})"
        return self._count(made, "count(*)", stamp), self._count(made, f"coalesce(sum({COUNT}), 0)", stamp)

    def _count(self, relation: str, what: str, stamp: Instant | None) -> int:
        key = f"{what} {relation}", stamp
        if key not in self._counts:
            row = self._session.con.execute(f"SELECT {what} FROM {relation}").fetchone()
            assert row is not None
            self._counts[key] = row[0]
        return self._counts[key]

    def _rows(self, need: Need, as_of: datetime | None) -> str:
        self._session.build(need.fact, as_of)
        name = _rows_of(need)
        if name not in self._single:
            self._session.con.execute(f"CREATE TEMP VIEW {name} AS {self._rows_sql(need)}")
            self._single.add(name)
        return name


def _rows_of(need: Need) -> str:
    return f"rows_{need.fact}_{need.on}"
