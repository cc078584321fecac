"""`salesgauge sync`: brings a workspace up to date with its connected systems."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

if TYPE_CHECKING:
    from salesgauge.cli.progress import Tell
    from salesgauge.sources.syncing import Synced
    from salesgauge.timetable import Standing


@click.command("sync")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options.workspace
@click.option("--emptied", is_flag=True, help="A system that shows none of its records any more has really lost them.")
@click.option("--status", is_flag=True, help="Reads nothing: says when each was read last, what that brought or why it failed, and when it "
                                             "is read next.")
@options.form
@options.lang
@click.pass_obj
def command(surroundings: Surroundings, names: tuple[str, ...], folder: Path, emptied: bool, status: bool, form: str, lang: str) -> None:
    """Reads what is new, changed or deleted in connected systems (all, or those named) and merges it into the workspace.

    A sync that was interrupted goes on where it ended; one that fails leaves the workspace as it was. See: salesgauge connect.
    """
    from salesgauge.cli.progress import watched
    from salesgauge.errors import SourceError
    from salesgauge.sources.connections.connection import names as connected
    from salesgauge.state import State
    from salesgauge.worker.running import run
    from salesgauge.workspace import Workspace
    if status:
        _status(surroundings, names, folder, form)
        return
    workspace = Workspace(folder)
    wanted = names or tuple(connected(folder))
    if not wanted:
        raise SourceError(f"{folder} has no connection yet; make one with: salesgauge connect NAME KIND --workspace {folder}")
    done = []
    with closing(State.open(folder, surroundings.now)) as state:
        for name in wanted:
            with watched(name) as tell:
                def read(stream: str, count: int, tell: Tell = tell) -> None:
                    tell(0, 0, f"{stream}: {count:,}")
                done.append(run(workspace, state, name, surroundings.now, emptied=emptied, progress=tell, tell=read))
            if form == "table":
                _print(done[-1], lang)
    if form != "table":
        _write(done, form)


def _print(synced: Synced, lang: str) -> None:
    from salesgauge.cli.load import show
    from salesgauge.cli.tables import Page
    from salesgauge.store.report import LoadReport
    page = Page()
    for stream in synced.streams:
        counted = "" if stream.counted is None else f", {stream.counted:,} there"
        page.paragraph(f"{synced.connection}: {stream.stream}: {stream.read:,} read{counted}")
    assert isinstance(synced.load, LoadReport)
    show(synced.load, "table", lang)


def _write(done: list[Synced], form: str) -> None:
    from salesgauge.cli.printing import write_csv, write_json
    if form == "json":
        write_json([synced.as_json() for synced in done])
    else:
        write_csv(("connection", "stream", "read", "counted"),
                  [[synced.connection, s.stream, s.read, s.counted] for synced in done for s in synced.streams])


def _status(surroundings: Surroundings, names: tuple[str, ...], folder: Path, form: str) -> None:
    """Says how connections stand."""
    from salesgauge import settings
    from salesgauge.cli.printing import write_csv, write_json
    from salesgauge.cli.tables import Column, Page
    from salesgauge.sources.connections.connection import read
    from salesgauge.state import State
    from salesgauge.timetable import standings
    zone, now, told = settings.read(folder).zone, surroundings.now(), {}
    if State.is_there(folder):
        with closing(State.open(folder, surroundings.now)) as state, state.look() as unit:
            told = unit.runs.told()
    for name in names:
        read(folder, name)  # SourceError where there is none of that name
    found = [each for each in standings(folder, zone, told, now) if not names or each.name in names]
    rows = [each.as_json() for each in found]
    if form == "json":
        write_json(rows)
    elif form == "csv":
        write_csv(list(rows[0]) if rows else ["connection"], [list(row.values()) for row in rows])
    else:
        def local(instant: datetime | None) -> str:
            return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M") if instant else ""
        columns = [Column(heading) for heading in ("connection", "schedule", "last good", "next", "how the last one went")]
        Page().table(columns, [[each.name, each.schedule, local(each.told.good.ended if each.told and each.told.good else None),
                                "now" if each.due is not None and each.due <= now else local(each.due), _went(each)] for each in found])


def _went(standing: Standing) -> str:
    """How the last reading of a connection went, in words."""
    if standing.fault:
        return standing.fault
    last = standing.told.last if standing.told else None
    if last is None:
        return "never read"
    if last.brought is not None:
        return f"{last.brought.new:,} new, {last.brought.changed:,} changed, {last.brought.gone:,} gone, {last.brought.aside:,} set aside"
    if last.outcome is None:
        return f"being read since {last.began:%Y-%m-%d %H:%M} UTC, or killed"
    return f"failed: {last.error}" if last.error else "interrupted; the next one goes on from there"
