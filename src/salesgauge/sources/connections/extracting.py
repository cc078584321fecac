"""From streams to the raw file of a connection: dlt writes it, in slices, each whole or not at all, and remembers how far it came.

A slice that was read and not yet written when the process died is written at the next start; records that come twice are merged by key.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from salesgauge.errors import SalesgaugeError, SourceError
from salesgauge.sources.connections.stream import Record, Stream

RAW, PIPELINE, DATASET = "raw.duckdb", "progress", "records"
CENSUS = "_keys"   # suffix of the table of the keys that a census gave
REPLACED = {"disposition": "replace", "strategy": "insert-from-staging"}
SLICE = 20_000     # records after which a slice is written

Tell = Callable[[str, int], None]  # told the stream and how many of its records were read so far


@dataclass(frozen=True)
class Extracted:
    """How many records of a stream were read (new, changed or read once more), and how many a census found (None: there was none)."""

    stream: str
    read: int
    counted: int | None


def extract(folder: Path, streams: Sequence[Stream], tell: Tell = lambda stream, count: None, *, records: int = SLICE,
            emptied: bool = False) -> list[Extracted]:
    """Brings the raw file in `folder` up to date. SourceError where a stream gives what it did not promise, or none of the records that
    there were before (which is taken for a loss of rights, unless `emptied` says that it is true)."""
    pipeline = _pipeline(folder)
    while pipeline.has_pending_data:
        _run(pipeline, None)
    readings = [_Reading(stream, records, tell, emptied) for stream in streams]
    left = readings
    while left:
        _run(pipeline, [reading.resource() for reading in left])
        left = [reading for reading in left if reading.more]
    counted = {stream.name: _Count(stream, emptied) for stream in streams if stream.census is not None}
    if counted:
        _run(pipeline, [count.resource() for count in counted.values()])
    return [Extracted(r.stream.name, r.count, counted[r.stream.name].count if r.stream.name in counted else None) for r in readings]


def _pipeline(folder: Path) -> Any:
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"  # what goes wrong is said by the error; a log could hold records
    import dlt
    folder.mkdir(parents=True, exist_ok=True)
    return dlt.pipeline(PIPELINE, pipelines_dir=str(folder), destination=dlt.destinations.duckdb(str(folder / RAW)), dataset_name=DATASET)


def _run(pipeline: Any, resource: Any) -> None:
    """Reads and writes one slice. What a connector says is raised as it said it; dlt wraps it up, and would tell what it was writing."""
    from dlt.pipeline.exceptions import PipelineStepFailed
    try:
        pipeline.run(resource, loader_file_format="parquet")
    except PipelineStepFailed as failed:
        cause: BaseException | None = failed
        while cause is not None:
            if isinstance(cause, SalesgaugeError):
                raise cause from None
            last, cause = cause, cause.__cause__ or cause.__context__
        raise SourceError(f"what was read cannot be written at the step {failed.step}: {type(last).__name__}") from failed


class _Reading:
    """One stream, slice by slice."""

    def __init__(self, stream: Stream, records: int, tell: Tell, emptied: bool) -> None:
        self.stream, self._records, self._tell, self._emptied = stream, records, tell, emptied
        self.count, self.more = 0, True

    def resource(self) -> Any:
        """The next slice, as dlt takes it."""
        import dlt
        stream = self.stream
        hints: dict[str, dict[str, Any]] = {name: {"data_type": "text", "nullable": name not in stream.key} for name in stream.columns}
        if stream.cursor is not None:
            hints[stream.cursor]["dedup_sort"] = "desc"  # of a record that comes twice in a slice the later version stays
        return dlt.resource(self._slice(), name=stream.name, primary_key=stream.key, columns=hints, max_table_nesting=0,
                            write_disposition="merge" if stream.cursor else REPLACED)

    def _slice(self) -> Iterator[Any]:
        import dlt
        stream = self.stream
        state = dlt.current.resource_state(stream.name)
        yield dlt.mark.materialize_table_schema()
        since: str | None = state.get("cursor") if stream.cursor else None
        reached, count, self.more = since, 0, False
        for page in stream.read(since):
            rows = [_texts(stream, record) for record in page]
            count += len(rows)
            self.count += len(rows)
            self._tell(stream.name, self.count)
            yield rows
            if stream.cursor is None:
                continue
            changed = [_changed(stream, row) for row in rows]
            reached = max([*changed, *([reached] if reached is not None else [])], default=None)
            if stream.ordered and count >= self._records and reached != since:
                self.more = True
                break
        if stream.cursor is None and not self._emptied:
            _refuse_emptied(stream, count, state.get("count", 0))
        state["cursor"], state["count"] = reached, count


class _Count:
    """The keys of all records of a stream that there are, in place of those of the last time."""

    def __init__(self, stream: Stream, emptied: bool) -> None:
        self._stream, self._emptied, self.count = stream, emptied, 0

    def resource(self) -> Any:
        """The keys, as dlt takes them."""
        import dlt
        hints = {name: {"data_type": "text", "nullable": False} for name in self._stream.key}
        return dlt.resource(self._keys(), name=self._stream.name + CENSUS, columns=hints, write_disposition=REPLACED)

    def _keys(self) -> Iterator[Any]:
        import dlt
        stream = self._stream
        state = dlt.current.resource_state(stream.name + CENSUS)
        assert stream.census is not None
        yield dlt.mark.materialize_table_schema()
        for page in stream.census():
            self.count += len(page)
            yield [dict(zip(stream.key, key, strict=True)) for key in page]
        if not self._emptied:
            _refuse_emptied(stream, self.count, state.get("count", 0))
        state["count"] = self.count


def _changed(stream: Stream, row: Mapping[str, str | None]) -> str:
    """When a record changed."""
    assert stream.cursor is not None
    found = row[stream.cursor]
    if found is None:
        key = " / ".join(str(row[k]) for k in stream.key)
        raise SourceError(f"{stream.name}: the record {key} has no {stream.cursor}, which says when it changed")
    return found


def _texts(stream: Stream, record: Record) -> dict[str, str | None]:
    row = {name: _text(stream, name, record.get(name)) for name in stream.columns}
    for name in stream.key:
        if row[name] is None:
            raise SourceError(f"{stream.name}: a record has no {name}, which identifies it")
    return row


def _text(stream: Stream, name: str, value: object) -> str | None:
    """A value as the mapping reads it: numbers as they are written, instants and dates in ISO 8601, what has parts as JSON."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            raise SourceError(f"{stream.name}: {name} holds bytes, not text; leave the column out")
        case dict() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _refuse_emptied(stream: Stream, now: int, before: int) -> None:
    """Raised while it is being read, so that nothing of it is written."""
    if before and not now:
        raise SourceError(f"{stream.name}: the system shows none of the {before:,} records that it had; is the right to read them lost? "
                          "If they are really gone, say so: --emptied")
