"""Of long canonical tables the rows that bringing facts forward looks at, read once for all facts of a session.

Five facts look at the activities of some deals and leads. To find a few rows of a long table costs as much as to read it whole, so the
first of them draws what all will want: the rows that changed, and those of the same deals and leads. What a later one wants beyond that
is drawn then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.schema import TABLES
from salesgauge.staging import ident
from salesgauge.store.generation import StoredTable
from salesgauge.store.merging import identity, same
from salesgauge.store.places import parts_of

LONG = 500_000  # rows of a table that is worth it
MOST = 0.1      # values that are looked for, as a share of a table's rows; beyond, it is read as it is
Run = Callable[[str], int]
Rows = Mapping[str, Any]  # semantics/reach.py, as it is kept with compiled SQL


class Drawn:
    """The rows that one connection has drawn, as tables of its own beside the views of a generation's tables. `longest`: how many rows the
    longest of these has."""

    def __init__(self, con: duckdb.DuckDBPyConnection, tables: Mapping[str, StoredTable]) -> None:
        self._con = con
        self._rows = {name: table.rows for name, table in tables.items() if table.rows >= LONG}
        self._by: dict[str, set[str]] = {}
        self._tied: dict[str, str] = {}  # by its SQL the table of values that rows of other tables tie to what changed
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

    def place(self, rows: Rows, run: Run) -> str:
        """What stands in SQL for a relation of which only these rows are looked at: what was drawn of it, where they are among that.
        `run` runs SQL that names values, and gives how many rows it made."""
        relation = rows["relation"]
        if relation in self._by and not self._missing(relation, {rows["column"]: [rows["values"]]}, run):
            return _drawn(relation)
        return _stored(relation)

    def draw(self, several: Sequence[Rows], found_by: Sequence[str], changes: Mapping[str, list[Path] | None], run: Run) -> str | None:
        """What stands in SQL for a relation of which all these rows are drawn, and others; None where it is better read as it is.
        `found_by`: the columns by which facts find its rows, `changes`: the files with the rows that changed by table; of both follows
        what others will want."""
        relation = several[0]["relation"]
        if relation not in self._rows:
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
        if missing > MOST * self._rows[relation]:
            return None
        if first or missing:
            test = " OR ".join(f"r.{ident(column)} IN (SELECT value FROM {_asked(column)})" for column in wanted)
            found = f"SELECT * FROM {_stored(relation)} r WHERE ({test})"
            if first:
                run(f"CREATE TEMP TABLE {_drawn(relation)} AS {found}")
                self._by[relation] = set()
            else:
                known = same("d", "r", identity(TABLES[relation]))
                run(f"INSERT INTO {_drawn(relation)} {found} AND NOT EXISTS (SELECT 1 FROM {_drawn(relation)} d WHERE {known})")
            for column in wanted:
                made = "INSERT INTO" if column in self._by[relation] else "CREATE TEMP TABLE"
                run(f"{made} {_values(relation, column)} {'' if made == 'INSERT INTO' else 'AS '}FROM {_asked(column)}")
                self._by[relation].add(column)
        return _drawn(relation)

    def _likely(self, relation: str, columns: Sequence[str], changes: Mapping[str, list[Path] | None],
                run: Run) -> dict[str, list[str]]:
        """SQL of the values of each column that facts are likely to ask for: those of rows that changed, and those that rows of other
        tables tie to them (the leads of deals, the deals of leads), which are looked for once for all relations."""
        found: dict[str, list[str]] = {column: [] for column in columns}
        for changed, paths in changes.items():
            for column in {c.name for c in TABLES[changed].columns} & set(columns) if paths else ():
                found[column].append(f"SELECT {ident(column)} FROM {parts_of(paths or [])}")
        near = {column: list(values) for column, values in found.items()}
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
