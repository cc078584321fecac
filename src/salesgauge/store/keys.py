"""Keys: identical repeats within one load count once, differing ones are set aside together, and ordered rows get their ordinal."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from salesgauge.schema import ORDINAL, Table
from salesgauge.staging import FILE, ROW, ident
from salesgauge.store.checking import SHOWN, Checked, key_of, one


@dataclass(frozen=True)
class Incoming:
    """The sound rows of one load of a table: a view `relation` with `row_` and `columns` (and `ordinal_`), one row per identity.

    `columns` are those that the file has; `aside` is a view of the rows set aside (with `row_` and the key columns, NULL where unreadable).
    """

    checked: Checked
    relation: str
    aside: str
    columns: tuple[str, ...]
    rows: int
    repeats: int

    @property
    def table(self) -> Table:
        return self.checked.staged.table


def settle(con: duckdb.DuckDBPyConnection, checked: Checked) -> Incoming:
    """Settles repeated keys among the readable rows; rows set aside for it are added to the problems."""
    table = checked.staged.table
    name = table.name
    key = key_of(checked.columns, table)
    columns = ", ".join(ident(c) for c in checked.columns)
    keys = ", ".join(ident(k) for k in key)
    without = f"WHERE {ROW} NOT IN (SELECT {ROW} FROM {checked.problems} WHERE whole)" if checked.aside else ""
    con.execute(f"CREATE OR REPLACE TEMP VIEW readable_{name} AS SELECT {ROW}, {FILE}, {columns} FROM {checked.read} {without}")
    unique = checked.unique or bool(one(con, f"SELECT count(*) = count(DISTINCT hash({keys})) FROM readable_{name}")[0])
    repeats = 0
    body = f"SELECT {ROW}, {columns}{f', 1::BIGINT AS {ORDINAL}' if table.ordered else ''} FROM readable_{name}"
    if not unique:
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE twins_{name} AS
            SELECT {ROW}, {FILE}, {columns} FROM readable_{name}
            WHERE hash({keys}) IN (SELECT hash({keys}) FROM readable_{name} GROUP BY 1 HAVING count(*) > 1)""")
        if table.ordered:
            con.execute(f"""
                CREATE OR REPLACE TEMP TABLE ordinals_{name} AS
                SELECT {ROW}, row_number() OVER (PARTITION BY {keys} ORDER BY {ROW}) AS {ORDINAL} FROM twins_{name}""")
            body = (f"SELECT r.{ROW}, {columns}, coalesce(o.{ORDINAL}, 1) AS {ORDINAL} FROM readable_{name} r "
                    f"LEFT JOIN ordinals_{name} o ON o.{ROW} = r.{ROW}")
        else:
            repeats = _settle_twins(con, checked, key)
            body += f" WHERE {ROW} NOT IN (SELECT {ROW} FROM surplus_{name})"
    con.execute(f"CREATE OR REPLACE TEMP VIEW sound_{name} AS {body}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW aside_{name} AS SELECT {ROW}, {keys} FROM {checked.read} "
                f"WHERE {ROW} IN (SELECT {ROW} FROM {checked.problems} WHERE whole)")
    aside, = one(con, f"SELECT count(*) FROM {checked.problems} WHERE whole")
    return Incoming(checked, f"sound_{name}", f"aside_{name}", checked.columns, checked.staged.rows - aside - repeats, repeats)


def _settle_twins(con: duckdb.DuckDBPyConnection, checked: Checked, key: tuple[str, ...]) -> int:
    """Fills `surplus_<table>` with the rows that go: all but the first of identical rows, all of differing ones. How many repeats."""
    name = checked.staged.table.name
    keys = ", ".join(ident(k) for k in key)
    columns = ", ".join(ident(c) for c in checked.columns)
    shown = "concat_ws(' / ', " + ", ".join(f"CAST({ident(k)} AS VARCHAR)" for k in key) + ")"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE surplus_{name} AS
        SELECT t.{ROW}, t.{FILE}, g.versions > 1 AS differs, {', '.join(f't.{ident(k)}' for k in key)}
        FROM twins_{name} t JOIN (SELECT {keys}, count(DISTINCT row({columns})) AS versions, min({ROW}) AS first, count(*) AS times
                                  FROM twins_{name} GROUP BY {keys}) g
             ON {' AND '.join(f't.{ident(k)} IS NOT DISTINCT FROM g.{ident(k)}' for k in key)}
        WHERE g.versions > 1 OR t.{ROW} <> g.first""")
    con.execute(f"""
        INSERT INTO {checked.problems}
        SELECT {ROW}, {FILE}, 0, '{key[0]}', left({shown}, {SHOWN}), 'duplicate_key', true FROM surplus_{name} WHERE differs""")
    repeats, = one(con, f"SELECT count(*) FILTER (NOT differs) FROM surplus_{name}")
    return repeats
