"""`salesgauge refresh`: makes what questions are answered from ready."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

if TYPE_CHECKING:
    from salesgauge.store.refreshing import Refreshed


@click.command("refresh")
@options.workspace
@click.option("--dates", is_flag=True,
              help="Also as of the ends of the last months, quarters and years: what those days need beyond the facts of today.")
@options.form
@click.pass_obj
def command(surroundings: Surroundings, folder: Path, dates: bool, form: str) -> None:
    """Makes the facts of the data in force ready, so that no question waits for them.

    What the data before had ready is brought up to date from what was loaded since; what was never asked for is built. `load` does the
    first by itself.
    """
    from salesgauge.cli.progress import watched
    from salesgauge.workspace import Workspace
    workspace = Workspace(folder)
    with watched("refreshing") as tell:
        made = workspace.make_ready(surroundings.now(), whole=True, dates=dates, progress=tell)
    show(made, form)


def show(made: Refreshed, form: str) -> None:
    """Writes what a refresh did."""
    from salesgauge.cli.printing import write_csv, write_json
    instants = [instant.isoformat() for instant in made.instants]
    if form == "json":
        write_json({"generation": made.generation, "forward": made.forward, "built": made.built, "instants": instants, "bytes": made.bytes})
    elif form == "csv":
        write_csv(("generation", "forward", "built", "instants", "bytes"),
                  [[made.generation, made.forward, made.built, ";".join(instants), made.bytes]])
    else:
        click.echo(f"{made.generation}: {made.forward} facts brought up to date, {made.built} built, ready as of everything known and of "
                   f"{len(instants)} earlier dates; {made.bytes / 1e6:,.1f} MB")
