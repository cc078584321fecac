"""The files: one per canonical table, as CSV or Parquet, written in streams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from salesgauge.demo.columns import instants_as_text
from salesgauge.schema import TABLES, Kind

Form = Literal["csv", "parquet"]
ROW_GROUP = 250_000  # rows held back per table before a Parquet row group is written

EXTRAS: dict[str, tuple[str, ...]] = {  # columns beyond the canonical ones, as a company's own export has them
    "leads": ("utm_source",), "opportunities": ("tier",), "orders": ("payment_terms",), "contracts": ("plan",),
}
_SHORT_LISTS = ("rep_id", "product_id", "location_id", "campaign_id", "manager_id", "promotion_id")
_TYPES = {
    Kind.TEXT: pa.string(), Kind.CHOICE: pa.string(), Kind.INSTANT: pa.timestamp("us", "UTC"), Kind.DATE: pa.date32(),
    Kind.NUMBER: pa.float64(), Kind.BOOLEAN: pa.bool_(),
}


def layout(table: str) -> pa.Schema:
    """The columns of a table's file: the canonical ones, then the extra ones."""
    canonical = [(c.name, _TYPES[c.kind]) for c in TABLES[table].columns]
    return pa.schema(canonical + [(name, pa.string()) for name in EXTRAS.get(table, ())])


class Book:
    """Rows made in one go, by table. A column that is not given is empty."""

    def __init__(self) -> None:
        self.tables: dict[str, list[pa.Table]] = {}

    def add(self, table: str, columns: Mapping[str, pa.Array]) -> None:
        """Adds rows; the columns are named as in the model and of one length."""
        fields = layout(table)
        unknown = set(columns) - set(fields.names)
        assert not unknown, f"{table} has no {unknown}"
        count = len(next(iter(columns.values())))
        arrays = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(count, f.type) for f in fields]
        self.tables.setdefault(table, []).append(pa.Table.from_arrays(arrays, schema=fields))

    def add_rows(self, table: str, rows: list[dict[str, object]]) -> None:
        """Adds rows given one by one, for the short tables."""
        fields = layout(table)
        assert all(set(row) <= set(fields.names) for row in rows), table
        self.tables.setdefault(table, []).append(pa.Table.from_pylist(rows, schema=fields))


class Files:
    """Writes books into a folder, in the order in which they come; memory is bounded by one row group per table."""

    def __init__(self, folder: Path, form: Form) -> None:
        self._folder, self._form = folder, form
        self._writers: dict[str, pa.csv.CSVWriter | pq.ParquetWriter] = {}
        self._streams: list[BinaryIO] = []
        self._held: dict[str, list[pa.Table]] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            for table in self._held:
                self._write(table)
        for writer in self._writers.values():
            writer.close()
        for stream in self._streams:
            stream.close()

    def write(self, book: Book) -> None:
        """Appends the book's rows to the files of their tables."""
        for table, parts in book.tables.items():
            held = self._held.setdefault(table, [])
            held.extend(parts)
            if self._form == "csv" or sum(part.num_rows for part in held) >= ROW_GROUP:
                self._write(table)

    def _write(self, table: str) -> None:
        rows = pa.concat_tables(self._held[table]) if self._held[table] else None
        self._held[table] = []
        if rows is None:
            return
        self.rows[table] = self.rows.get(table, 0) + rows.num_rows
        if self._form == "csv":
            rows = _instants_written(rows)
        if table not in self._writers:
            self._writers[table] = self._open(table, rows.schema)
        self._writers[table].write_table(rows)

    def _open(self, table: str, fields: pa.Schema) -> pa.csv.CSVWriter | pq.ParquetWriter:
        path = self._folder / f"{table}.{self._form}"
        if self._form == "csv":
            stream = path.open("wb")
            stream.write((",".join(fields.names) + "\n").encode())
            self._streams.append(stream)
            return pa.csv.CSVWriter(stream, fields, write_options=pa.csv.WriteOptions(include_header=False, batch_size=16_384))
        # a dictionary of ids that hardly repeat costs time and space
        repeating = [f.name for f in fields if not f.name.endswith("_id") or f.name in _SHORT_LISTS]
        return pq.ParquetWriter(path, fields, compression="zstd", store_schema=False, use_dictionary=repeating)


def _instants_written(rows: pa.Table) -> pa.Table:
    for place, column in enumerate(rows.schema):
        if pa.types.is_timestamp(column.type):
            rows = rows.set_column(place, column.name, instants_as_text(rows.column(place)))
    return rows
