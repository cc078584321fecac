"""ClickHouse through clickhouse-connect: a server in the field, or chDB, the same engine in this process."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from salesgauge.errors import EngineError
from salesgauge.semantics.dialects.clickhouse_days import FIRST_DAY, LAST_DAY, held_day, nearest_day
from salesgauge.semantics.dialects.marks import parameters_in, with_parameters
from salesgauge.store.engines.engine import Columns, Link, TableGone, Values

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES = {"string": "String", "float64": "Float64", "boolean": "Bool", "date": "Date32", "null": "String"}
_PARAMETERS = {"as_of_at": "DateTime64(6, 'UTC')", "as_of_on": "Date32", "from_on": "Date32", "until_on": "Date32",
               "viewer": "String", "spans": "Array(Int64)", "first": "Int64"}
# What makes ClickHouse answer as the others do (semantics/dialects/clickhouse.py says the rest): nulls where a join finds nothing and where
# an aggregate has no row, days in UTC, and an error for a day that its types cannot hold.
SETTINGS = {"join_use_nulls": "1", "aggregate_functions_null_for_empty": "1", "session_timezone": "UTC", "transform_null_in": "0",
            "date_time_overflow_behavior": "throw"}
_PASSING = "passing_"
_UNKNOWN_TABLE = re.compile(r"\bUNKNOWN_TABLE\b|Code: 60\b")


def column_type(kind: str) -> str:
    """The type of a column; each may be null, as everywhere else: where it may not, a window's row before the first is not null but 0."""
    if kind.startswith("timestamp"):
        return "Nullable(DateTime64(6, 'UTC'))"
    if kind.startswith(("int", "uint")):
        return "Nullable(Int64)"
    return f"Nullable({'Float64' if kind.startswith(('float', 'decimal')) else _TYPES[kind]})"


class ClickHouse:
    """A ClickHouse server (24.8 or later), `http://NAME@HOST:8123` or `https://...`; or chDB, `chdb:FOLDER`, one folder a process."""

    name = "clickhouse"
    days = (FIRST_DAY, LAST_DAY)

    def __init__(self, address: str, password: str | None, schema: str) -> None:
        self._address, self._password, self._schema = address, password, schema

    def link(self) -> Link:
        """A connection. EngineError where the server cannot be reached, or does not let a setting be what it must."""
        with _faults():
            if self._address.startswith("chdb:"):
                with _IN_PROCESS:
                    client = _CHDB.get(self._address)
                    if client is None:
                        client = _CHDB[self._address] = self._client(interface="chdb", path=self._address.removeprefix("chdb:"))
                return _Link(client, _IN_PROCESS, self._schema)
            parts = urlsplit(self._address)
            client = self._client(interface=parts.scheme, host=parts.hostname, port=parts.port or 0,
                                  username=unquote(parts.username or "default"), password=self._password or "",
                                  autogenerate_session_id=False)
            return _Link(client, threading.RLock(), self._schema, client.close)

    def _client(self, **how: Any) -> Any:
        try:
            import clickhouse_connect
        except ModuleNotFoundError:
            raise EngineError.lacks("clickhouse", "clickhouse-connect") from None
        client = clickhouse_connect.get_client(**how, settings=SETTINGS)
        names = ", ".join(f"'{name}'" for name in SETTINGS)
        rows = client.query(f"SELECT name, value FROM system.settings WHERE name IN ({names})").result_rows
        found = {row[0]: row[1] for row in rows}
        for name, wanted in SETTINGS.items():
            if found.get(name) != wanted:
                client.close()
                has = str(found.get(name))
                raise EngineError(f"ClickHouse has the setting {name} = {has} and does not let it be {wanted}, without which answers would "
                                  "differ; allow this user to change it", "engine_setting", name=name, found=has, wanted=wanted)
        return client


_IN_PROCESS = threading.RLock()  # chDB answers one at a time
_CHDB: dict[str, Any] = {}       # its clients stay open: opening one takes seconds


@contextmanager
def _faults() -> Iterator[None]:
    from clickhouse_connect.driver.exceptions import ClickHouseError
    try:
        yield
    except ClickHouseError as problem:
        if _UNKNOWN_TABLE.search(str(problem)):
            raise TableGone(str(problem)) from problem
        raise EngineError.said("ClickHouse", problem) from problem
    except ImportError as problem:
        raise EngineError.said("ClickHouse", problem) from None


class _Link:
    def __init__(self, client: Any, lock: threading.RLock, schema: str, end: Callable[[], None] | None = None) -> None:
        self._client, self._lock, self._schema, self._end = client, lock, schema, end
        self._own = f"{_PASSING}{secrets.token_hex(6)}"  # how the names of this link's passing tables begin
        self._passing: dict[str, str] = {}

    def close(self) -> None:
        for place in self._passing.values():
            self._run(f"DROP TABLE IF EXISTS {place}")
        self._passing.clear()
        if self._end:
            self._end()

    def tidy(self) -> None:
        with self._lock, _faults():
            old = self._client.query(f"SELECT name FROM system.tables WHERE database = {{name:String}} AND startsWith(name, '{_PASSING}') "
                                     "AND metadata_modification_time < now() - INTERVAL 1 DAY", parameters={"name": self._schema})
        for (table,) in old.result_rows:
            self.drop(self._schema, table)

    def _run(self, sql: str, values: Values | None = None) -> None:
        with self._lock, _faults():
            self._client.command(_bound(sql), parameters=_parameters(sql, values))

    def _names(self, sql: str, name: str) -> set[str]:
        with self._lock, _faults():
            return {row[0] for row in self._client.query(sql, parameters={"name": name}).result_rows}

    def spaces(self, prefix: str) -> set[str]:
        return self._names("SELECT name FROM system.databases WHERE startsWith(name, {name:String})", prefix)

    def make_space(self, space: str) -> None:
        self._run(f"CREATE DATABASE IF NOT EXISTS `{space}`")

    def drop_space(self, space: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS `{space}`")

    def tables(self, space: str) -> set[str]:
        return self._names("SELECT name FROM system.tables WHERE database = {name:String}", space)

    def place(self, space: str, table: str) -> str:
        return f"`{space}`.`{table}`"

    def put(self, space: str, table: str, columns: Columns, rows: pa.RecordBatchReader) -> None:
        self._made(space, table, columns, lambda place: self._insert(place, rows, _held))

    def make(self, space: str, table: str, columns: Columns, sql: str, values: Values) -> None:
        self._made(space, table, columns, lambda place: self._run(f"INSERT INTO {place} {sql}", values))

    def put_passing(self, table: str, columns: Columns, rows: pa.RecordBatchReader) -> str:
        place = self._created_passing(table, columns)
        self._insert(place, rows, lambda column, value: nearest_day(value))
        return place

    def make_passing(self, table: str, columns: Columns, sql: str, values: Values) -> str:
        place = self._created_passing(table, columns)
        self._run(f"INSERT INTO {place} {sql}", values)
        return place

    def view(self, space: str, table: str, sql: str) -> None:
        self._run(f"CREATE OR REPLACE VIEW {self.place(space, table)} AS {sql}")

    def drop(self, space: str, table: str) -> None:
        self._run(f"DROP TABLE IF EXISTS {self.place(space, table)}")

    def rows(self, sql: str, columns: Columns, values: Values) -> pa.Table:
        from salesgauge.store.engines.arrow import settled
        with self._lock, _faults():
            found = self._client.query_arrow(_bound(sql), parameters=_parameters(sql, values), use_strings=True)
        return settled(found, columns)

    def _made(self, space: str, table: str, columns: Columns, fill: Callable[[str], None]) -> None:
        """Makes and fills a table under another name, which it then gets: nobody sees it before it is whole; another's stays."""
        partial = self.place(space, f"partial_{secrets.token_hex(6)}")
        self._create(partial, columns, "MergeTree ORDER BY tuple()")
        try:
            fill(partial)
            try:
                self._run(f"RENAME TABLE {partial} TO {self.place(space, table)}")
            except EngineError:
                if table not in self.tables(space):
                    raise
        finally:
            self._run(f"DROP TABLE IF EXISTS {partial}")

    def _create(self, place: str, columns: Columns, kind: str, how: str = "CREATE TABLE") -> None:
        listed = ", ".join(f"{_quoted(name)} {column_type(of)}" for name, of in columns.items())
        self._run(f"{how} {place} ({listed}) ENGINE = {kind}")

    def _created_passing(self, table: str, columns: Columns) -> str:
        """A table in memory. It does not belong to a session of the server, so that it is there whichever of its connections is used."""
        place = self._passing.setdefault(table, self.place(self._schema, f"{self._own}_{table}"))
        self._create(place, columns, "Memory", "CREATE OR REPLACE TABLE")
        return place

    def _insert(self, place: str, rows: pa.RecordBatchReader, held: Callable[[str, date], date]) -> None:
        import pyarrow as pa
        for batch in rows:
            if batch.num_rows:
                with self._lock, _faults():
                    self._client.insert_arrow(place, _holdable(pa.Table.from_batches([batch]), held))


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _bound(sql: str) -> str:
    """SQL with its parameters as the server takes them, which keeps every value out of the text."""
    return with_parameters(sql, lambda name: f"{{{name}:{_PARAMETERS.get(name, 'Array(String)')}}}")


def _parameters(sql: str, values: Values | None) -> dict[str, Any] | None:
    named = parameters_in(sql)
    found = {name: value for name, value in (values or {}).items() if name in named}
    for name, value in found.items():
        if isinstance(value, datetime):
            found[name] = f"{nearest_day(value)}"
        elif isinstance(value, date):
            found[name] = nearest_day(value).isoformat()
    return found or None


def _holdable(table: pa.Table, held: Callable[[str, date], date]) -> pa.Table:
    """Rows with days that ClickHouse can hold; `held` gives what stands for one that it cannot, by column and value."""
    import pyarrow as pa
    import pyarrow.compute as pc
    for place, column in enumerate(table.schema):
        if not (pa.types.is_date(column.type) or pa.types.is_timestamp(column.type)):
            continue
        values = table.column(place)
        least, most = (found.as_py() for found in pc.min_max(values).values())
        if least is None or (_day(least) >= FIRST_DAY and _day(most) <= LAST_DAY):
            continue
        made = [None if value is None else held(column.name, value) for value in values.to_pylist()]
        table = table.set_column(place, column, pa.array(made, type=column.type))
    return table


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _held(column: str, value: date) -> date:
    found = held_day(value)
    if found is None:
        raise EngineError(f"ClickHouse can hold days from {FIRST_DAY} to {LAST_DAY}, and {column} has {value}; "
                          "leave that row out, or use another engine", "engine_day", first=str(FIRST_DAY), last=str(LAST_DAY),
                          column=column, value=str(value))
    return found
