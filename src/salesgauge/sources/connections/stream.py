"""What a connector offers: streams of records, read page by page, and whether it may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from salesgauge.errors import SourceError

# Of what changed since a cursor so much before it is read once more: what was committed, or could be found, only later, or was written by a
# server whose clock was behind.
OVERLAP = timedelta(minutes=10)
Record = Mapping[str, object]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Stream:
    """Records of one kind in a system.

    `columns` are those that are kept, `key` those of them that identify a record. `cursor` is the column that tells when a record changed:
    then `read(since)` gives the records that changed at or after `since` (None: all), in the order of that column where `ordered`; its
    values compare as text. Without a cursor `read(None)` gives all records each time. `census` gives the keys of all records that there
    are: what it lacks was deleted. A record that says so itself has "true" in the column `deleted`.

    `written_after` is how many records an ordered stream gives before they are written and the rest is asked for anew: fewer than usual
    where each costs a request. `there` is False where this system has no such records at all (a module that is not installed): nothing
    is read, and what a mapping makes of the stream itself is left out.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    read: Callable[[str | None], Iterator[Sequence[Record]]]
    cursor: str | None = None
    ordered: bool = True
    census: Callable[[], Iterator[Sequence[Key]]] | None = None
    deleted: str | None = None
    written_after: int | None = None
    there: bool = True


@dataclass(frozen=True)
class Right:
    """Something that the connection needs to be allowed: what, whether it is, and what to do where it is not."""

    what: str
    granted: bool
    remedy: str = ""


def tried(what: str, attempt: Callable[[], object], remedy: str = "") -> Right:
    """Whether something is allowed, found out by doing it; where it is not, the system's own words and the remedy."""
    try:
        attempt()
    except SourceError as problem:
        return Right(what, False, f"{problem.message}; {remedy}" if remedy else problem.message)
    return Right(what, True)


class Connector(Protocol):
    """A system that is connected. Everything that it needs from outside it was given when it was made."""

    def streams(self) -> Sequence[Stream]:
        """Its streams; SourceError where the system is not as the connection says."""

    def rights(self) -> Iterable[Right]:
        """Tries what a sync needs, without changing anything."""

    def close(self) -> None:
        """Ends it."""
