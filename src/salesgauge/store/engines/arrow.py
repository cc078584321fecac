"""The types of columns in Arrow, in which rows go to an engine and come back."""

from __future__ import annotations

import pyarrow as pa

from salesgauge.store.engines.engine import Columns

_TYPES = {"string": pa.string(), "float64": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(), "null": pa.null()}


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a column: whole numbers of any width are 64 bits wide, instants are microseconds without zone."""
    if kind.startswith("timestamp"):
        return pa.timestamp("us")
    if kind.startswith(("int", "uint")):
        return pa.int64()
    return pa.float64() if kind.startswith(("float", "decimal")) else _TYPES[kind]


def arrow_schema(columns: Columns) -> pa.Schema:
    """The schema of a table."""
    return pa.schema([(name, arrow_type(kind)) for name, kind in columns.items()])


def settled(table: pa.Table, columns: Columns) -> pa.Table:
    """What an engine gave, with the names and types that were asked for; by place, since engines write names in their own way."""
    return table.rename_columns(list(columns)).cast(arrow_schema(columns))
