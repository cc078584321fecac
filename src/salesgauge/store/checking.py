"""Reading a staged table: its cells become values, and the rows and cells that cannot be read are found."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from salesgauge.schema import Column, Kind, Table
from salesgauge.staging import FILE, ROW, StagedTable, ident, literal
from salesgauge.store.parsing import Reading, as_text, reading
from salesgauge.store.zones import DAYS

UNREADABLE = {Kind.INSTANT: "unreadable_instant", Kind.DATE: "unreadable_date", Kind.NUMBER: "unreadable_number",
              Kind.BOOLEAN: "unreadable_boolean", Kind.CHOICE: "unknown_value"}
SHOWN = 200  # characters of a value that is set aside
KEPT_IN_MEMORY = 200_000  # up to so many rows the values are kept, beyond they are read again by each query: less memory, more work


@dataclass(frozen=True)
class Checked:
    """A staged table whose cells were read.

    `read` is a view with `row_`, `file_` and the stored columns `columns` (an unreadable cell is NULL); `problems` a table of what was
    set aside (row_, file_, place, column, value, reason, whole), with exactly one whole entry per row set aside; `rows` of `read`, of which `aside` were set aside; `unique`: it is known that
    no key stands twice.
    """

    staged: StagedTable
    read: str
    problems: str
    columns: tuple[str, ...]
    rows: int
    aside: int
    unique: bool


def key_of(columns: tuple[str, ...], table: Table) -> tuple[str, ...]:
    """The key columns that a file has; one that it lacks is empty in every row."""
    return tuple(k for k in table.key if k in columns)


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """The only row of a query of numbers."""
    row = con.execute(query).fetchone()
    assert row is not None
    return row


@dataclass(frozen=True)
class _Rule:
    """When a column's cell is set aside: condition, reason and whether the whole row is, all SQL."""

    when: str
    reason: str
    whole: bool


def _rules(column: Column, read: Reading, key: tuple[str, ...]) -> list[_Rule]:
    found = []
    blank, value = ident(f"{column.name}__blank"), ident(read.value)
    if column.required and (column.kind is not Kind.TEXT or column.name in key):
        found.append(_Rule(blank, "missing_value", True))
    whole = column.required or column.decisive
    if column.kind is not Kind.TEXT:
        found.append(_Rule(f"NOT {blank} AND {value} IS NULL", UNREADABLE[column.kind], whole))
    if column.above is not None:
        found.append(_Rule(f"{value} <= {column.above!r}", "out_of_range", whole))
    return found


def check(con: duckdb.DuckDBPyConnection, staged: StagedTable) -> Checked:
    """Makes the view of read values and the table of problems for `staged`. Needs the table `zone_days`."""
    table = staged.table
    dtypes = {str(r[0]): str(r[1]) for r in con.execute(f"DESCRIBE {staged.relation}").fetchall()}
    readings = [reading(c, dtypes[c.name]) for c in table.columns if c.name in staged.columns]
    extras = [x for x, _ in staged.extras]
    rules = [(place, r, rule) for place, r in enumerate(readings) for rule in _rules(r.column, r, table.key)]
    columns = tuple(name for r in readings for name, _ in r.values) + tuple(extras)
    checked, read, problems = f"checked_{table.name}", f"read_{table.name}", f"problems_{table.name}"
    con.execute(f"DROP TABLE IF EXISTS {checked}" if staged.rows > KEPT_IN_MEMORY else f"DROP VIEW IF EXISTS {checked}")
    con.execute(f"CREATE OR REPLACE TEMP {'VIEW' if staged.rows > KEPT_IN_MEMORY else 'TABLE'} {checked} AS "
                f"SELECT *, {' OR '.join(f'({rule.when})' for _, _, rule in rules) or 'false'} AS bad_ FROM ({_values(staged, readings, dtypes)})")
    con.execute(f"CREATE OR REPLACE TEMP VIEW {read} AS SELECT {ROW}, {FILE}, {', '.join(ident(c) for c in columns)} FROM {checked}")
    key = key_of(columns, table)
    bad, hashes = one(con, f"SELECT count(*) FILTER (bad_), count(DISTINCT hash({', '.join(ident(k) for k in key)})) FROM {checked}")
    entries = ", ".join(
        f"CASE WHEN {rule.when} THEN {{'place': {place}, 'column': {literal(r.column.name)}, "
        f"'value': left(CAST(raw.{ident(r.column.name)} AS VARCHAR), {SHOWN}), 'reason': {literal(rule.reason)}, 'whole': {str(rule.whole).lower()}}} END"
        for place, r, rule in rules)
    empty = "SELECT 0::BIGINT AS row_, '' AS file_, 0 AS place, '' AS \"column\", '' AS \"value\", '' AS reason, false AS whole WHERE false"
    found = f"""
        SELECT row_, file_, p.place, p."column", p."value", p.reason,
               p.whole AND p.place = min(p.place) FILTER (p.whole) OVER (PARTITION BY row_) AS whole
        FROM (SELECT b.row_, b.file_, unnest([{entries}]) AS p FROM (SELECT * FROM {checked} WHERE bad_) b
              JOIN {staged.relation} raw ON raw.{ROW} = b.{ROW})
        WHERE p IS NOT NULL""" if bad else empty
    con.execute(f"CREATE OR REPLACE TEMP TABLE {problems} AS {found}")
    aside, = one(con, f"SELECT count(*) FROM {problems} WHERE whole")
    return Checked(staged, read, problems, columns, staged.rows, aside, not aside and hashes == staged.rows)



def _values(staged: StagedTable, readings: list[Reading], dtypes: dict[str, str]) -> str:
    """SQL: the stored columns of a staged table and, per column, whether its cell is empty (`<column>__blank`)."""
    extras = [x for x, _ in staged.extras]
    kept = [f"{as_text(ident(x), dtypes[x])} AS {ident(x)}" for x in extras]
    query = f"SELECT {', '.join([ROW, FILE, *(f'{e} AS {ident(n)}' for r in readings for n, e in r.steps[0]), *kept])} FROM {staged.relation}"
    for depth in range(1, max(len(r.steps) for r in readings)):
        more = [f"{e} AS {ident(n)}" for r in readings if len(r.steps) > depth for n, e in r.steps[depth]]
        query = f"SELECT *, {', '.join(more)} FROM ({query})"
    values = [f"{e} AS {ident(n)}" for r in readings for n, e in r.values]
    blanks = [f"{r.blank} AS {ident(r.column.name + '__blank')}" for r in readings]
    joins = " ".join(f"LEFT JOIN {DAYS} {r.days} ON {r.days}.day = {r.day}" for r in readings if r.day)
    return f"SELECT {', '.join([ROW, FILE, *values, *blanks, *(ident(x) for x in extras)])} FROM ({query}) {joins}"
