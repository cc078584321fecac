"""From streams to the raw file of a connection: dlt writes it, in slices, each whole or not at all, and remembers how far it came.

A slice that was read and not yet written when the process died is written at the next start; records that come twice are merged by key.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesgauge.errors import SalesgaugeError, SourceError
from salesgauge.sources.connections.stream import Stream
from salesgauge.sources.connections.written import together, written

if TYPE_CHECKING:
    import pyarrow as pa

RAW, PIPELINE, DATASET = "raw.duckdb", "progress", "records"
CENSUS = "_keys"   # suffix of the table of the keys that a census gave
REPLACED = {"disposition": "replace", "strategy": "insert-from-staging"}
MISREAD = (LookupError, TypeError, AttributeError, ValueError)  # what reading an answer that has another form ends with
SLICE = 50_000     # records after which a slice is written

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
    _refuse_vanished(pipeline, [stream.name for stream in streams if not stream.there])
    streams = [stream for stream in streams if stream.there]
    readings = [_Reading(stream, stream.written_after or records, tell, emptied) for stream in streams]
    counts = [_Count(stream, emptied, readings) for stream in streams if stream.census is not None]
    left = readings
    while left:
        _run(pipeline, [*(reading.resource() for reading in left), *(count.resource() for count in counts)])
        left = [reading for reading in left if reading.more]
    counted = {count.stream.name: count.count for count in counts}
    return [Extracted(r.stream.name, r.count, counted.get(r.stream.name)) for r in readings]


def _pipeline(folder: Path) -> Any:
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["EXTRACT__NEXT_ITEM_MODE"] = "fifo"   # one stream after another: a census counts what was read before it
    os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"  # what goes wrong is said by the error; a log could hold records
    import dlt
    folder.mkdir(parents=True, exist_ok=True)
    for left in (folder / PIPELINE / "schemas").glob("*"):
        if not left.name.endswith(".schema.json"):  # what could not be written to its end; dlt (1.31) takes it for a schema without a name
            left.unlink()
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
        if failed.step == "extract" and isinstance(last, MISREAD):
            raise last from None
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
        return dlt.resource(together(self._slice()), name=stream.name, primary_key=stream.key, columns=hints, max_table_nesting=0,
                            write_disposition="merge" if stream.cursor else REPLACED)

    def _slice(self) -> Iterator[pa.Table]:
        import dlt
        stream = self.stream
        state = dlt.current.resource_state(stream.name)
        since: str | None = state.get("cursor") if stream.cursor else None
        reached, count, self.more = since, 0, False
        yield written(stream.name, stream.columns, stream.key, [])
        for page in stream.read(since):
            count += len(page)
            self.count += len(page)
            self._tell(stream.name, self.count)
            rows = written(stream.name, stream.columns, stream.key, page)
            yield rows
            if stream.cursor is None or not page:
                continue
            changed = _last(stream, rows)
            reached = changed if reached is None else max(reached, changed)
            if stream.ordered and count >= self._records and reached != since:
                self.more = True
                break
        if stream.cursor is None and not self._emptied:
            _refuse_emptied(stream, count, state.get("count", 0))
        state["cursor"], state["count"] = reached, count


class _Count:
    """The keys of all records of a stream that there are, in place of those of the last time; counted when all slices are read."""

    def __init__(self, stream: Stream, emptied: bool, readings: Sequence[_Reading]) -> None:
        self.stream, self._emptied, self._readings, self.count = stream, emptied, readings, 0

    def resource(self) -> Any:
        """The keys, as dlt takes them."""
        import dlt
        hints = {name: {"data_type": "text", "nullable": False} for name in self.stream.key}
        return dlt.resource(together(self._keys()), name=self.stream.name + CENSUS, columns=hints, write_disposition=REPLACED)

    def _keys(self) -> Iterator[pa.Table]:
        import dlt
        stream = self.stream
        state = dlt.current.resource_state(stream.name + CENSUS)
        assert stream.census is not None
        yield written(stream.name, stream.key, stream.key, [])
        if any(reading.more for reading in self._readings):
            return  # nothing is staged before the last slice, and that one counts
        for page in stream.census():
            self.count += len(page)
            yield written(stream.name, stream.key, stream.key, [dict(zip(stream.key, key, strict=True)) for key in page])
        if not self._emptied:
            _refuse_emptied(stream, self.count, state.get("count", 0))
        state["count"] = self.count


def _last(stream: Stream, rows: pa.Table) -> str:
    """When the record of a page that changed last did."""
    import pyarrow.compute as pc
    assert stream.cursor is not None
    changed = rows[stream.cursor]
    if changed.null_count:
        place = changed.is_null().index(True).as_py()
        key = " / ".join(str(rows[name][place]) for name in stream.key)
        raise SourceError(f"{stream.name}: the record {key} has no {stream.cursor}, which says when it changed")
    return str(pc.max(changed).as_py())


def _refuse_vanished(pipeline: Any, names: Sequence[str]) -> None:
    """A kind of record that was read before does not vanish from a system without a reason."""
    known = {name for source in pipeline.state.get("sources", {}).values() for name in source.get("resources", {})}
    for name in names:
        if name in known:
            raise SourceError(f"{name}: the system had them at the last sync and has them no longer; is a module or a right lost? If they "
                              "are really gone, remove the connection's folder of records: the next sync reads all again")


def _refuse_emptied(stream: Stream, now: int, before: int) -> None:
    """Raised while it is being read, so that nothing of it is written."""
    if before and not now:
        raise SourceError(f"{stream.name}: the system shows none of the {before:,} records that it had; is the right to read them lost? "
                          "If they are really gone, say so: --emptied")
