"""A workspace's connected systems: reading them, and the way back from a stored row to its record there."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesgauge.errors import Busy, SourceError
from salesgauge.schema import TABLES
from salesgauge.staging import Progress, Stage, silent
from salesgauge.store.lineage import lineage
from salesgauge.store.report import LoadReport
from salesgauge.store.session import Session

if TYPE_CHECKING:
    from salesgauge.sources.connections.wire import Network
    from salesgauge.sources.syncing import Synced

Key = tuple[str, str]  # a canonical table, and the id of a row of it (the parts of its key joined by |)


@dataclass(frozen=True)
class Origin:
    """Where a stored row came from: the file or connected system `source` (None: the load recorded the row itself), its `record` in that
    system and the address `link` of the record's page there (None where there is none), the name `load` of the generation that the load
    made which wrote it last, and its instant (UTC). All are None for what was stored before this was kept."""

    source: str | None
    record: str | None
    link: str | None
    load: str | None
    loaded_at: datetime | None

    @property
    def of_system(self) -> bool:
        """Whether it came from a connected system; the names of files have a dot, those of systems have none."""
        return self.source is not None and "." not in self.source

    def as_json(self) -> dict[str, Any]:
        """It as plain values."""
        at = self.loaded_at.strftime("%Y-%m-%dT%H:%M:%SZ") if self.loaded_at else None
        return {"source": self.source, "record": self.record, "link": self.link, "load": self.load, "loaded_at": at}


class Connected(ABC):
    """What a workspace can do with the systems that it is connected to."""

    folder: Path

    @abstractmethod
    def load(self, source: Path, *, now: datetime, stage: Stage = ..., complete: bool = False, progress: Progress = silent) -> LoadReport:
        """Merges what `stage` reads from `source` into the store, all or nothing."""

    @abstractmethod
    def session(self) -> AbstractContextManager[Session]:
        """One consistent generation, open for questions."""

    def sync(self, name: str, *, now: datetime, tell: Callable[[str, int], None] = lambda stream, count: None, emptied: bool = False,
             environment: Mapping[str, str] = os.environ, network: Network | None = None, progress: Progress = silent,
             wait: Callable[[], None] | None = None, begun: Callable[[], None] = lambda: None) -> Synced:
        """Brings the workspace up to date with the connected system of that name (sources/syncing.py), over a network (None: the real
        one); `now` is the load's instant. Busy where that system is being read already, or another load goes on; with `wait`, called
        before each further try, both are waited for, and what was read is not read again. `begun` is told when its turn has come."""
        from salesgauge.sources.connections.connection import FOLDER, read
        from salesgauge.sources.connections.secrets import Secrets
        from salesgauge.sources.syncing import sync

        def load(folder: Path, stage: Stage) -> LoadReport:
            while True:
                try:
                    return self.load(folder, now=now, stage=stage, complete=True, progress=progress)
                except Busy:
                    if wait is None:
                        raise
                    wait()
        return sync(read(self.folder, name), Secrets(self.folder / FOLDER, environment), load, tell=tell, emptied=emptied, network=network,
                    wait=wait, begun=begun)

    def origins(self, rows: Iterable[Key]) -> dict[Key, Origin]:
        """Where rows came from, of those that are stored. It is looked up row by row, so it is asked for the rows that are shown."""
        by_table: dict[str, list[str]] = {}
        for table, name in rows:
            if table in TABLES:
                by_table.setdefault(table, []).append(name)
        link, found = _links(self.folder), dict[Key, Origin]()
        with self.session() as session:
            for table, names in by_table.items():
                for name, told in lineage(session, table, names).items():
                    found[table, name] = Origin(told.source, told.record, link(told.source, told.record), told.load, told.loaded_at)
        return found

    def connections_mark(self) -> str:
        """A text that changes when a connection is made, changed or removed: until then links stay what they are."""
        from salesgauge.sources.connections.connection import FOLDER
        found = ((path.name, path.stat().st_mtime_ns) for path in (self.folder / FOLDER).glob("*.toml"))
        return repr(sorted(found))


def _links(folder: Path) -> Callable[[str | None, str | None], str | None]:
    """Finds the page of a record of a system; each connection is read once, and none where no row came from one."""
    from salesgauge.sources.connections.connection import Connection, names, read
    from salesgauge.sources.kinds import page_of
    known = cache(lambda: frozenset(names(folder)))

    @cache
    def connection(name: str) -> Connection | None:
        try:
            return read(folder, name) if name in known() else None
        except SourceError:  # its file cannot be read now: `salesgauge connect` says why
            return None

    def link(source: str | None, record: str | None) -> str | None:
        found = connection(source) if source is not None and record is not None else None
        return None if found is None or record is None else page_of(found, record)
    return link
