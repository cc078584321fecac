"""One reading of a connected system, written down: when, what it brought, or why it failed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from salesgauge.errors import SalesgaugeError, WorkspaceError
from salesgauge.state import State
from salesgauge.state.runs import Brought
from salesgauge.store.report import LoadReport

if TYPE_CHECKING:
    from salesgauge.sources.syncing import Synced
    from salesgauge.workspace import Workspace


def run(workspace: Workspace, state: State, name: str, clock: Callable[[], datetime], *, scheduled: bool = False, **how: Any) -> Synced:
    """Reads a connected system as `Workspace.sync` does (`how` is handed on to it). What goes wrong is raised after it was written down;
    nothing is where its turn has not come. What stands in the message of an error that is not ours is not written down: it may hold
    anything."""
    numbers: list[int] = []

    def begun() -> None:
        with state.change() as unit:
            numbers.append(unit.runs.begin(name, scheduled=scheduled))
    try:
        synced = workspace.sync(name, now=clock(), begun=begun, **how)
    except BaseException as problem:
        if numbers:
            with suppress(WorkspaceError), state.change() as unit:  # what went wrong first is what is said
                unit.runs.fail(numbers[-1], _words(problem))
        raise
    with state.change() as unit:
        unit.runs.finish(numbers[-1], _brought(synced))
    return synced


def _words(problem: BaseException) -> str | None:
    """Why it failed; None: it was ended from outside."""
    if isinstance(problem, SalesgaugeError):
        return problem.message
    return f"an error of the program: {type(problem).__name__}" if isinstance(problem, Exception) else None


def _brought(synced: Synced) -> Brought:
    report = synced.load
    assert isinstance(report, LoadReport)
    tables = report.tables
    aside = sum(sum(t.rows_aside.values()) + sum(t.cells_aside.values()) for t in tables)
    return Brought(report.generation, sum(t.new for t in tables), sum(t.changed for t in tables), sum(t.gone for t in tables), aside)
