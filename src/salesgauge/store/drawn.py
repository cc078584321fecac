"""Of long canonical tables the rows that bringing facts forward looks at, read once for all facts of a session.

Five facts look at the activities of some deals and leads. To find a few rows of a long table costs as much as to read it whole, so the
first of them draws what all will want: the rows that changed, and those of the same deals and leads. What a later one wants beyond that
is drawn then.

A row that changed stands in a part that a load has written since: it is looked for by its own id there, and not in the long parts that
stood before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.schema import TABLES
from salesgauge.staging import ident
from salesgauge.store.changes import CHANGED
from salesgauge.store.generation import StoredTable
from salesgauge.store.merging import identity, same
from salesgauge.store.near import Near
from salesgauge.store.picked import at_places, places_found
from salesgauge.store.places import PLACE, counts, parts_of, rows_left

LONG = 500_000  # rows of a table that is worth it
FAR = 5_000_000  # rows of a part of which first the places are found: the others of a shorter one are as soon read
MOST = 0.1      # values that are looked for, as a share of a table's rows; beyond, it is read as it is
Run = Callable[[str], int]
Rows = Mapping[str, Any]  # semantics/reach.py, as it is kept with compiled SQL
Changes = Mapping[str, list[Path] | None]  # by table the files with the rows that changed
_PLACES, _ELSEWHERE = "temp.main.drawn_places", "temp.main.asked_elsewhere"


class Drawn:
    """The rows that one connection has drawn, as tables of its own beside the views of a generation's tables. `longest`: how many rows the
    longest of these has, `near`: what is at hand of facts. `stood` gives a table as it was before it changed."""

    def __init__(self, con: duckdb.DuckDBPyConnection, tables: Mapping[str, StoredTable],
                 stood: Callable[[str], StoredTable | None] = lambda _table: None) -> None:
        self._con, self._stood = con, stood
        self._tables = {name: table for name, table in tables.items() if table.rows >= LONG}
        self._by: dict[str, set[str]] = {}
        self._tied: dict[str, str] = {}  # by its SQL the table of values that rows of other tables tie to what changed
        self.near = Near(con)
        self.longest = max((table.rows for table in tables.values()), default=0)

    def clear(self) -> None:
        """Lets go of what was drawn."""
        for relation, columns in self._by.items():
            self._con.execute(f"DROP TABLE {_drawn(relation)}")
            for column in columns:
                self._con.execute(f"DROP TABLE {_values(relation, column)}")
        for table in self._tied.values():
            self._con.execute(f"DROP TABLE {table}")
        self._by.clear()
        self._tied.clear()
        self.near.clear()

    def place(self, rows: Rows, run: Run) -> str:
        """What stands in SQL for a relation of which only these rows are looked at: what was drawn of it, where they are among that.
        `run` runs SQL that names values, and gives how many rows it made."""
        relation = rows["relation"]
        if relation in self._by and not self._missing(relation, {rows["column"]: [rows["values"]]}, run):
            return _drawn(relation)
        return _stored(relation)

    def draw(self, several: Sequence[Rows], found_by: Sequence[str], changes: Changes, run: Run) -> str | None:
        """What stands in SQL for a relation of which all these rows are drawn, and others; None where it is better read as it is.
        `found_by`: the columns by which facts find its rows, `changes`: the files with the rows that changed by table; of both follows
        what others will want."""
        relation = several[0]["relation"]
        if relation not in self._tables:
            return None
        wanted: dict[str, list[str]] = {}
        for rows in several:
            wanted.setdefault(rows["column"], []).append(rows["values"])
        first = relation not in self._by
        if first:
            for column, likely in self._likely(relation, found_by, changes, run).items():
                if likely:
                    wanted.setdefault(column, []).extend(likely)
        missing = self._missing(relation, wanted, run)
        if missing > MOST * self._tables[relation].rows:
            return None
        if first or missing:
            if first:
                run(f"CREATE TEMP TABLE {_drawn(relation)} AS SELECT * FROM {_stored(relation)} LIMIT 0")
                self._by[relation] = set()
            self._fill(relation, wanted, changes, run)
            for column in wanted:
                made = "INSERT INTO" if column in self._by[relation] else "CREATE TEMP TABLE"
                run(f"{made} {_values(relation, column)} {'' if made == 'INSERT INTO' else 'AS '}FROM {_asked(column)}")
                self._by[relation].add(column)
        return _drawn(relation)

    def _fill(self, relation: str, columns: Collection[str], changes: Changes, run: Run) -> None:
        """Draws the rows that have a value that is asked for in one of the columns, and are not drawn yet."""
        table, stored, stood = TABLES[relation], self._tables[relation], self._stood(relation)
        tests = {column: f"r.{ident(column)} IN (SELECT value FROM {_asked(column)})" for column in columns}
        before, own = dict(tests), identity(table)[0]
        if own in tests and (changed := self._changed(relation, changes, run)):
            del before[own]
            if run(f"CREATE OR REPLACE TEMP TABLE {_ELSEWHERE} AS SELECT value FROM {_asked(own)} WHERE value NOT IN ({changed})"):
                before[own] = f"r.{ident(own)} IN (SELECT value FROM {_ELSEWHERE})"
        shown = ", ".join(ident(column[0]) for column in self._con.execute(f"SELECT * FROM {_drawn(relation)} LIMIT 0").description)
        rows = counts(self._con, stored.parts)
        for part in stored.parts:
            asked = list((before if stood and self._is_as_it_was(part, stored, stood) else tests).values())
            if not asked:
                continue
            gone = stored.gone.get(part.name)
            if rows[part] >= FAR:
                run(f"CREATE OR REPLACE TEMP TABLE {_PLACES} AS {places_found(part, asked, gone)}")
                found = at_places(self._con, part, shown, _PLACES)
            else:
                found = f"SELECT * FROM ({rows_left(part, gone, shown)}) r WHERE {' OR '.join(asked)}"
            run(f"INSERT INTO {_drawn(relation)} SELECT * FROM ({found}) r "
                f"WHERE NOT EXISTS (SELECT 1 FROM {_drawn(relation)} d WHERE {same('d', 'r', identity(table))})")
        for made in (_PLACES, _ELSEWHERE):
            self._con.execute(f"DROP TABLE IF EXISTS {made}")

    def _is_as_it_was(self, part: Path, stored: StoredTable, stood: StoredTable) -> bool:
        """Whether every row of a part that now stands stood before, so that it has not changed."""
        if part not in stood.parts:
            return False
        were, are = stood.gone.get(part.name), stored.gone.get(part.name)
        if were is None or were == are:
            return True
        again = f"FROM {parts_of([were])} w" + (f" ANTI JOIN {parts_of([are])} a ON w.{PLACE} = a.{PLACE}" if are else "")
        return not self._con.execute(f"SELECT 1 {again} LIMIT 1").fetchall()

    def _changed(self, relation: str, changes: Changes, run: Run) -> str | None:
        """SQL of the ids of the rows of a relation that are others than they were; None where it has no single id, or nothing changed. One
        that changed and changed back has not: it may stand where it stood."""
        own, paths = identity(TABLES[relation]), changes.get(relation)
        if len(own) > 1 or not paths:
            return None
        return self._once(f"SELECT DISTINCT {ident(own[0])} AS value FROM (SELECT * FROM {parts_of(paths)} GROUP BY ALL "
                          f"HAVING {CHANGED}) WHERE {ident(own[0])} IS NOT NULL", run)

    def _likely(self, relation: str, columns: Sequence[str], changes: Changes, run: Run) -> dict[str, list[str]]:
        """SQL of the values of each column that facts are likely to ask for: those of rows that changed, and those that rows of other
        tables tie to them (the leads of deals, the deals of leads), which are looked for once for all relations."""
        near, found = ({column: list[str]() for column in columns} for _ in range(2))
        for changed, paths in changes.items():
            for column in {c.name for c in TABLES[changed].columns} & set(columns) if paths else ():
                near[column].append(f"SELECT {ident(column)} FROM {parts_of(paths or [])}")
                is_own = changed == relation and identity(TABLES[relation]) == (column,)
                found[column].append((self._changed(relation, changes, run) if is_own else None) or near[column][-1])
        for table in TABLES.values():
            if table.name == relation or len(table.key) > 1 or table.key[0] not in found:
                continue
            for other in {c.name for c in table.columns} & set(columns) - {table.key[0]}:
                for have, give in ((table.key[0], other), (other, table.key[0])):
                    if near[have]:
                        found[give].append(self._once(f"SELECT DISTINCT {ident(give)} AS value FROM {_stored(table.name)} "
                                                      f"WHERE {ident(have)} IN ({' UNION ALL '.join(near[have])})", run))
        return found

    def _once(self, sql: str, run: Run) -> str:
        """SQL of the values that SQL gives, which is run once."""
        if sql not in self._tied:
            place = f"temp.main.tied_{len(self._tied)}"
            run(f"CREATE TEMP TABLE {place} AS {sql}")
            self._tied[sql] = place
        return f"SELECT value FROM {self._tied[sql]}"

    def _missing(self, relation: str, wanted: Mapping[str, list[str]], run: Run) -> int:
        """Makes a table of the values of each column that were not looked for yet; tells how many there are."""
        count = 0
        for column, values in wanted.items():
            known = []
            if column in self._by.get(relation, ()):
                known.append(f"SELECT value FROM {_values(relation, column)}")
            if relation in self._by and identity(TABLES[relation]) == (column,):
                known.append(f"SELECT {ident(column)} FROM {_drawn(relation)}")
            but = "".join(f" AND value NOT IN ({sql})" for sql in known)
            count += run(f"CREATE OR REPLACE TEMP TABLE {_asked(column)} AS SELECT DISTINCT value FROM ({' UNION ALL '.join(values)}) "
                         f"t(value) WHERE value IS NOT NULL{but}")
        return count


def _stored(relation: str) -> str:
    return f"temp.main.{ident(relation)}"


def _drawn(relation: str) -> str:
    return f"temp.main.{ident(f'drawn_{relation}')}"


def _values(relation: str, column: str) -> str:
    return f"temp.main.{ident(f'drawn_{relation}_by_{column}')}"


def _asked(column: str) -> str:
    return f"temp.main.{ident(f'asked_{column}')}"
