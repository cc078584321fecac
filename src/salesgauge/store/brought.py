"""One fact while it is brought forward: which of its keys are computed again, from which rows, and how its files come to be.

A fact that is short is compared with what it was, so that those who read it are told only of keys whose rows are others now. Of a long one
the rows that were are not read at all but for its key and what its readers find theirs by: to read them costs as much as all else, and
the keys that changed rows reach are few and mostly others.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.schema import TABLES
from salesgauge.semantics.reach import BEFORE, FACT, KEYS, OF
from salesgauge.staging import bound, ident, literal
from salesgauge.store.changes import CHANGED
from salesgauge.store.drawn import Changes, Drawn
from salesgauge.store.keeping import sync
from salesgauge.store.kept import COPY, FILE, GONE, LATER, Held
from salesgauge.store.merging import identity
from salesgauge.store.needed import rows_needed, rows_of_keys
from salesgauge.store.places import PLACE, count_in, parts_of
from salesgauge.store.quarters import write_rows
from salesgauge.store.sums import sum_of

FEW, SHARE = 1000, 0.3   # keys that are computed again: so many, or this share of the fact's rows; beyond, it is built whole
MOST = 0.1               # keys, as a share of the fact's rows, beyond which what it reads is read whole
SMALL = 20_000           # rows of a fact that is written as one file each time; a larger one gets a second layer ...
THIN = 0.1               # ... until that or what is gone of the first is this share of the first
LONG = 50_000            # rows of a fact beyond which it is not compared with what it was ...
BESIDE = 0.01            # ... if they are more than this share of the longest table's, which its readers may look at ...
MANY = 0.05              # ... unless so large a share of them was computed again
WAS = "was_"             # of a row of differences: it is how things were
_DIFFERING = "keys_differing"


class Brought:
    """One fact, in tables of its own on a connection that has the views of what the fact reads. `page` is its compiled SQL, `values` its
    parameters, `before` what it was, `used` the facts that it reads, as they now are, `changes` the rows of canonical tables that changed
    since. `kept`: how the folder is called that it is kept in."""

    def __init__(self, con: duckdb.DuckDBPyConnection, drawn: Drawn, name: str, page: Mapping[str, Any], values: Mapping[str, Any],
                 before: Held, used: Mapping[str, Held | None], changes: Changes, kept: str) -> None:
        self._con, self._drawn, self._name, self._page, self._values = con, drawn, name, page, values
        self._before, self._used, self._changes, self._kept = before, used, changes, kept
        self._key = ident(page["key"] or "")
        self._differ = KEYS  # the table of the keys whose rows are taken for others than before
        self._made: list[tuple[str, str]] = []
        self._found: list[tuple[str, str, set[str], str, str]] = []  # of facts what was found that others may need (store/near.py)

    def end(self) -> None:
        """Removes what was made on the connection."""
        for kind, name in reversed(self._made):
            self._con.execute(f"DROP {kind} IF EXISTS temp.main.{ident(name)}")

    def _run(self, sql: str) -> int:
        """Runs what makes rows, and gives how many."""
        made = self._con.execute(sql, bound(sql, self._values)).fetchone()
        assert made is not None
        return int(made[0])

    def _table(self, name: str, sql: str) -> int:
        self._made.append(("TABLE", name))
        return self._run(f"CREATE OR REPLACE TEMP TABLE {ident(name)} AS {sql}")

    def _view(self, name: str, sql: str) -> None:
        self._made.append(("VIEW", name))
        self._con.execute(f"CREATE OR REPLACE TEMP VIEW {ident(name)} AS {sql}")

    def note(self, relation: str, paths: Sequence[Path]) -> int:
        """Notes the rows of a relation that changed, as they were and as they are, by the columns on which the fact depends: a row that
        is the same in these has not changed. `paths` are the files that tell of them; gives how many there are."""
        rows = parts_of(paths)
        columns = set(self._page["reads"][relation])
        if not relation.startswith(FACT):
            columns.update(identity(TABLES[relation]))
            changed = CHANGED
        else:
            told = [column[0] for column in self._con.execute(f"SELECT * FROM {rows} LIMIT 0").description if column[0] != WAS]
            if not columns <= set(told):
                return self._table(f"changed_{relation}", f"SELECT * FROM {rows}")
            columns = columns or {told[0]}
            changed = f"count(*) FILTER ({WAS}) <> count(*) FILTER (NOT {WAS})"
        listed = ", ".join(map(ident, sorted(columns)))
        return self._table(f"changed_{relation}", f"SELECT {listed} FROM {rows} GROUP BY ALL HAVING {changed}")

    def write(self, changed: Sequence[str], folder: Path, told: Path) -> bool:
        """Writes the fact's files and, in `told`, how it differs; says whether it did, which it does not where most would change.
        `changed`: the relations of which rows that changed are noted."""
        rows = rows_in(self._con, self._before)
        if not changed:
            self._con.execute(f"COPY (SELECT *, true AS {WAS} FROM {self._before.relation} LIMIT 0) TO {literal(str(told))} {COPY}")
            self._link(folder)
            return True
        keys = self._reached(changed)
        if keys > max(FEW, SHARE * rows):
            return False
        now = self._table("rows_now", self._now(keys > MOST * rows) if keys else f"SELECT * FROM {self._before.relation} LIMIT 0")
        if rows <= max(LONG, BESIDE * self._drawn.longest) or now > MANY * rows:
            self._table("rows_before", self._rows_before("r.* EXCLUDE (file_row_number)", "r.*"))
            differing, columns = self._table(_DIFFERING, self._differing()), ", ".join(map(ident, self._page["columns"]))
            self._differ = _DIFFERING
        else:
            columns = ", ".join(map(ident, self._page["told"]))
            self._table("rows_before", self._rows_before(columns, columns))
            differing = keys
        self._con.execute(f"COPY (SELECT {columns}, true AS {WAS} FROM {self._of_those('rows_before')} UNION ALL "
                          f"SELECT {columns}, false AS {WAS} FROM {self._of_those('rows_now')}) TO {literal(str(told))} {COPY}")
        if not differing:
            self._link(folder)
        elif not self._layered(folder, rows, now):
            rows_after = f"SELECT * FROM {self._before.relation} WHERE {self._stays()} UNION ALL SELECT * FROM {self._of_those('rows_now')}"
            write_rows(self._con, rows_after, folder, self._page["in_time"], self._drawn.longest)
        if keys:
            self._found.append((self._kept, self._page["key"], set(self._page["columns"]), f"SELECT key FROM temp.main.{KEYS}", "rows_now"))
        for found in self._found:
            self._drawn.near.keep(*found)
        return True

    def _reached(self, changed: Sequence[str]) -> int:
        self._view(f"{BEFORE}_{self._name}", f"SELECT * FROM {self._before.relation}")
        parts = []
        for step in (step for relation in changed for step in self._page["reached"][relation]):
            parts.append(step["sql"].replace(OF, self._drawn.place(step["rows"], self._run)) if step["rows"] else step["sql"])
        return self._table(KEYS, f"SELECT DISTINCT key FROM ({' UNION ALL '.join(parts)}) WHERE key IS NOT NULL")

    def _now(self, most: bool) -> str:
        """SQL: the rows of the reached keys as the fact now gives them, from what they need, or where they are most from all."""
        places = {}
        for relation, need in self._page["needed"].items() if not most else ():
            found_by = self._page["found_by"].get(relation, ())
            if relation.startswith(FACT):
                place = self._needed_of_fact(relation, need)
            else:
                place = self._drawn.draw(need["rows"], found_by, self._changes, self._run) if need["rows"] else None
            places[relation] = place or self._needed(relation, need)  # of what was drawn for others too, more than these keys need
        return rows_of_keys(self._page, places)

    def _needed(self, relation: str, need: Mapping[str, Any]) -> str:
        self._table(f"needed_{relation}", rows_needed(relation, need))  # a table, so that it is known how few they are
        return f"temp.main.{ident(f'needed_{relation}')}"

    def _needed_of_fact(self, relation: str, need: Mapping[str, Any]) -> str | None:
        """The rows that the keys need of a fact, where they are found by one column and stand there."""
        held = self._used[relation.removeprefix(FACT)]
        if held is None or len(need["rows"] or ()) != 1:
            return None
        rows, told = need["rows"][0], set(self._page["reads"][relation])
        place = self._drawn.near.find(held.folder.name, rows["column"], told, rows["values"])
        if place is None:
            self._found.append((held.folder.name, rows["column"], told, rows["values"], f"needed_{relation}"))
        return place

    def _rows_before(self, columns: str, later: str) -> str:
        """SQL: of the rows of the reached keys as they were these columns, with where each stands in the first layer, if it does."""
        found = self._before.rows(f"{columns}, r.file_index AS file_, r.file_row_number AS place_",
                                  later=f"{later}, NULL AS file_, NULL AS place_")
        return " UNION ALL ".join(f"{rows} WHERE r.{self._key} IN (SELECT key FROM temp.main.{KEYS})" for rows in found)

    def _differing(self) -> str:
        """SQL: the reached keys whose rows are others than before, by the sums of two hashes of each row."""
        before, now = (
            f"SELECT r.{self._key} AS key, count(*) AS rows, sum(hash(1, r)) AS one, sum(hash('2', r)) AS two "
            f"FROM (SELECT * {but} FROM temp.main.{table}) r GROUP BY ALL"
            for table, but in (("rows_before", "EXCLUDE (file_, place_)"), ("rows_now", "")))
        return (f"SELECT coalesce(b.key, n.key) AS key FROM ({before}) b FULL JOIN ({now}) n ON b.key = n.key "
                "WHERE b.rows IS DISTINCT FROM n.rows OR b.one IS DISTINCT FROM n.one OR b.two IS DISTINCT FROM n.two")

    def _stays(self) -> str:
        return f"{self._key} NOT IN (SELECT key FROM temp.main.{self._differ})"

    def _of_those(self, table: str) -> str:
        """SQL: what stands after FROM for the rows of a table whose keys differ; all of them are of keys that were reached."""
        return f"temp.main.{table}" + ("" if self._differ == KEYS else f" WHERE {self._key} IN (SELECT key FROM temp.main.{self._differ})")

    def _link(self, folder: Path) -> None:
        before = self._before
        for path in (*before.first, before.later, before.gone):
            if path:
                _same(path, folder / path.name)

    def _layered(self, folder: Path, rows: int, now: int) -> bool:
        """Leaves the first layer as it is, where it is large and little of it goes: what is gone of it, and a second layer of what came.
        `rows` the fact had, `now` have the reached keys."""
        if rows <= SMALL:
            return False
        before = self._before
        known = f"SELECT {FILE}, {PLACE} FROM {parts_of([before.gone])} UNION ALL " if before.gone else ""
        leaving = self._table("places_gone", f"{known}SELECT file_ AS {FILE}, place_ AS {PLACE} "
                                             f"FROM (SELECT * FROM {self._of_those('rows_before')}) WHERE file_ IS NOT NULL")
        came, second = "rows_now", now
        if before.later or self._differ != KEYS:
            stay = f" UNION ALL SELECT * FROM {parts_of([before.later])} WHERE {self._stays()}" if before.later else ""
            came, second = "rows_second", self._table("rows_second", f"SELECT * FROM {self._of_those('rows_now')}{stay}")
        if max(leaving, second) > THIN * count_in(self._con, before.first):
            return False
        for path in before.first:
            _same(path, folder / path.name)
        for table, order, path in ((came, "", folder / LATER), ("places_gone", " ORDER BY ALL", folder / GONE)):
            self._con.execute(f"COPY (FROM temp.main.{table}{order}) TO {literal(str(path))} {COPY}")
            sync(path)
        sync(folder)
        return True


def rows_in(con: duckdb.DuckDBPyConnection, held: Held) -> int:
    """How many rows a kept fact has."""
    later, gone = ([path] if path else [] for path in (held.later, held.gone))
    return count_in(con, [*held.first, *later]) - count_in(con, gone)


def _same(path: Path, other: Path) -> None:
    """The same file under another name, with its sum; a copy on a file system that cannot."""
    for old, new in ((path, other), (sum_of(path), sum_of(other))):
        try:
            os.link(old, new)
        except OSError:
            shutil.copyfile(old, new)
