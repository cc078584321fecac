"""Runs: when connected systems were read, what came of it, and why it failed where it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update

from salesgauge.state.tables import RunRow
from salesgauge.state.work import Work

DONE, FAILED, INTERRUPTED = "done", "failed", "interrupted"
KEPT = 500  # runs of a connection


@dataclass(frozen=True)
class Brought:
    """What a run brought: rows that are new, changed, gone and (whole or a cell of them) set aside, and the generation then in force."""

    load: str | None
    new: int
    changed: int
    gone: int
    aside: int


@dataclass(frozen=True)
class Run:
    """One reading of a connected system, by its schedule or because somebody said so. `outcome` is done, failed or interrupted (None: it
    goes on, or was killed and nothing began since); `error` says in words why it failed."""

    connection: str
    scheduled: bool
    began: datetime
    ended: datetime | None
    outcome: str | None
    brought: Brought | None
    error: str | None


@dataclass(frozen=True)
class Told:
    """What is known of a connection: its last run, the last that was done, and how many were not since then."""

    last: Run
    good: Run | None
    failures: int


class Runs:
    """Runs within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def begin(self, connection: str, *, scheduled: bool) -> int:
        """Notes that a run begins; gives its number. Who calls it holds the connection's lock, so one that has not ended was killed."""
        rows = self._work.rows
        rows.execute(update(RunRow).where(RunRow.connection == connection, RunRow.outcome.is_(None))
                     .values(outcome=INTERRUPTED, ended=self._work.now))
        row = RunRow(connection=connection, scheduled=scheduled, began=self._work.now)
        rows.add(row)
        rows.flush()
        self._forget(connection)
        return row.id

    def finish(self, run: int, brought: Brought) -> None:
        """Notes what a run brought."""
        self._end(run, outcome=DONE, load=brought.load, new=brought.new, changed=brought.changed, gone=brought.gone, aside=brought.aside)

    def fail(self, run: int, error: str | None) -> None:
        """Notes why a run failed; None: it was interrupted."""
        self._end(run, outcome=FAILED if error is not None else INTERRUPTED, error=error)

    def told(self) -> dict[str, Told]:
        """What is known of each connection that was ever read."""
        good = self._newest(RunRow.outcome == DONE)
        found = {}
        for name, (number, last) in self._newest().items():
            done = good.get(name)
            since = [RunRow.connection == name, RunRow.id > (done[0] if done else 0), RunRow.id <= number]
            failures = self._work.rows.scalar(select(func.count()).select_from(RunRow).where(*since)) or 0
            found[name] = Told(last, done[1] if done else None, failures)
        return found

    def recent(self, connection: str, limit: int = 20) -> list[Run]:
        """The last runs of a connection, the newest first."""
        wanted = select(RunRow).where(RunRow.connection == connection).order_by(RunRow.id.desc()).limit(limit)
        return [_run(row) for row in self._work.rows.scalars(wanted)]

    def _newest(self, *conditions: ColumnElement[bool]) -> dict[str, tuple[int, Run]]:
        """The newest run of each connection of which conditions hold, with its number."""
        numbers = select(func.max(RunRow.id)).where(*conditions).group_by(RunRow.connection)
        return {row.connection: (row.id, _run(row)) for row in self._work.rows.scalars(select(RunRow).where(RunRow.id.in_(numbers)))}

    def _end(self, run: int, **values: object) -> None:
        self._work.rows.execute(update(RunRow).where(RunRow.id == run).values(ended=self._work.now, **values))

    def _forget(self, connection: str) -> None:
        """Forgets all but the last KEPT runs, and the last that was done."""
        rows, of = self._work.rows, RunRow.connection == connection
        oldest = rows.scalar(select(RunRow.id).where(of).order_by(RunRow.id.desc()).offset(KEPT).limit(1))
        if oldest is not None:
            good = rows.scalar(select(func.max(RunRow.id)).where(of, RunRow.outcome == DONE)) or 0
            rows.execute(delete(RunRow).where(of, RunRow.id <= oldest, RunRow.id != good))


def _run(row: RunRow) -> Run:
    brought = None if row.outcome != DONE else Brought(row.load, row.new or 0, row.changed or 0, row.gone or 0, row.aside or 0)
    return Run(row.connection, row.scheduled, row.began, row.ended, row.outcome, brought, row.error)
