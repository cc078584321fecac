"""PostgreSQL through psycopg: rows go there by COPY, facts are tables, the tables of a moment are temporary ones."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from salesgauge.errors import EngineError
from salesgauge.semantics.dialects.marks import with_parameters
from salesgauge.store.engines.engine import Columns, Link, TableGone, Values

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

# Ids are compared by their bytes whatever the database's own order of texts is; a column says so for all that is made of it.
_TYPES = {"string": 'text COLLATE "C"', "float64": "double precision", "boolean": "boolean", "date": "date", "null": 'text COLLATE "C"'}
# What the server may have set otherwise and an answer could depend on, or small questions would wait for.
_SETTINGS = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c standard_conforming_strings=on -c jit=off"


def column_type(kind: str) -> str:
    """The type of a column."""
    if kind.startswith("timestamp"):
        return "timestamp(6)"
    if kind.startswith(("int", "uint")):
        return "bigint"
    return "double precision" if kind.startswith(("float", "decimal")) else _TYPES[kind]


class PostgreSQL:
    """A PostgreSQL server (14 or later). `address`: postgresql://NAME@HOST/DATABASE."""

    name = "postgresql"
    days = (date.min, date.max)

    def __init__(self, address: str, password: str | None, _schema: str) -> None:
        self._address, self._password = address, password

    def link(self) -> Link:
        """A connection. EngineError where the server cannot be reached."""
        try:
            import psycopg
        except ModuleNotFoundError:
            raise EngineError.lacks("postgresql", "psycopg") from None
        more: dict[str, Any] = {"password": self._password} if self._password is not None else {}
        with _faults():
            con = psycopg.connect(self._address, autocommit=True, cursor_factory=psycopg.ClientCursor, client_encoding="utf8",
                                  application_name="salesgauge", options=_SETTINGS, **more)
        return _Link(con)


@contextmanager
def _faults() -> Iterator[None]:
    import psycopg
    try:
        yield
    except psycopg.errors.UndefinedTable as problem:
        raise TableGone(str(problem)) from problem
    except psycopg.Error as problem:
        raise EngineError.said("PostgreSQL", problem) from problem


class _Link:
    def __init__(self, con: psycopg.Connection[Any]) -> None:
        self._con = con

    def close(self) -> None:
        self._con.close()

    def tidy(self) -> None:
        """Temporary tables go with their connection."""

    def _run(self, sql: str, values: Values | None = None) -> psycopg.Cursor[Any]:
        """Runs SQL with marked parameters. They are written by the driver into the text: where a table is made the server takes none."""
        if not values:
            return self._con.execute(sql.encode())
        return self._con.execute(with_parameters(sql.replace("%", "%%"), lambda name: f"%({name})s").encode(), values)

    def _names(self, sql: str, name: str) -> set[str]:
        with _faults():
            return {row[0] for row in self._con.execute(sql, (name,)).fetchall()}

    def spaces(self, prefix: str) -> set[str]:
        return self._names("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", prefix)

    def make_space(self, space: str) -> None:
        with _faults():
            self._run(f'CREATE SCHEMA IF NOT EXISTS "{space}"')

    def drop_space(self, space: str) -> None:
        with _faults():
            self._run(f'DROP SCHEMA IF EXISTS "{space}" CASCADE')

    def tables(self, space: str) -> set[str]:
        return self._names("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                           "WHERE n.nspname = %s AND c.relkind IN ('r', 'v')", space)

    def place(self, space: str, table: str) -> str:
        return f'"{space}"."{table}"'

    def put(self, space: str, table: str, columns: Columns, rows: pa.RecordBatchReader) -> None:
        with self._making(space, table) as place:
            self._create("TABLE", place, columns)
            self._copy(place, rows)

    def make(self, space: str, table: str, columns: Columns, sql: str, values: Values) -> None:
        with self._making(space, table) as place:
            self._create("TABLE", place, columns)
            self._run(f"INSERT INTO {place} {sql}", values)

    def put_passing(self, table: str, columns: Columns, rows: pa.RecordBatchReader) -> str:
        with _faults():
            place = self._passing(table, columns)
            self._copy(place, rows)
            self._run(f"ANALYZE {place}")
        return place

    def make_passing(self, table: str, columns: Columns, sql: str, values: Values) -> str:
        with _faults():
            place = self._passing(table, columns)
            self._run(f"INSERT INTO {place} {sql}", values)
            self._run(f"ANALYZE {place}")
        return place

    def view(self, space: str, table: str, sql: str) -> None:
        with _faults():
            self._run(f"CREATE OR REPLACE VIEW {self.place(space, table)} AS {sql}")

    def drop(self, space: str, table: str) -> None:
        with _faults():
            self._run(f"DROP TABLE IF EXISTS {self.place(space, table)}")

    def rows(self, sql: str, columns: Columns, values: Values) -> pa.Table:
        with _faults():
            found = self._run(sql, values).fetchall()
        return _table(found, columns)

    @contextmanager
    def _making(self, space: str, table: str) -> Iterator[str]:
        """The place of a table that is made in one transaction, with what the planner must know of it; another's stays."""
        import psycopg
        place = self.place(space, table)
        with _faults():
            try:
                with self._con.transaction():
                    yield place
                    self._run(f"ANALYZE {place}")
            except (psycopg.errors.DuplicateTable, psycopg.errors.UniqueViolation):  # the second of two that began at once
                if table not in self.tables(space):
                    raise

    def _create(self, what: str, place: str, columns: Columns) -> None:
        listed = ", ".join(f"{_quoted(name)} {column_type(kind)}" for name, kind in columns.items())
        self._run(f"CREATE {what} {place} ({listed})")

    def _passing(self, table: str, columns: Columns) -> str:
        place = f'pg_temp."{table}"'
        self._run(f"DROP TABLE IF EXISTS {place}")
        self._create("TEMPORARY TABLE", f'"{table}"', columns)
        return place

    def _copy(self, place: str, rows: pa.RecordBatchReader) -> None:
        """Sends rows as CSV, which Arrow writes fast: a null is nothing, an empty text is in quotes."""
        from pyarrow import csv
        options = csv.WriteOptions(include_header=False)
        with self._con.cursor() as cursor, cursor.copy(f"COPY {place} FROM STDIN (FORMAT csv)") as copy:
            for batch in rows:
                if batch.num_rows:
                    written = io.BytesIO()
                    csv.write_csv(batch, written, options)
                    copy.write(written.getvalue())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(found: list[tuple[Any, ...]], columns: Columns) -> pa.Table:
    """Rows as Arrow. PostgreSQL adds whole numbers up to decimals: they come back as what they are."""
    import pyarrow as pa

    from salesgauge.store.engines.arrow import arrow_schema
    schema = arrow_schema(columns)
    arrays = []
    for place, column in enumerate(schema):
        values = [row[place] for row in found]
        if pa.types.is_integer(column.type):
            values = [None if value is None else int(value) for value in values]
        elif pa.types.is_floating(column.type):
            values = [None if value is None else float(value) for value in values]
        arrays.append(pa.array(values, type=column.type))
    return pa.Table.from_arrays(arrays, schema=schema)


