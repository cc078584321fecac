"""A table sent as a file. A file is made in a thread and streamed: who waits for a large one keeps nobody else waiting."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO, Annotated

from fastapi import Depends
from fastapi.responses import Response, StreamingResponse

from salesgauge.web.exports.csv_file import csv_chunks
from salesgauge.web.exports.guard import disposition, file_name
from salesgauge.web.exports.table import Table
from salesgauge.web.exports.workbook import write_workbook
from salesgauge.web.faults import Fault

MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
AT_A_TIME = 4  # files that are being made; who asks for one more is told to come again
_CHUNK = 64 * 1024
_places = BoundedSemaphore(AT_A_TIME)


def _known(kind: str) -> str:
    if kind not in MEDIA:
        raise Fault(404, "not_found", f"there is no file of the kind {kind!r}; there are: {', '.join(MEDIA)}",
                    path=kind)
    return kind


FileKind = Annotated[str, Depends(_known)]


def send(kind: str, name: Iterable[str], table: Table, *, sheet: str = "salesgauge", about: str = "?") -> Response:
    """The table as a file of that kind, named after `name`; `sheet` and `about` are the names of a workbook's sheets. 429 while as many
    files as can be are being made."""
    if not _places.acquire(blocking=False):
        raise Fault(429, "too_many_files", f"{AT_A_TIME} files are being made at present; try again in a minute", {"retry-after": "60"},
                    most=AT_A_TIME)
    chunks = csv_chunks(table) if kind == "csv" else _workbook_chunks(table, sheet, about)
    return StreamingResponse(_Held(chunks), media_type=MEDIA[kind],
                             headers={"content-disposition": disposition(file_name(name, kind)), "cache-control": "private, no-store"})


def _workbook_chunks(table: Table, sheet: str, about: str) -> Iterator[bytes]:
    with TemporaryFile() as file:
        write_workbook(table, file, sheet=sheet, about=about)
        yield from _read(file)


def _read(file: IO[bytes]) -> Generator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk


class _Held:
    """Chunks whose place among the files being made is given back when they end, whether all were read or not."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._held = chunks, True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        if self._held:
            self._held = False
            _places.release()

    def __del__(self) -> None:
        self._release()
