"""Spark: a cluster (a standalone master, or any master that Spark knows), or in this process's own JVM.

Canonical rows, and the facts that are kept, are Parquet under one address that the driver and every worker see (warehouse.py: long tables
by months, so that what is asked as of an instant leaves the months after it unread). A generation's views and the tables of a moment are
views of the session; the facts of a moment are kept in the cluster's memory, or on its disks where that is too small. Results come back as
Arrow. There is one JVM in a process, and so one master.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from salesgauge.errors import EngineError
from salesgauge.semantics.dialects.marks import parameters_in, with_parameters
from salesgauge.store.engines.engine import Columns, Link, TableGone, Values
from salesgauge.store.engines.spark_session import session
from salesgauge.store.engines.warehouse import Warehouse

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

_TYPES = {"string": "string", "float64": "double", "boolean": "boolean", "date": "date", "null": "string"}
_GONE = re.compile(r"FILE_NOT_EXIST|PATH_NOT_FOUND|FileNotFoundException|TABLE_OR_VIEW_NOT_FOUND")
_OF = "@"  # between the names of a space and a table, in that of the view that stands for it
_PLACE = re.compile(rf"`([^`{_OF}]+){_OF}([^`]+)`")
_FORM, _OWN_SETTINGS = "spark://HOST:7077?warehouse=ADDRESS", "spark-defaults.conf"


def column_type(kind: str) -> str:
    """The type of a column."""
    if kind.startswith("timestamp"):
        return "timestamp_ntz"
    if kind.startswith(("int", "uint")):
        return "bigint"
    return "double" if kind.startswith(("float", "decimal")) else _TYPES[kind]


class Spark:
    """A Spark cluster, `spark://HOST:7077?warehouse=ADDRESS`, or `local[4]?warehouse=FOLDER`."""

    name = "spark"
    days = date(1, 1, 1), date(9999, 12, 31)

    def __init__(self, address: str, password: str | None = None, _schema: str = "") -> None:
        self._master, _mark, rest = address.partition("?")
        given = parse_qs(rest)
        if not self._master or set(given) != {"warehouse"}:
            raise EngineError(f"cannot read Spark's address {address!r}: it is {_FORM}, the address of the master and, after the question "
                              "mark, that of a folder which every worker sees", "engine_address", address=address, form=_FORM)
        if password is not None:
            raise EngineError(f"Spark takes no password from [engine]: what a cluster asks for stands in Spark's own {_OWN_SETTINGS}",
                              "engine_password", file=_OWN_SETTINGS)
        self._address, self._lock = given["warehouse"][0], threading.RLock()
        self._known: set[str] = set()  # the views of the session that stand for tables that last

    def link(self) -> Link:
        """A connection. EngineError where the cluster or its warehouse cannot be reached."""
        return _Link(session(self._master), Warehouse(self._address), self._known, self._lock)


@contextmanager
def _faults(forget: set[str] | None = None) -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    try:
        yield
    except (PySparkException, Py4JError) as problem:
        said = str(problem)
        if _GONE.search(said):
            if forget is not None:
                forget.clear()
            raise TableGone(said) from problem
        raise EngineError.said("Spark", said.strip().splitlines()[0] if said.strip() else type(problem).__name__) from problem


class _Link:
    def __init__(self, spark: SparkSession, warehouse: Warehouse, known: set[str], lock: threading.RLock) -> None:
        self._spark, self._warehouse, self._known, self._lock = spark, warehouse, known, lock
        self._own = f"passing_{secrets.token_hex(6)}"  # how the names of this link's passing tables begin
        self._passing: dict[str, DataFrame] = {}

    def tidy(self) -> None:
        """What passes is gone with its process; what it was writing is not."""
        self._warehouse.tidy(datetime.now(UTC) - timedelta(days=1))

    def close(self) -> None:
        for table in list(self._passing):
            self._pass_away(table)

    def spaces(self, prefix: str) -> set[str]:
        return self._warehouse.spaces(prefix)

    def make_space(self, space: str) -> None:
        self._warehouse.make_space(space)

    def drop_space(self, space: str) -> None:
        self._warehouse.drop_space(space)

    def tables(self, space: str) -> set[str]:
        return self._warehouse.tables(space)

    def place(self, space: str, table: str) -> str:
        """The view of the session that stands for a table or view of the warehouse."""
        name = f"`{space}{_OF}{table}`"
        with self._lock, _faults():
            if name not in self._known:
                text = self._warehouse.view(space, table)
                (self._files(space, table) if text is None else self._viewed(text)).createOrReplaceTempView(name)
                self._known.add(name)
        return name

    def _files(self, space: str, table: str) -> DataFrame:
        columns = self._warehouse.columns(space, table)
        found = self._spark.read.schema(_struct(columns)).parquet(self._warehouse.uri(space, table))
        return found.select(*map(_quoted, columns))  # without the folders' month

    def _viewed(self, text: str) -> DataFrame:
        """The rows of a view's text, once what it names is there: another process may have written it."""
        for space, table in _PLACE.findall(text):
            self.place(space, table)
        return self._spark.sql(text)

    def put(self, space: str, table: str, columns: Columns, rows: pa.RecordBatchReader) -> None:
        self._warehouse.write(space, table, columns, rows)

    def view(self, space: str, table: str, sql: str) -> None:
        self._warehouse.write_view(space, table, sql)
        self._forget(space, table)

    def make(self, space: str, table: str, columns: Columns, sql: str, values: Values) -> None:
        with _faults(self._known), self._warehouse.filled(space, table) as place:
            self._shaped(sql, columns, values).write.parquet(place)

    def drop(self, space: str, table: str) -> None:
        self._warehouse.drop(space, table)
        self._forget(space, table)

    def _forget(self, space: str, table: str) -> None:
        with self._lock:
            self._known.discard(f"`{space}{_OF}{table}`")

    def put_passing(self, table: str, columns: Columns, rows: pa.RecordBatchReader) -> str:
        with _faults():
            return self._pass(table, self._spark.createDataFrame(rows.read_all(), schema=_struct(columns)))

    def make_passing(self, table: str, columns: Columns, sql: str, values: Values) -> str:
        with _faults(self._known):
            return self._pass(table, self._shaped(sql, columns, values).persist())

    def _pass(self, table: str, found: DataFrame) -> str:
        self._pass_away(table)
        self._passing[table] = found
        found.createOrReplaceTempView(f"{self._own}_{table}")
        return f"`{self._own}_{table}`"

    def _pass_away(self, table: str) -> None:
        former = self._passing.pop(table, None)
        if former is not None:
            with _faults():
                self._spark.catalog.dropTempView(f"{self._own}_{table}")
                former.unpersist()

    def rows(self, sql: str, columns: Columns, values: Values) -> pa.Table:
        from salesgauge.store.engines.arrow import settled
        with _faults(self._known):
            return settled(self._run(sql, values).toArrow(), columns)

    def _run(self, sql: str, values: Values) -> DataFrame:
        text, bound = _bound(sql, values)
        return self._spark.sql(text, args=bound) if bound else self._spark.sql(text)

    def _shaped(self, sql: str, columns: Columns, values: Values) -> DataFrame:
        """The rows of a query with the names and types that are asked for, by place."""
        found = self._run(sql, values).toDF(*columns)
        return found.selectExpr(*(f"CAST({_quoted(name)} AS {column_type(kind)}) AS {_quoted(name)}" for name, kind in columns.items()))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _struct(columns: Columns) -> StructType:
    from pyspark.sql import types
    kinds = {"string": types.StringType, "double": types.DoubleType, "boolean": types.BooleanType, "date": types.DateType,
             "bigint": types.LongType, "timestamp_ntz": types.TimestampNTZType}
    return types.StructType([types.StructField(name, kinds[column_type(kind)]()) for name, kind in columns.items()])


def _bound(sql: str, values: Values) -> tuple[str, dict[str, Any]]:
    """SQL and its parameters. Texts are bound, so that none is read as SQL; instants, days and numbers stand in the text, since a view
    that is made of it has no parameters."""
    texts: dict[str, str] = {}
    bound: dict[str, Any] = {}
    for name in parameters_in(sql):
        value = values[name]
        several = value if isinstance(value, list) else [value]
        written = []
        for place, one in enumerate(several):
            if isinstance(one, datetime):
                written.append(f"TIMESTAMP_NTZ '{one.isoformat(sep=' ', timespec='microseconds')}'")
            elif isinstance(one, date):
                written.append(f"DATE '{one.isoformat()}'")
            elif isinstance(one, int):
                written.append(str(one))
            else:
                bound[f"{name}_{place}"] = one
                written.append(f":{name}_{place}")
        texts[name] = ", ".join(written) or "NULL"
    return with_parameters(sql, texts.__getitem__), bound
