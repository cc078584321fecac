"""Keys: identical repeats within one load count once, differing ones are set aside together, and ordered rows get their ordinal."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from salesgauge.schema import EXTRA, ORDINAL, RECORD, Table
from salesgauge.staging import FILE, ROW, ident
from salesgauge.store.checking import SHOWN, Checked, key_of, one


@dataclass(frozen=True)
class Incoming:
    """The sound rows of one load of a table: a view `relation` with `row_`, `file_` (and `record_` where it is told), the columns of the
    file, and `ordinal_` where ordered.

    Each identity stands once. `aside` is a view of the rows set aside (`row_` and the key columns, NULL where unreadable). `rows` counts
    the sound rows, `repeats` the identical ones that were left out.
    """

    checked: Checked
    relation: str
    aside: str
    rows: int
    repeats: int

    @property
    def table(self) -> Table:
        """The canonical table."""
        return self.checked.staged.table

    @property
    def columns(self) -> tuple[str, ...]:
        """The stored columns that the file has."""
        return self.checked.columns

    @property
    def extras(self) -> tuple[str, ...]:
        """The names of the file's dimensions, without `x_`."""
        return tuple(stored.removeprefix(EXTRA) for stored, _ in self.checked.staged.extras)


def settle(con: duckdb.DuckDBPyConnection, checked: Checked) -> Incoming:
    """Settles repeated keys among the readable rows; rows set aside for it are added to the problems."""
    table = checked.staged.table
    name = table.name
    columns = ", ".join(map(ident, checked.columns))
    keys = ", ".join(map(ident, key_of(checked.columns, table)))
    came = f"{FILE}, {RECORD}" if checked.staged.recorded else FILE
    readable = f"WHERE {ROW} NOT IN (SELECT {ROW} FROM {checked.problems} WHERE whole)" if checked.aside else ""
    con.execute(f"CREATE OR REPLACE TEMP VIEW readable_{name} AS SELECT {ROW}, {came}, {columns} FROM {checked.read} {readable}")
    repeats = 0
    columns = f"{came}, {columns}"
    sound = f"SELECT {ROW}, {columns}{f', 1::BIGINT AS {ORDINAL}' if table.ordered else ''} FROM readable_{name}"
    if not checked.unique and one(con, f"SELECT count(*) <> count(DISTINCT hash({keys})) FROM readable_{name}")[0]:
        # Only rows whose key may stand twice are compared; equal hashes may still be different keys.
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE twins_{name} AS SELECT * FROM readable_{name}
            WHERE hash({keys}) IN (SELECT hash({keys}) FROM readable_{name} GROUP BY 1 HAVING count(*) > 1)""")
        if table.ordered:
            con.execute(f"CREATE OR REPLACE TEMP TABLE ordinals_{name} AS SELECT {ROW}, "
                        f"row_number() OVER (PARTITION BY {keys} ORDER BY {ROW}) AS {ORDINAL} FROM twins_{name}")
            sound = (f"SELECT r.{ROW}, {columns}, coalesce(o.{ORDINAL}, 1) AS {ORDINAL} FROM readable_{name} r "
                     f"LEFT JOIN ordinals_{name} o ON o.{ROW} = r.{ROW}")
        else:
            repeats = _settle_twins(con, checked)
            sound += f" WHERE {ROW} NOT IN (SELECT {ROW} FROM surplus_{name})"
    con.execute(f"CREATE OR REPLACE TEMP VIEW sound_{name} AS {sound}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW aside_{name} AS SELECT {ROW}, {keys} FROM {checked.read} "
                f"WHERE {ROW} IN (SELECT {ROW} FROM {checked.problems} WHERE whole)")
    aside, = one(con, f"SELECT count(*) FROM {checked.problems} WHERE whole")
    return Incoming(checked, f"sound_{name}", f"aside_{name}", checked.staged.rows - aside - repeats, repeats)


def _settle_twins(con: duckdb.DuckDBPyConnection, checked: Checked) -> int:
    """Makes `surplus_<table>` of the rows that go: all but the first of identical rows, all of differing ones. How many repeats."""
    table = checked.staged.table
    key = key_of(checked.columns, table)
    keys, columns = ", ".join(map(ident, key)), ", ".join(map(ident, checked.columns))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE surplus_{table.name} AS
        SELECT t.*, g.versions > 1 AS differs
        FROM twins_{table.name} t JOIN (SELECT {keys}, count(DISTINCT row({columns})) AS versions, min({ROW}) AS first
                                        FROM twins_{table.name} GROUP BY {keys}) g
             ON {' AND '.join(f't.{ident(k)} IS NOT DISTINCT FROM g.{ident(k)}' for k in key)}
        WHERE g.versions > 1 OR t.{ROW} <> g.first""")
    shown = f"concat_ws(' / ', {', '.join(f'CAST({ident(k)} AS VARCHAR)' for k in key)})"
    con.execute(f"""
        INSERT INTO {checked.problems} SELECT {ROW}, {FILE}, 0, '{key[0]}', left({shown}, {SHOWN}), 'duplicate_key', true
        FROM surplus_{table.name} WHERE differs""")
    repeats, = one(con, f"SELECT count(*) FILTER (NOT differs) FROM surplus_{table.name}")
    return repeats
