"""Reading a staged table: its cells become values, and the rows and cells that cannot be read are found."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from salesgauge.errors import LoadRefused
from salesgauge.schema import RECORD, Column, Kind, Table
from salesgauge.staging import FILE, ROW, StagedTable, ident, literal
from salesgauge.store.parsing import Reading, as_text, may_hold_times, reading
from salesgauge.store.zones import DAYS

UNREADABLE = {Kind.INSTANT: "unreadable_instant", Kind.DATE: "unreadable_date", Kind.NUMBER: "unreadable_number",
              Kind.BOOLEAN: "unreadable_boolean", Kind.CHOICE: "unknown_value"}
SHOWN = 200  # characters of a value that is set aside
KEPT_ROWS, KEPT_BYTES = 500_000, 64 << 20  # of a table; more is read again by each query, which is more work and little memory


@dataclass(frozen=True)
class Checked:
    """A staged table whose cells were read.

    `read` is a view with `row_`, `file_` (and `record_` where it is told) and the stored columns `columns` (an unreadable cell is NULL).
    `problems` is a table of what was set aside (row_, file_, place, column, value, reason, whole), with exactly one whole entry per row
    set aside; `aside` counts those rows.
    `unique`: it is known that no key stands twice.
    """

    staged: StagedTable
    read: str
    problems: str
    columns: tuple[str, ...]
    aside: int
    unique: bool


@dataclass(frozen=True)
class _Rule:
    """When a column's cell is set aside (SQL), for what reason, and whether its whole row is."""

    column: Column
    when: str
    reason: str
    whole: bool


def key_of(columns: tuple[str, ...], table: Table) -> tuple[str, ...]:
    """The key columns that a file has; one that it lacks is empty in every row."""
    return tuple(k for k in table.key if k in columns)


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """The only row of a query of numbers."""
    row = con.execute(query).fetchone()
    assert row is not None
    return row


def stand(con: duckdb.DuckDBPyConnection, name: str, query: str, rows: int, size: float) -> None:
    """Makes the view `name` of the `rows` rows of `query`, about `size` bytes; few are computed now, many each time they are asked for."""
    if rows <= KEPT_ROWS and size <= KEPT_BYTES:
        con.execute(f"CREATE OR REPLACE TEMP TABLE kept_{name} AS {query}")
        query = f"FROM kept_{name}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def _rules(read: Reading, key: tuple[str, ...]) -> list[_Rule]:
    column = read.column
    blank, value = ident(f"{column.name}__blank"), ident(read.value)
    whole = column.required or column.decisive
    found = []
    if column.required and (column.kind is not Kind.TEXT or column.name in key):
        found.append(_Rule(column, blank, "missing_value", True))
    if column.kind is not Kind.TEXT:
        found.append(_Rule(column, f"NOT {blank} AND {value} IS NULL", UNREADABLE[column.kind], whole))
    if column.above is not None:
        found.append(_Rule(column, f"{value} <= {column.above!r}", "out_of_range", whole))
    return found


def check(con: duckdb.DuckDBPyConnection, staged: StagedTable) -> Checked:
    """Makes the view of read values and the table of problems for `staged`; needs the table `zone_days`.

    Raises LoadRefused where the rows cannot be fetched (a Parquet file that is damaged inside).
    """
    table = staged.table
    try:
        dtypes = {str(r[0]): str(r[1]) for r in con.execute(f"DESCRIBE {staged.relation}").fetchall()}
        brought = [c for c in table.columns if c.name in staged.columns]
        timed = _timed(con, staged, brought, dtypes)
        readings = [reading(c, dtypes[c.name], c.name in timed) for c in brought]
        rules = [rule for r in readings for rule in _rules(r, table.key)]
        columns = (*(name for r in readings for name, _ in r.values), *(x for x, _ in staged.extras))
        bad, unique = _read(con, staged, readings, dtypes, rules, key_of(columns, table))
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.SerializationException) as problem:
        raise LoadRefused(f"{staged.file} cannot be read: {str(problem).splitlines()[0]}") from None
    read = f"read_{table.name}"
    shown = ", ".join([*_places(staged), *map(ident, columns)])
    con.execute(f"CREATE OR REPLACE TEMP VIEW {read} AS SELECT {shown} FROM checked_{table.name}")
    aside = _problems(con, staged, rules if bad else [])
    return Checked(staged, read, f"problems_{table.name}", columns, aside, not aside and unique)


def _read(con: duckdb.DuckDBPyConnection, staged: StagedTable, readings: list[Reading], dtypes: dict[str, str], rules: list[_Rule],
          key: tuple[str, ...]) -> tuple[bool, bool]:
    """Makes `checked_<table>`, the values with `bad_`: whether some row is bad, and whether the keys of all rows are different."""
    name = f"checked_{staged.table.name}"
    bad = " OR ".join(f"({rule.when})" for rule in rules) or "false"
    query = f"SELECT *, {bad} AS bad_ FROM ({_values(staged, readings, dtypes)})"
    stand(con, name, query, staged.rows, staged.size)
    # Equal hashes would not prove equal keys, but as many hashes as rows prove that no two keys are equal.
    count, hashes = one(con, f"SELECT count(*) FILTER (bad_), count(DISTINCT hash({', '.join(map(ident, key))})) FROM {name}")
    return count > 0, hashes == staged.rows


def _problems(con: duckdb.DuckDBPyConnection, staged: StagedTable, rules: list[_Rule]) -> int:
    """Makes `problems_<table>` by the rules, in the order of the columns: how many rows were set aside.

    A row is set aside for the first cell that decides so; its other bad cells are listed as cells.
    """
    name = staged.table.name
    con.execute(f"CREATE OR REPLACE TEMP TABLE problems_{name} "
                f"({ROW} BIGINT, {FILE} VARCHAR, place INTEGER, \"column\" VARCHAR, \"value\" VARCHAR, reason VARCHAR, whole BOOLEAN)")
    if not rules:
        return 0
    columns = {rule.column.name for rule in rules}
    raw = [f"left(CAST({ident(c)} AS VARCHAR), {SHOWN}) AS {ident(c + '__raw')}" for c in columns]
    entries = ", ".join(
        f"CASE WHEN {rule.when} THEN {{'place': {place}, 'column': {literal(rule.column.name)}, 'value': {rule.column.name}__raw, "
        f"'reason': {literal(rule.reason)}, 'whole': {str(rule.whole).lower()}}} END" for place, rule in enumerate(rules))
    con.execute(f"""
        INSERT INTO problems_{name}
        SELECT {ROW}, {FILE}, p.place, p."column", p."value", p.reason,
               p.whole AND p.place = min(p.place) FILTER (p.whole) OVER (PARTITION BY {ROW})
        FROM (SELECT b.{ROW}, b.{FILE}, unnest([{entries}]) AS p FROM (SELECT * FROM checked_{name} WHERE bad_) b
              JOIN (SELECT {ROW}, {', '.join(raw)} FROM {staged.relation}) r ON r.{ROW} = b.{ROW})
        WHERE p IS NOT NULL""")
    aside, = one(con, f"SELECT count(*) FROM problems_{name} WHERE whole")
    return aside


def _timed(con: duckdb.DuckDBPyConnection, staged: StagedTable, brought: list[Column], dtypes: dict[str, str]) -> set[str]:
    """The columns of dates that may hold times: only for them the zone is looked up."""
    asked = {c.name: test for c in brought if (test := may_hold_times(c, dtypes[c.name]))}
    if not asked:
        return {c.name for c in brought}
    answers = one(con, f"SELECT {', '.join(asked.values())} FROM {staged.relation}")
    return {c.name for c in brought} - {name for name, answer in zip(asked, answers, strict=True) if not answer}


def _places(staged: StagedTable) -> tuple[str, ...]:
    """The columns of a staged row that say where it stands."""
    return (ROW, FILE, RECORD) if staged.recorded else (ROW, FILE)


def _values(staged: StagedTable, readings: list[Reading], dtypes: dict[str, str]) -> str:
    """SQL: the stored columns of a staged table and, per column, whether its cell is empty (`<column>__blank`)."""
    extras = [x for x, _ in staged.extras]
    kept = [f"{as_text(ident(x), dtypes[x])} AS {ident(x)}" for x in extras]
    first = [f"{e} AS {ident(n)}" for r in readings for n, e in r.steps[0]]
    query = f"SELECT {', '.join([*_places(staged), *first, *kept])} FROM {staged.relation}"
    for depth in range(1, max(len(r.steps) for r in readings)):
        more = [f"{e} AS {ident(n)}" for r in readings if len(r.steps) > depth for n, e in r.steps[depth]]
        query = f"SELECT *, {', '.join(more)} FROM ({query})"
    values = [f"{e} AS {ident(n)}" for r in readings for n, e in r.values]
    blanks = [f"{r.blank} AS {ident(r.column.name + '__blank')}" for r in readings]
    joins = " ".join(f"LEFT JOIN {DAYS} {r.days} ON {r.days}.day = {r.day}" for r in readings if r.day)
    return f"SELECT {', '.join([*_places(staged), *values, *blanks, *(ident(x) for x in extras)])} FROM ({query}) {joins}"
