"""Records as they are kept: pages of text, column by column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from salesgauge.errors import SourceError
from salesgauge.sources.connections.stream import Record

if TYPE_CHECKING:
    import pyarrow as pa

TOGETHER = 5_000
_PLAIN = frozenset({str, type(None)})


def written(stream: str, columns: Sequence[str], key: Sequence[str], page: Sequence[Record]) -> pa.Table:
    """The columns of a page of a stream's records, as a mapping reads them: numbers as they are written, instants and dates in ISO 8601,
    what has parts as JSON. SourceError where a record lacks what identifies it, or holds bytes."""
    import pyarrow as pa
    made = []
    for name in columns:
        values = [record.get(name) for record in page]
        kinds = set(map(type, values))
        if not kinds <= _PLAIN:
            values = [_text(stream, name, value) for value in values]
        if name in key and None in values:
            raise SourceError(f"{stream}: a record has no {name}, which identifies it")
        made.append(pa.array(values, pa.string()))
    return pa.Table.from_arrays(made, schema=pa.schema([pa.field(name, pa.string(), nullable=name not in key) for name in columns]))


def together(pages: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The pages in pieces of at least TOGETHER records: what takes them has its costs by the piece."""
    import pyarrow as pa
    held: list[pa.Table] = []
    for page in pages:
        held.append(page)
        if sum(map(len, held)) >= TOGETHER:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _text(stream: str, name: str, value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            raise SourceError(f"{stream}: {name} holds bytes, not text; leave the column out")
        case dict() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
