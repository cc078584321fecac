"""Tables as folders of Parquet files, which Spark's driver and workers read from one place.

    <warehouse>/<space>/<table>/*.parquet                        a table
    <warehouse>/<space>/<table>/month_=2025-01/*.parquet         a long one, by the month in which its rows came
    <warehouse>/<space>/<table>.sql                              a view: its text

A folder is filled under another name and then moved to its place: who finds a table finds it whole.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from salesgauge.errors import EngineError
from salesgauge.store.engines.engine import Columns, TableGone

if TYPE_CHECKING:
    import pyarrow as pa

MONTH = "month_"  # the column that the folders of months give a table; no column of the model is called so
# By which instant the rows of a table come, of those that grow without end. Files of one month are left out as a whole where what is
# read became known before some instant; a busy day is part of a file and a giant account lies in all of them, so that no file is its own.
BY_MONTH = {"activities": "occurred_at", "stage_changes": "changed_at", "leads": "created_at", "opportunities": "created_at",
            "orders": "ordered_at"}
LONG = 1_000_000  # rows; a shorter table is one file
_PARTIAL, _VIEW = "partial-", ".sql"


class Warehouse:
    """The tables under an address: a folder, or what Arrow can open (hdfs://...), which every worker sees under the same name."""

    def __init__(self, address: str, long: int = LONG) -> None:
        from pyarrow import fs
        self.address, self._long = address.rstrip("/"), long
        with _faults(address):
            found = fs.FileSystem.from_uri(address) if "://" in address else (fs.LocalFileSystem(), self.address)
        self._files, self._root = found[0], str(found[1])

    def uri(self, space: str, table: str) -> str:
        """Where Spark finds a table."""
        return f"{self.address}/{space}/{table}"

    def spaces(self, prefix: str) -> set[str]:
        """The names of the spaces that begin with a prefix."""
        return {name for name, folder in self._in("") if folder and name.startswith(prefix)}

    def make_space(self, space: str) -> None:
        """Makes a space, unless it is there."""
        with _faults(self.address):
            self._files.create_dir(self._path(space), recursive=True)

    def drop_space(self, space: str) -> None:
        """Removes a space with all that is in it."""
        self._remove(self._path(space))

    def tables(self, space: str) -> set[str]:
        """The names of the tables and views of a space; of none where it is absent."""
        return {name.removesuffix(_VIEW) for name, _folder in self._in(space) if not name.startswith(_PARTIAL)}

    def drop(self, space: str, table: str) -> None:
        """Removes a table or view, where it is there."""
        self._remove(self._path(space, table))
        self._remove(self._path(space, table + _VIEW))

    def tidy(self, before: datetime) -> None:
        """Removes what was being filled before an instant and never came to its place."""
        from pyarrow import fs
        with _faults(self.address):
            found = self._files.get_file_info([self._path(space, name) for space in self.spaces("") for name, _folder in self._in(space)
                                               if name.startswith(_PARTIAL)])
            for info in found:
                if info.type != fs.FileType.NotFound and info.mtime < before:
                    self._remove(info.path)

    def write_view(self, space: str, table: str, sql: str) -> None:
        """Writes a view's text, in place of another."""
        with self._moved(space, table + _VIEW, replacing=True) as partial, self._files.open_output_stream(partial) as file:
            file.write(sql.encode())

    def view(self, space: str, table: str) -> str | None:
        """A view's text; None where that is no view."""
        from pyarrow import fs
        path = self._path(space, table + _VIEW)
        with _faults(self.address):
            if self._files.get_file_info(path).type != fs.FileType.File:
                return None
            with self._files.open_input_stream(path) as file:
                return bytes(file.read()).decode()

    def columns(self, space: str, table: str) -> Columns:
        """The columns of a table, without the month of its folders; TableGone where it is not there."""
        from pyarrow import dataset
        with _faults(self.address):
            try:
                schema = dataset.dataset(self._path(space, table), filesystem=self._files, format="parquet").schema
            except FileNotFoundError as problem:
                raise TableGone(str(problem)) from problem
        return {field.name: _kind(field.type) for field in schema}

    def write(self, space: str, table: str, columns: Columns, rows: pa.RecordBatchReader) -> None:
        """Writes a table of rows that are sent: a short one as one file in the order of time, a long one by months."""
        import pyarrow as pa
        from pyarrow import parquet
        since = next((column for name, column in BY_MONTH.items() if f"_{name}_" in f"_{table}_" and column in columns), None)
        with self._moved(space, table) as partial:
            held, count = [], 0
            for batch in rows:
                held.append(batch)
                count += batch.num_rows
                if count > self._long:
                    break
            if since and count > self._long:
                self._write_by_month(partial, rows.schema, since, itertools.chain(held, rows))
                return
            self._files.create_dir(partial)
            first = pa.Table.from_batches(held, schema=rows.schema)
            with parquet.ParquetWriter(f"{partial}/part-0.parquet", rows.schema, filesystem=self._files, compression="zstd") as writer:
                writer.write_table(first.sort_by(since) if since else first)
                for batch in rows:
                    writer.write_batch(batch)

    def _write_by_month(self, folder: str, schema: pa.Schema, since: str, rows: Iterator[pa.RecordBatch]) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc
        from pyarrow import dataset
        wide = schema.append(pa.field(MONTH, pa.string()))

        def months() -> Iterator[pa.RecordBatch]:
            for batch in rows:
                month = pc.strftime(batch.column(since), format="%Y-%m")
                yield pa.RecordBatch.from_arrays([*batch.columns, month], schema=wide)
        dataset.write_dataset(
            pa.RecordBatchReader.from_batches(wide, months()), folder, filesystem=self._files, format="parquet", max_partitions=1 << 14,
            partitioning=dataset.partitioning(pa.schema([wide.field(MONTH)]), flavor="hive"), max_rows_per_file=8 * LONG,
            min_rows_per_group=1 << 16, max_rows_per_group=1 << 20)

    @contextmanager
    def filled(self, space: str, table: str) -> Iterator[str]:
        """Where the files of a table are to be written, which then become it; where it is there meanwhile, that stays."""
        with self._moved(space, table) as partial:
            yield f"{self.address}/{space}/{partial.rpartition('/')[2]}"

    @contextmanager
    def _moved(self, space: str, name: str, *, replacing: bool = False) -> Iterator[str]:
        from pyarrow import fs
        partial, place = self._path(space, _PARTIAL + secrets.token_hex(6)), self._path(space, name)
        try:
            with _faults(self.address):
                self._files.create_dir(self._path(space), recursive=True)
                yield partial
                if replacing or self._files.get_file_info(place).type == fs.FileType.NotFound:
                    try:
                        self._files.move(partial, place)
                    except OSError:
                        if self._files.get_file_info(place).type == fs.FileType.NotFound:
                            raise
        finally:
            self._remove(partial)

    def _path(self, *parts: str) -> str:
        return "/".join([self._root.rstrip("/"), *(part for part in parts if part)])

    def _in(self, space: str) -> list[tuple[str, bool]]:
        """What lies directly in a space: the name, and whether it is a folder."""
        from pyarrow import fs
        with _faults(self.address):
            found = self._files.get_file_info(fs.FileSelector(self._path(space), allow_not_found=True))
        return [(info.base_name, info.type == fs.FileType.Directory) for info in found]

    def _remove(self, path: str) -> None:
        from pyarrow import fs
        with _faults(self.address):
            kind = self._files.get_file_info(path).type
            if kind == fs.FileType.Directory:
                self._files.delete_dir(path)
            elif kind == fs.FileType.File:
                self._files.delete_file(path)


@contextmanager
def _faults(address: str) -> Iterator[Any]:
    import pyarrow as pa
    try:
        yield
    except (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
        said = str(problem).splitlines()[0]
        raise EngineError(f"Spark's warehouse {address} cannot be used: {said}", "engine_warehouse", address=address,
                          said=said) from problem


def _kind(of: pa.DataType) -> str:
    """The type of a column as the expression library writes it."""
    import pyarrow as pa
    return "string" if pa.types.is_string(of) else "timestamp(6)" if pa.types.is_timestamp(of) else {
        "double": "float64", "bool": "boolean", "date32[day]": "date", "int64": "int64"}[str(of)]
