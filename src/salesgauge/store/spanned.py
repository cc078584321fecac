"""Facts of periods, kept as a file per period: made once, read by every question about that period, of whichever filter or viewer.

    W/store/cache/g-000012-<digest>.spans/open_deals/<period>@<known>@<horizon>.parquet

The name says all that decides the rows: the period, the instant that stands for what was known (store/instants.py), and what of the
as-of instant itself matters where the period is running (store/cells.py). Beside each file stands its sum (store/sums.py), whose time is
when the file was last used.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from salesgauge.periods import Span
from salesgauge.staging import ident, literal
from salesgauge.store.cells import NOT_STARTED, horizon, moves
from salesgauge.store.keeping import remove_unread, sync
from salesgauge.store.kept import BY_OWNER
from salesgauge.store.places import parts_of
from salesgauge.store.spans import SPAN_TABLES
from salesgauge.store.sums import LONG, is_sound, note, remove, sum_of

if TYPE_CHECKING:
    from salesgauge.store.session import Session

MOST_BYTES = 1024**3  # of one generation; what was not used for longest goes first
EVERY = 128           # files that are written between two looks at how many bytes there are


class HeldSpans:
    """Files that stay where they are until they are let go. `damaged` is told where one was damaged, and removed."""

    def __init__(self, damaged: Callable[[], None] = lambda: None) -> None:
        self._damaged = damaged
        self.paths: list[Path] = []
        self._locks: list[int] = []

    def take(self, path: Path) -> bool:
        """Takes hold of a file, which counts as used just now; says whether it is there, and whole."""
        try:
            lock = os.open(path, os.O_RDONLY)
        except OSError:
            return False
        self._locks.append(lock)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            os.utime(sum_of(path))
            there = os.fstat(lock).st_ino == path.stat().st_ino  # else it went while the lock was waited for
        except OSError:
            there = path.exists()
        if there and not is_sound(path):
            remove(path)
            self._damaged()
            return False
        if there:
            self.paths.append(path)
        return there

    def remove(self) -> bool:
        """Removes them, since one is damaged; says whether there were any. They are made anew."""
        for path in self.paths:
            remove(path)
        return bool(self.paths)

    def release(self) -> None:
        """Lets them go."""
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()
        self.paths.clear()


def rows_of(paths: Mapping[int, Path]) -> str:
    """SQL: the rows of the files of periods, each with the number of its own as `span`. They are one list, since a statement that reads
    each file by itself takes as long to plan as to run."""
    numbers = list(paths)
    place = "CAST(file_index AS BIGINT)"
    span = place if numbers == list(range(len(numbers))) else f"CAST({numbers} AS BIGINT[])[{place} + 1]"
    return f"SELECT {span} AS span, * FROM {parts_of(list(paths.values()))}"


class KeptSpans:
    """The files of one generation under one set of definitions. For several threads and processes: a file is written whole or not at all,
    and whoever finds one gone makes the rows anew."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self._most_bytes = folder, most_bytes
        self._written, self._lock = 0, threading.Lock()

    def path(self, fact: str, key: str) -> Path:
        """Where the rows of a fact in a period are, or would be."""
        return self.folder / fact / f"{key}.parquet"

    def write(self, path: Path, rows: Callable[[Path], None]) -> None:
        """Keeps what `rows` writes; where that cannot be, the next time makes it anew."""
        unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            rows(unfinished)
            if unfinished.stat().st_size > LONG:
                sync(unfinished)  # it is believed afterwards without being read whole
            note(unfinished, path)
            unfinished.replace(path)
        except (OSError, duckdb.IOException):
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            return
        with self._lock:
            self._written += 1
            full = self._written % EVERY == 0
        if full:
            self.tidy()

    def tidy(self) -> None:
        """Removes what was not used for longest until the rest fits."""
        found = []
        for path in self.folder.glob("*/*.parquet"):
            with suppress(OSError):
                used = sum_of(path) if sum_of(path).exists() else path
                found.append((used.stat().st_mtime_ns, path.stat().st_size, path))
        left = self._most_bytes
        for _used, size, path in sorted(found, reverse=True):
            left -= size
            if left < 0:
                remove_unread(path, remove)


class Spanned:
    """Makes the facts of periods for a session, from what is kept and what is not yet."""

    def __init__(self, session: Session) -> None:
        self._session, self._opened = session, session.opened

    def make(self, name: str, page: Mapping[str, Any], spans: Sequence[Span], as_of: datetime | None,
             values: Mapping[str, Any]) -> HeldSpans:
        """Makes the view fact_<name> of the rows of these periods (numbered from 0); gives the files that it reads, of which a question
        then reads the columns that it needs."""
        kept, held = self._opened.spans, HeldSpans(self._opened.forget_files)
        paths = {number: kept.path(name, key) for number, key in enumerate(keys_of(self._session, name, spans, as_of)) if key is not None}
        found = [number for number, path in paths.items() if held.take(path)]
        try:
            try:
                self._view(name, page, {number: paths[number] for number in found}, paths.keys() - found, as_of, values)
            except duckdb.OutOfMemoryException:
                self._one_by_one(name, page, held, {number: paths[number] for number in paths.keys() - found}, as_of, values)
                self._view(name, page, paths, (), as_of, values)
                return held
            except duckdb.Error:  # one is damaged: all of them anew
                held.remove()
                found = []
                self._view(name, page, {}, paths.keys(), as_of, values)
        except BaseException:
            held.release()
            raise
        missing = paths.keys() - found
        if as_of is not None and missing and self._opened.asked_once(name, as_of, str(self._opened.anchor(name, as_of, self._session.con))):
            return held
        for number in missing:
            rows = f"SELECT * EXCLUDE (span) FROM temp.main.made_{name} WHERE span = {number}"
            kept.write(paths[number], partial(self._copied, rows, page, {}))
        return held

    def _view(self, name: str, page: Mapping[str, Any], found: Mapping[int, Path], missing: Collection[int], as_of: datetime | None,
              values: Mapping[str, Any]) -> None:
        parts = [rows_of(found)] if found else []
        if missing or not found:
            self._build(name, page, missing, as_of, values)
            parts.append(f"SELECT * FROM temp.main.made_{name}")
        self._session.con.execute(f"CREATE OR REPLACE TEMP VIEW fact_{name} AS {' UNION ALL BY NAME '.join(parts)}")

    def _copied(self, rows: str, page: Mapping[str, Any], values: Mapping[str, Any], path: Path) -> None:
        order = f" ORDER BY {ident(page['owner'])}" if page["owner"] else ""
        self._session.con.execute(f"COPY ({rows}{order}) TO {literal(str(path))} {BY_OWNER}", values)

    def _one_by_one(self, name: str, page: Mapping[str, Any], held: HeldSpans, lacking: Mapping[int, Path], as_of: datetime | None,
                    values: Mapping[str, Any]) -> None:
        """Writes the files of periods one after the other, and takes hold of them: a table of all would be more than memory holds."""
        for number, path in sorted(lacking.items()):
            rows = f"SELECT * EXCLUDE (span) FROM ({self._narrowed(name, page, (number,), as_of)})"
            self._opened.spans.write(path, partial(self._copied, rows, page, values))
            if not held.take(path):
                raise duckdb.OutOfMemoryException(f"the rows of {name} in {len(lacking)} periods neither fit into memory nor can be kept")

    def _build(self, name: str, page: Mapping[str, Any], missing: Collection[int], as_of: datetime | None,
               values: Mapping[str, Any]) -> None:
        """Makes the table made_<name> of the rows that are not kept yet."""
        rows = self._narrowed(name, page, missing, as_of)
        self._session.con.execute(f"CREATE OR REPLACE TEMP TABLE made_{name} AS {rows}", values)
        self._session.passing[f"made_{name}"] = "TABLE"

    def _narrowed(self, name: str, page: Mapping[str, Any], missing: Collection[int], as_of: datetime | None) -> str:
        """SQL: the rows of these periods, from facts that are there then."""
        for other in page["used"]:
            self._session.build(other, as_of)
        self._session.calendar(page["sql"])
        self._session.builds[name] += 1
        among = f"span IN ({', '.join(map(str, sorted(missing))) or 'NULL'})"
        read = [table for table in SPAN_TABLES if f'"{table}"' in page["sql"]]
        narrowed = ", ".join(f"{table} AS (SELECT * FROM temp.main.{table} WHERE {among})" for table in read)
        return f"{'WITH ' * bool(read)}{narrowed} SELECT * FROM ({page['sql']}) WHERE {among}"


def keys_of(session: Session, name: str, spans: Sequence[Span], as_of: datetime | None) -> list[str | None]:
    """What decides the rows of a fact of a period in each of these; None where it had not started yet, so that there is none."""
    periods, opened = [f"{span.start}_{span.end}" for span in spans], session.opened
    if as_of is None:
        return list(periods)
    known = opened.anchor(name, as_of, session.con)
    moving = moves(opened.fact(name, True), opened.facts_under([name], True))
    keys: list[str | None] = []
    for span, period in zip(spans, periods, strict=True):
        moment = horizon(opened, span, as_of, moving)
        what = moment.isoformat().replace(":", "") if isinstance(moment, date) else moment or "over"
        keys.append(None if moment == NOT_STARTED else f"{period}@{known}@{what}")
    return keys
