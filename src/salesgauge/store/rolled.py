"""Which rollups a question is answered from: those that are kept already, and those that are worth making."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from salesgauge.errors import EngineError
from salesgauge.periods import Span
from salesgauge.semantics.rollup import Need, Rollup
from salesgauge.staging import ident, literal
from salesgauge.store.books import SqlBook
from salesgauge.store.instants import Instant
from salesgauge.store.kept import BY_OWNER, Held, first
from salesgauge.store.places import parts_of
from salesgauge.store.rolled_spans import RolledSpans
from salesgauge.store.standing import Unfit, is_fit

if TYPE_CHECKING:
    from salesgauge.store.session import Session


_MORE, _HARDER = 5, 3  # measured: docs/decisions/0023
_FEWER = 2             # times fewer rows by month than by day: nearly all that is asked is of whole months
_PASSED = 10           # rows without the date that a reader passes in the time of one that counts


@dataclass(frozen=True)
class Worth:
    """What is kept beside the facts. Rollups: those of a fact of at least `rows` rows that have `smaller` times fewer; without `make` only
    those are read that are there already, since one question alone is answered sooner from the fact; without `read` none is. Distributions
    are held against the values that they count, more of them: a quantile takes longer to put together than a sum. The rows of a fact in a
    period (store/spanned.py): where a table has so many rows. As of a past day something is kept for who asks a second time, unless
    `at_once`. Answers are the same whichever is read."""

    read: bool = True
    make: bool = True
    rows: int = 20_000
    smaller: float = 3.0
    at_once: bool = False

    def keeps(self, rollup: Rollup, rows: int, of: int) -> bool:
        """Whether a rollup of that many rows is worth its place beside a table of so many that answers the same."""
        if rollup.is_distribution:
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
    return all(span.whole_months for span in spans)


def candidates(need: Need, months: bool) -> Iterator[Rollup]:
    """The rollups that may answer, in the order to look at them; of months only where what is asked cuts none, and not of entities, of
    which there are as many in days."""
    for held in need.held:
        for columns in need.rungs:
            if months and need.on and not need.entities:
                yield Rollup(need.fact, need.on, True, columns, held)
            yield Rollup(need.fact, need.on, False, columns, held)


class Sizes(NamedTuple):
    """How many rows a fact has, how many of them have the date of a rollup, and how many rows the rollup would have."""

    rows: int
    dated: int
    groups: int


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
    return [Need(name, fact, on, tuple(map(tuple, rungs)), tuple(held), entities)
            for name, fact, on, rungs, held, entities in page["needs"]]


class Rolled:
    """The rollups that a session reads, each as of one instant at a time. Where there is an engine, they are computed there and kept here:
    what they answer alone needs no engine any more."""

    def __init__(self, session: Session) -> None:
        self._session, self._opened = session, session.opened
        self._held: dict[str, tuple[Instant | None, Held]] = {}
        self._counts: dict[tuple[str, Instant | None], Sizes] = {}
        self._single: set[str] = set()
        self.of_spans = RolledSpans(session)

    def close(self) -> None:
        """Lets go of them."""
        self.of_spans.close()
        for _stamp, held in self._held.values():
            held.release()
        self._held.clear()

    @property
    def any(self) -> bool:
        """Whether there may be rollups: in a small workspace there are none, and nothing need be compiled to see so."""
        return self._opened.is_large and (self._opened.worth.make or self._opened.rollups.folder.is_dir())

    def find(self, page: Mapping[str, Any], spans: Sequence[Span], as_of: datetime | None, reports: bool) -> dict[str, Table]:
        """The tables to read for periods, as `tables` gives them, as far as they are there already."""
        found, months = {}, not reports and whole_months(spans)
        for need in needs_of(page):
            for rollup in candidates(need, months):
                if self._is_kept(rollup, spans, as_of):
                    found[need.name] = Table(rollup.name, self.sql(rollup), (rollup.fact,))
                    break
        if self._opened.engine:
            return found if self.alone(page, found) else {}
        if any(need.required and need.name not in found for need in needs_of(page)):
            return {}
        return found and {need.name: Table(_rows_of(need), self._rows_sql(need), (need.fact,)) for need in needs_of(page)} | found

    def _is_kept(self, rollup: Rollup, spans: Sequence[Span], as_of: datetime | None) -> bool:
        if not rollup.on:
            return self.of_spans.find(rollup, spans, as_of)
        stamp = self._session.stamp(rollup.fact, as_of)
        held = self._opened.rollups.find(rollup.name, str(stamp) if stamp else None)
        if held:
            held.release()
        return held is not None

    def tables(self, page: Mapping[str, Any], spans: Sequence[int], as_of: datetime | None, reports: bool) -> Mapping[str, str]:
        """The tables to read for the names in a question's SQL, asked of periods by their numbers: rollups, and the rows of a fact where
        none is worth its place beside it; empty where that is so of every fact, or of a distribution, since its own SQL then is quicker.
        The rows of an engine's facts stay there: it is asked where rollups alone do not answer. `reports`: for who sees the rows of reps
        who may have come or gone on any day of a month; their own are theirs on every day."""
        engine, months = self._opened.engine, not reports and whole_months([self._session.spans[number] for number in spans])
        if engine and page["used"]:
            return {}
        found = dict[str, str]()
        for need in sorted(needs_of(page), key=lambda need: not need.required):
            table = self._table(need, spans, as_of, months)
            if table:
                found[need.name] = table
            elif need.required or engine:
                return {}
        return found and found | {need.name: self._rows(need, as_of) for need in needs_of(page) if need.name not in found}

    def alone(self, page: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
        """Whether the tables that were found answer without any rows of a fact."""
        return not page["used"] and all(found.get(need.name, _rows_of(need)) != _rows_of(need) for need in needs_of(page))

    def _table(self, need: Need, spans: Sequence[int], as_of: datetime | None, months: bool) -> str | None:
        if need.entities and self._opened.engine:
            return None  # nobody knows how many there are: they stay there
        if not need.on:
            return next((rollup.name for rollup in candidates(need, False) if self._makes(rollup, spans, as_of)), None)
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

    def _makes(self, rollup: Rollup, spans: Sequence[int], as_of: datetime | None) -> bool:
        try:
            return self.of_spans.make(rollup, self._book, spans, as_of)
        except EngineError:
            return False

    def _hold(self, rollup: Rollup, as_of: datetime | None, stamp: Instant | None) -> Held | None:
        kept, name = self._opened.rollups, str(stamp) if stamp else None
        found = kept.find(rollup.name, name)
        if found is not None or not self._opened.worth.make or rollup in self._opened.refused:
            return found
        try:
            if name and not self._opened.engine:
                self._session.build(rollup.fact, as_of)
            if name and self._session.is_told(rollup.fact) and self._opened.asked_once(rollup.name, as_of, name):
                return None  # the fact itself answers at less cost than a rollup is made
            if name is None or not kept.has(rollup.name, None):  # else it is known to be worth its place, and nothing is counted
                probe = _coarsest(rollup) if rollup.is_distribution else rollup
                if self._sizes(probe, as_of, stamp).rows < self._opened.worth.rows and not self._opened.engine:
                    return None
                if not self._keeps(rollup, as_of, stamp):
                    self._opened.refused.add(rollup)
                    return None
            return kept.held(rollup.name, name, lambda folder: self._write(rollup, as_of, folder / first()))
        except EngineError:  # another that is kept may do; where none is, the question finds the engine as it is
            return None
        except Unfit:
            self._opened.refused.add(rollup)
            return None

    def _write(self, rollup: Rollup, as_of: datetime | None, path: Path) -> None:
        page, into = self._page(rollup), f"TO {literal(str(path))} {BY_OWNER}"
        if remote := self._session.remote:
            self._session.receive(remote.rows(page, {}), f"COPY (FROM fetched) {into}")
        else:
            self._session.build(rollup.fact, as_of)
            self._session.con.execute(f"COPY ({page['sql']}) {into}")
        if not is_fit(self._session.con, rollup, parts_of([path]), self._opened.worth):
            raise Unfit(rollup.name)

    def _page(self, rollup: Rollup) -> Mapping[str, Any]:
        return self._book.find(repr(rollup), lambda compiler: compiler.rollup(rollup))

    @property
    def _book(self) -> SqlBook:
        """The SQL of where rollups are computed."""
        return self._opened.remote_questions() if self._opened.engine else self._opened.questions()

    def sql(self, rollup: Rollup) -> str:
        """The compiled SQL of a rollup."""
        return str(self._page(rollup)["sql"])

    def _rows_sql(self, need: Need) -> str:
        name = f"rows {need.fact} {need.on}"
        return str(self._opened.questions().find(name, lambda compiler: compiler.rows(need.fact, need.on))["sql"])

    def _keeps(self, rollup: Rollup, as_of: datetime | None, stamp: Instant | None) -> bool:
        worth = self._opened.worth
        if rollup.is_distribution and not self._opened.engine:
            several = (self._sizes(each, as_of, stamp) for each in (_coarsest(rollup), rollup))
            return all(worth.keeps(rollup, sizes.groups, sizes.dated) for sizes in several)
        sizes = self._sizes(rollup, as_of, stamp)
        if self._opened.engine and sizes.groups <= worth.rows:
            return True  # so few are fetched once rather than asked for again and again
        beside = sizes.dated + (sizes.rows - sizes.dated) // _PASSED
        if rollup.months and not rollup.is_distribution:
            days = rollup._replace(months=False)
            if worth.keeps(days, count := self._sizes(days, as_of, stamp).groups, beside):
                return sizes.groups * min(_FEWER, worth.smaller) <= count
        return worth.keeps(rollup, sizes.groups, beside)

    def _sizes(self, rollup: Rollup, as_of: datetime | None, stamp: Instant | None) -> Sizes:
        key = rollup.name, stamp
        if key not in self._counts:
            page = self._book.find(f"sizes {rollup!r}", lambda compiler: compiler.sizes(rollup))
            if remote := self._session.remote:
                [row] = remote.rows(page, {}).to_pylist()
                self._counts[key] = Sizes(row["rows"], row["dated"], row["groups"])
            else:
                self._session.build(rollup.fact, as_of)
                found = self._session.con.execute(f'SELECT "rows", dated, "groups" FROM ({page["sql"]})').fetchone()
                assert found is not None
                self._counts[key] = Sizes(*found)
        return self._counts[key]

    def _rows(self, need: Need, as_of: datetime | None) -> str:
        self._session.build(need.fact, as_of)
        name = _rows_of(need)
        if name not in self._single or not need.on:  # a fact of a period is another view in each moment
            self._session.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {self._rows_sql(need)}")
            self._single.add(name)
        return name


def _rows_of(need: Need) -> str:
    return f"rows_{need.fact}_{need.on or 'period'}"


def _coarsest(rollup: Rollup) -> Rollup:
    """The distribution of all by month: none has fewer rows, so it soon tells that the finer ones are not worth it."""
    return rollup._replace(months=True, columns=())
