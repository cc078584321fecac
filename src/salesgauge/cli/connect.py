"""`salesgauge connect`: sets a connection up, and tries what it may read."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from salesgauge.cli import options


def _pairs(said: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in said]
    for name, sign, _value in pairs:
        if not name or not sign:
            raise click.UsageError(f"{option} is written name=value, not {name!r}")
    return {name: value for name, _sign, value in pairs}


def _nested(pairs: dict[str, str]) -> dict[str, Any]:
    """Options as a table; a dot leads into a table of its own: tables.deals.cursor=changed_at."""
    made: dict[str, Any] = {}
    for name, value in pairs.items():
        *outer, last = name.split(".")
        table = made
        for part in outer:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                raise click.UsageError(f"--set gives {part!r} both a value and parts")
        table[last] = value
    return made


def _asked(kind: str, chosen: dict[str, Any], secrets: dict[str, str]) -> dict[str, str]:
    """Asks a person for what a kind needs and was not said, and adds it; gives the texts of the secrets that are to be kept, by name.
    In a script: UsageError that says what is missing."""
    from salesgauge.sources.kinds import asked
    missing = [one for one in asked(kind) if one.name not in (secrets if one.secret else chosen) and not (one.secret and secrets)]
    if missing and not interactive():
        said = "; ".join(f"{'--secret' if one.secret else '--set'} {one.name}={'PLACE' if one.secret else '...'} ({one.what}"
                         f"{f', such as {one.example}' if one.example and not one.secret else ''})" for one in missing)
        raise click.UsageError(f"{kind} needs {said}")
    texts: dict[str, str] = {}
    for one in missing:
        example = f", such as {one.example}" if one.example else ""
        if not one.secret:
            chosen[one.name] = click.prompt(f"{one.name}: {one.what}{example}")
            continue
        place = click.prompt(f"{one.name}: {one.what}. Where is it kept (env:VARIABLE, keyring:SERVICE/USER, file:NAME; "
                             "empty: you type it now, and it is kept in the workspace's encrypted file)", default="", show_default=False)
        if not place:
            texts[one.name] = click.prompt(f"{one.name}{example}", hide_input=True)
        secrets[one.name] = place
    return texts


def interactive() -> bool:
    """Whether a person is there to answer."""
    return sys.stdin.isatty()


@click.command("connect")
@click.argument("name", required=False)
@click.argument("kind", required=False)
@options.workspace
@click.option("--set", "chosen", multiple=True, metavar="NAME=VALUE",
              help="An option of the kind, such as url=...; may be given several times.")
@click.option("--secret", "secrets", multiple=True, metavar="NAME=PLACE",
              help="Where a secret is kept: env:VARIABLE, keyring:SERVICE/USER or file:NAME.")
@click.option("--prefix", default="", help="What stands before every id that comes from this system.")
@click.option("--mapping", metavar="FILE", help="A mapping file in the folder of connections, instead of the kind's own.")
@click.option("--schedule", metavar="WHEN",
              help="When `salesgauge serve` reads it: 'every 15 minutes', 'daily 06:00', 'weekdays 07:30', or cron as in '0 6 * * 1-5'. "
                   "Of a connection that there is: changes that; '' takes it away.")
@click.option("--keep", metavar="NAME", help="Asks for a secret and keeps it in the workspace's encrypted file.")
@click.option("--check", is_flag=True, help="Only tries what an existing connection may read.")
def command(name: str | None, kind: str | None, folder: Path, chosen: tuple[str, ...], secrets: tuple[str, ...], prefix: str,
            mapping: str | None, schedule: str | None, keep: str | None, check: bool) -> None:
    """Connects a system under a NAME, or (with --check) tries what a connection may read. Without NAME: the connections, and the kinds
    that there are.

    The connection is a file of the workspace, connections/NAME.toml; no secret stands in it. What the kind needs and you do not say is
    asked for, where there is somebody to ask. `salesgauge sync` then reads the system.
    """
    import os

    from salesgauge.cli.tables import Page
    from salesgauge.errors import SourceError
    from salesgauge.settings import read as settings
    from salesgauge.sources.connections.connection import FOLDER, Connection, checked_name, names, read, reschedule
    from salesgauge.sources.connections.schedule import read_schedule
    from salesgauge.sources.connections.secrets import Secrets
    from salesgauge.sources.kinds import KINDS
    from salesgauge.sources.syncing import rights
    zone = settings(folder).zone  # WorkspaceError where there is no workspace
    if schedule:
        read_schedule(schedule, zone)
    kept, page, texts = Secrets(folder / FOLDER), Page(), dict[str, str]()
    if keep is not None:
        kept.keep(keep, click.prompt(keep, hide_input=True, confirmation_prompt=True))
        page.paragraph(f"kept: name it as file:{keep}")
        return
    if name is None:
        page.paragraph(f"connections: {', '.join(names(folder)) or 'none yet'}")
        page.paragraph(f"kinds of systems: {', '.join(KINDS)}")
        return
    if schedule is not None and kind is None and not check:
        reschedule(read(folder, name), schedule)
        page.paragraph(f"{name} is read {schedule} while salesgauge serve runs" if schedule else f"{name} is read when you say so")
        return
    if check:
        connection = read(folder, name)
    else:
        if kind is None:
            raise click.UsageError(f"say what kind of system {name} is: {', '.join(KINDS)}")
        options_said, places = _nested(_pairs(chosen, "--set")), _pairs(secrets, "--secret")
        connection = Connection(folder / FOLDER, checked_name(name), kind, options_said, places, prefix, mapping, schedule or None)
        if connection.path.exists():
            raise SourceError(f"there is a connection {name} already; change {connection.path}, or remove it")
        texts = _asked(kind, options_said, places)
        places |= {secret: f"env:{secret}" for secret in texts}  # tried from here, kept when they are found to be good
        kept = Secrets(folder / FOLDER, {**os.environ, **texts})
    found = rights(connection, kept)
    for right in found:
        page.paragraph(f"{'may' if right.granted else 'may NOT'} {right.what}{f': {right.remedy}' if right.remedy else ''}")
    if not all(right.granted for right in found):
        raise SourceError(f"{name} may not read all that it needs (above); nothing was written" if not check else
                          f"{name} may not read all that it needs (above)")
    if not check:
        for secret, text in texts.items():
            kept.keep(f"{name}-{secret}", text)
            connection = replace(connection, secrets={**connection.secrets, secret: f"file:{name}-{secret}"})
        connection.write()
        page.paragraph(f"{name} is connected ({connection.path}). Read it with: salesgauge sync {name} --workspace {folder}")
