"""`salesgauge backup`: a workspace as one file, while it is in use."""

from __future__ import annotations

from pathlib import Path

import click

from salesgauge.cli.program import Surroundings

ELSEWHERE = ("People, sessions and views are not in it: they lie in the database that SALESGAUGE_STATE names. Back that up by itself, for "
             "PostgreSQL with: pg_dump --format=custom --file=people.dump")


@click.command("backup")
@click.argument("folder", metavar="WORKSPACE", type=click.Path(path_type=Path))
@click.argument("target", metavar="FILE_OR_FOLDER", type=click.Path(path_type=Path))
@click.pass_obj
def command(surroundings: Surroundings, folder: Path, target: Path) -> None:
    """Backs up a workspace to one file (tar): its settings and own KPIs, one consistent generation of its data, people and views, and every
    other file of its folder, each with its check sum. In a folder that exists the file gets a name of its own.

    Loads, questions and the server go on meanwhile.
    """
    from salesgauge.backup import make_backup
    path, index = make_backup(folder, target, now=surroundings.now())
    click.echo(f"{path}: {len(index.files)} files, {index.bytes / 1e6:,.1f} MB, {index.generation or 'nothing loaded yet'}")
    for name in index.left_out:
        click.echo(f"Not in it: {name}, a link to another folder")
    if index.state == "elsewhere":
        click.echo(ELSEWHERE)
