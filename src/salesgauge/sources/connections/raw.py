"""The raw file of a connection as a mapping's source: one table of text per stream, without the records that were deleted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from salesgauge.errors import MappingError, did_you_mean
from salesgauge.sources.connections.extracting import CENSUS, DATASET, RAW
from salesgauge.sources.connections.stream import Stream
from salesgauge.sources.csv_file import TextFile
from salesgauge.sources.mapping.inputs import Input
from salesgauge.staging import ident, literal

ALIAS = "raw_records"


class RawInputs:
    """What a mapping reads of a connection: its streams, and the shapes that the connector makes of them (SQL by name, over the streams'
    names)."""

    def __init__(self, folder: Path, streams: Sequence[Stream], shapes: dict[str, str], con: duckdb.DuckDBPyConnection,
                 scratch: Path) -> None:
        self._con, self._scratch, self._read = con, scratch, dict[str, Input]()
        self._lacking = tuple(stream.name for stream in streams if not stream.there)
        con.execute(f"ATTACH {literal(str(folder / RAW))} AS {ALIAS} (READ_ONLY)")
        self._queries = {stream.name: self._records(stream) for stream in streams}
        for name, query in self._queries.items():
            con.execute(f"CREATE OR REPLACE TEMP VIEW {ident(name)} AS {query}")
        self._queries = {name: f"FROM {ident(name)}" for name in self._queries} | shapes

    def __getitem__(self, name: str) -> Input:
        if name not in self._queries:
            raise MappingError(f"there is no stream {name!r}{did_you_mean(name, self._queries)}; there are: {', '.join(self._queries)}")
        if name not in self._read:
            self._read[name] = self._written(name)
        return self._read[name]

    def unused(self) -> tuple[tuple[str, str], ...]:
        """The streams that the system lacks. A stream that no section maps may be read by a shape."""
        return tuple((name, "this system does not have them") for name in self._lacking)

    def _records(self, stream: Stream) -> str:
        """SQL: the records that are there, under the stream's own names of columns."""
        if not stream.there:
            return f"SELECT {', '.join(f'NULL::VARCHAR AS {ident(name)}' for name in stream.columns)} LIMIT 0"
        columns = ", ".join(f"r.{ident(stored(name))} AS {ident(name)}" for name in stream.columns)
        alive = [f"r.{ident(stored(stream.deleted))} IS DISTINCT FROM 'true'"] if stream.deleted else []
        if stream.census is not None:
            same = " AND ".join(f"k.{ident(stored(name))} = r.{ident(stored(name))}" for name in stream.key)
            alive.append(f"EXISTS (SELECT 1 FROM {ALIAS}.{DATASET}.{ident(stored(stream.name + CENSUS))} k WHERE {same})")
        return (f"SELECT {columns} FROM {ALIAS}.{DATASET}.{ident(stored(stream.name))} r"
                + (f" WHERE {' AND '.join(alive)}" if alive else ""))

    def _written(self, name: str) -> Input:
        headers = tuple(column[0] for column in self._con.execute(f"SELECT * FROM ({self._queries[name]}) LIMIT 0").description)
        target = self._scratch / f"raw_{len(self._read)}.parquet"
        cells = ", ".join(f"CAST({ident(header)} AS VARCHAR) AS c{place}" for place, header in enumerate(headers))
        row = self._con.execute(f"COPY (SELECT {cells} FROM ({self._queries[name]})) TO {literal(str(target))} "
                                "(FORMAT parquet, COMPRESSION snappy)").fetchone()
        assert row is not None
        text = TextFile(headers, target, int(row[0]), (), lambda rows: list(rows))
        return Input(name, text, {header: place for place, header in enumerate(headers)})


def stored(name: str) -> str:
    """The name under which dlt stores a table or column."""
    from dlt.common.normalizers.naming.snake_case import NamingConvention
    return str(NamingConvention().normalize_identifier(name))
