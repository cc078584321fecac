"""Answers that were computed from facts of periods, entities or quantiles, kept for the next server and the next process.

    W/store/cache/g-000012-<digest>.answers/groups.sqlite

What can be added up is not kept: its rollups answer as soon. A file that is absent, damaged or cannot be written costs time, nothing else:
each answer carries the digest of its text, and one that does not fit is computed anew.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from salesgauge.semantics.groups import Groups
from salesgauge.store.cells import Cell

FILE = "groups.sqlite"
MOST_BYTES = 256 * 1024**2  # of one generation; those kept first go first
WAIT = 2.0                  # seconds for another process that writes
_DECIMAL = "decimal"        # DuckDB gives a quotient or sum of exact numbers as one
_AT_ONCE = 500              # keys that are looked up by one statement


class KeptGroups:
    """The kept answers of one generation under one set of definitions. For several threads and processes."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.path, self._most_bytes = folder / FILE, most_bytes

    def read(self, cells: Iterable[Cell]) -> dict[Cell, Groups]:
        """Those of the cells that are kept, with their groups."""
        wanted = {_key(cell): cell for cell in cells}
        found: dict[Cell, Groups] = {}
        if wanted and self.path.exists():
            self._work(lambda con: _read(con, wanted, found))
        return found

    def write(self, groups: Mapping[Cell, Groups]) -> None:
        """Keeps the groups of these cells."""
        if groups:
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._work(lambda con: self._write(con, groups))

    def _write(self, con: sqlite3.Connection, groups: Mapping[Cell, Groups]) -> None:
        texts = [(cell, text) for cell, found in groups.items() if (text := _text(found)) is not None]
        con.execute("CREATE TABLE IF NOT EXISTS groups (number INTEGER PRIMARY KEY, key BLOB UNIQUE, digest BLOB, text TEXT)")
        con.executemany("INSERT OR REPLACE INTO groups (key, digest, text) VALUES (?, ?, ?)",
                        [(_key(cell), _digest(text), text) for cell, text in texts])
        pages, size, free = (con.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size", "freelist_count"))
        if (pages - free) * size > self._most_bytes:
            con.execute("DELETE FROM groups WHERE number <= (SELECT (min(number) + max(number)) / 2 FROM groups)")

    def _work(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Does something with the file; a damaged one is removed, and whatever else is wrong is left for the next time."""
        try:
            with closing(sqlite3.connect(self.path, timeout=WAIT)) as con, con:
                con.execute("PRAGMA journal_mode = WAL")
                con.execute("PRAGMA synchronous = OFF")  # after a power failure the digests tell what is whole
                work(con)
        except sqlite3.OperationalError:  # busy, read-only, full, or there is no table yet
            pass
        except (sqlite3.DatabaseError, ValueError):
            for ending in ("", "-wal", "-shm"):
                with suppress(OSError):
                    self.path.with_name(self.path.name + ending).unlink(missing_ok=True)


def _read(con: sqlite3.Connection, wanted: Mapping[bytes, Cell], found: dict[Cell, Groups]) -> None:
    keys = list(wanted)
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start:start + _AT_ONCE]
        places = ", ".join("?" * len(some))
        for key, digest, text in con.execute(f"SELECT key, digest, text FROM groups WHERE key IN ({places})", some):
            if digest == _digest(text):
                names, rows = json.loads(text, object_hook=_value)
                found[wanted[key]] = Groups(tuple(names), rows)


def _text(groups: Groups) -> str | None:
    """Groups as text from which they are read as they were; None where they hold what text cannot."""
    try:
        return json.dumps(groups, default=_told)
    except TypeError:
        return None


def _told(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {_DECIMAL: str(value)}
    raise TypeError(f"a {type(value).__name__} is not kept")


def _value(told: dict[str, Any]) -> Any:
    return Decimal(told[_DECIMAL]) if told.keys() == {_DECIMAL} else told


def _key(cell: Cell) -> bytes:
    return hashlib.sha256(repr(cell).encode()).digest()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
