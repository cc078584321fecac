"""`salesgauge restore`: a workspace from its backup."""

from __future__ import annotations

from pathlib import Path

import click

ELSEWHERE = ("People, sessions and views were in a database of their own (SALESGAUGE_STATE): restore that by itself, for PostgreSQL with: "
             "pg_restore --dbname=DATABASE people.dump")


@click.command("restore")
@click.argument("backup", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("folder", metavar="[WORKSPACE]", required=False, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Only read the backup to its end and say whether it is whole.")
def command(backup: Path, folder: Path | None, check: bool) -> None:
    """Makes the workspace that a backup holds, in a folder that is absent or empty: all of it or nothing. Every file is compared with what
    was backed up first; a backup that is damaged or incomplete is refused.

    A workspace may hold Python code (kpis.py): restore only backups that you or somebody you trust has made.
    """
    from salesgauge.backup import check_backup, restore_backup
    if check == (folder is not None):
        raise click.UsageError("name the WORKSPACE to be made, or give --check to read the backup only")
    index = check_backup(backup) if folder is None else restore_backup(backup, folder)
    held = f"{index.generation or 'nothing loaded yet'}, of {index.made_at}, {len(index.files)} files, {index.bytes / 1e6:,.1f} MB"
    click.echo(f"{backup} is whole: {held}" if folder is None else f"{folder} is restored: {held}")
    if index.state == "elsewhere":
        click.echo(ELSEWHERE)
