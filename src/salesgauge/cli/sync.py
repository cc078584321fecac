"""`salesgauge sync`: brings a workspace up to date with its connected systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

if TYPE_CHECKING:
    from salesgauge.cli.progress import Tell
    from salesgauge.sources.syncing import Synced


@click.command("sync")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@options.workspace
@click.option("--emptied", is_flag=True, help="A system that shows none of its records any more has really lost them.")
@options.form
@options.lang
@click.pass_obj
def command(surroundings: Surroundings, names: tuple[str, ...], folder: Path, emptied: bool, form: str, lang: str) -> None:
    """Reads what is new, changed or deleted in connected systems (all, or those named) and merges it into the workspace.

    A sync that was interrupted goes on where it ended; one that fails leaves the workspace as it was. See: salesgauge connect.
    """
    from salesgauge.cli.progress import watched
    from salesgauge.errors import SourceError
    from salesgauge.sources.connections.connection import names as connected
    from salesgauge.workspace import Workspace
    workspace = Workspace(folder)
    wanted = names or tuple(connected(folder))
    if not wanted:
        raise SourceError(f"{folder} has no connection yet; make one with: salesgauge connect NAME KIND --workspace {folder}")
    done = []
    for name in wanted:
        with watched(name) as tell:
            def read(stream: str, count: int, tell: Tell = tell) -> None:
                tell(0, 0, f"{stream}: {count:,}")
            done.append(workspace.sync(name, now=surroundings.now(), emptied=emptied, progress=tell, tell=read))
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
