"""Rollups of facts of periods: a file per period, beside those of the facts (store/spanned.py) and under the same key.

    W/store/cache/g-000012-<digest>.spans/rollup_tracked_deals_by_period_1f2e3d4c/<period>@<known>@<horizon>.parquet
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge.periods import Span
from salesgauge.semantics.rollup import Rollup
from salesgauge.staging import literal
from salesgauge.store.books import SqlBook
from salesgauge.store.kept import BY_OWNER
from salesgauge.store.spanned import HeldSpans, keys_of, rows_of
from salesgauge.store.standing import is_fit

if TYPE_CHECKING:
    from salesgauge.store.session import Session


class RolledSpans:
    """The rollups of facts of periods that a session reads in one moment."""

    def __init__(self, session: Session) -> None:
        self._session, self._opened = session, session.opened
        self._files: dict[str, dict[int, Path]] = {}  # of each rollup, by the number of the period
        self._keys: dict[str, Sequence[str | None]] = {}
        self._few: set[tuple[str, str]] = set()       # facts and periods that have too few rows to be worth it
        self._held = HeldSpans(session.opened.forget_files)

    def end(self) -> None:
        """Ends the moment."""
        for name in self._files:
            self._session.con.execute(f"DROP VIEW IF EXISTS {name}")
        self._files.clear()
        self._keys.clear()
        self._held.release()

    def close(self) -> None:
        """Lets go of the files."""
        self._held.release()

    def doubt(self) -> bool:
        """Removes the files that are read, since one may be damaged; says whether there were any."""
        doubted = self._held.remove()
        self.end()
        return doubted

    def find(self, rollup: Rollup, spans: Sequence[Span], as_of: datetime | None) -> bool:
        """Whether a rollup is kept for all of these periods."""
        keys = [key for key in keys_of(self._session, rollup.fact, spans, as_of) if key is not None]
        return bool(keys) and all(self._opened.spans.path(rollup.name, key).exists() for key in keys)

    def make(self, rollup: Rollup, book: SqlBook, numbers: Collection[int], as_of: datetime | None) -> bool:
        """Makes the view of a rollup's rows in these of the moment's periods; says whether it is there: not where it is not worth its
        place. `book` has the SQL that computes it."""
        if rollup.fact not in self._keys:
            self._keys[rollup.fact] = keys_of(self._session, rollup.fact, self._session.spans, as_of)
        keys, kept = self._keys[rollup.fact], self._opened.spans
        wanted = {number: kept.path(rollup.name, key) for number in numbers if (key := keys[number]) is not None}
        have = self._files.get(rollup.name, {})
        new = {number: path for number, path in wanted.items() if number not in have}
        lacking = {number: path for number, path in new.items() if not self._held.take(path)}
        if lacking and not self._written(rollup, book, lacking, wanted, as_of):
            return False
        if not all(self._held.take(path) for path in lacking.values()):
            return False  # could not be written
        if new:
            self._files[rollup.name] = have | new
            self._session.con.execute(f"CREATE OR REPLACE TEMP VIEW {rollup.name} AS {rows_of(self._files[rollup.name])}")
        return bool(wanted)

    def _written(self, rollup: Rollup, book: SqlBook, lacking: Mapping[int, Path], wanted: Mapping[int, Path],
                 as_of: datetime | None) -> bool:
        """Writes the files that are not there; whether they are worth it."""
        worth, con = self._opened.worth, self._session.con
        named = rollup.fact, " ".join(sorted(path.stem for path in wanted.values()))
        if not worth.make or rollup in self._opened.refused or named in self._few:
            return False
        page, among = book.find(repr(rollup), lambda compiler: compiler.rollup(rollup)), _among(lacking)
        made = f"made_{rollup.name}"
        if remote := self._session.remote:
            [counted] = remote.rows(book.find(f"sizes {rollup!r}", lambda compiler: compiler.sizes(rollup)), {}).to_pylist()
            if counted["groups"] > worth.rows and not worth.keeps(rollup, counted["groups"], counted["rows"]):
                self._opened.refused.add(rollup)
                return False
            self._session.receive(remote.rows(page, {}), f"CREATE OR REPLACE TEMP TABLE {made} AS SELECT * FROM fetched WHERE {among}")
        else:
            self._session.build(rollup.fact, as_of)
            if self._count(f"fact_{rollup.fact}", _among(wanted)) < worth.rows:
                self._few.add(named)
                return False
            con.execute(f"CREATE OR REPLACE TEMP TABLE {made} AS SELECT * FROM ({page['sql']}) WHERE {among}")
        try:
            small = remote or worth.keeps(rollup, self._count(made, "true"), self._count(f"fact_{rollup.fact}", among))
            if not small or not is_fit(con, rollup, f"(FROM {made} WHERE {among})", worth):
                self._opened.refused.add(rollup)
                return False
            for number, path in lacking.items():
                self._opened.spans.write(path, partial(self._copy, made, number))
        finally:
            con.execute(f"DROP TABLE {made}")
        return True

    def _copy(self, made: str, number: int, path: Path) -> None:
        rows = f"SELECT * EXCLUDE (span) FROM {made} WHERE span = {number}"
        self._session.con.execute(f"COPY ({rows}) TO {literal(str(path))} {BY_OWNER}")

    def _count(self, table: str, condition: str) -> int:
        row = self._session.con.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()
        assert row is not None
        return int(row[0])


def _among(numbers: Collection[int]) -> str:
    return f"span IN ({', '.join(map(str, numbers))})"
