"""`salesgauge identity`: one company, contact or rep in several systems; what is suggested, merged and rejected, and deciding it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

if TYPE_CHECKING:
    from salesgauge.identity import Identities, Standing

_ENTITIES = ("accounts", "contacts", "reps")
_entity = click.argument("entity", type=click.Choice(_ENTITIES))
_left = click.argument("left", metavar="ID")
_right = click.argument("right", metavar="OTHER_ID")


@click.group("identity")
def command() -> None:
    """One company, contact or rep that stands in several connected systems. Records are merged by themselves only where a tax ID, website
    or e-mail address leaves no doubt; all else is suggested, and decided here or on the page Duplicates. Every merge can be undone."""


@command.command("list")
@click.argument("entity", type=click.Choice(_ENTITIES), default="accounts")
@options.workspace
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many of each a table for people shows.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True,
              help="A table for people, or JSON with everything for programs.")
@click.pass_obj
def list_identities(surroundings: Surroundings, entity: str, folder: Path, limit: int, form: str) -> None:
    """Shows what is suggested, what is merged and what was rejected, of accounts (the default), contacts or reps."""
    from salesgauge.cli import printing
    with _deciding(surroundings, folder) as (identities, _settle):
        standing = identities.standing(entity)
    if form == "json":
        printing.write_json(as_json(entity, standing))
    else:
        _print(standing, limit)


@command.command("accept")
@_entity
@_left
@_right
@options.workspace
@click.pass_obj
def accept(surroundings: Surroundings, entity: str, left: str, right: str, folder: Path) -> None:
    """Merges two records: every figure sees one id from now on. The rows of each system stay as they are beneath."""
    _decide(surroundings, folder, entity, left, right, "same")


@command.command("reject")
@_entity
@_left
@_right
@options.workspace
@click.pass_obj
def reject(surroundings: Surroundings, entity: str, left: str, right: str, folder: Path) -> None:
    """Remembers that two records are not the same: they are suggested no more, and no key merges them."""
    _decide(surroundings, folder, entity, left, right, "apart")


@command.command("undo")
@_entity
@click.argument("name", metavar="ID")
@click.argument("other", metavar="[OTHER_ID]", required=False)
@options.workspace
@click.pass_obj
def undo(surroundings: Surroundings, entity: str, name: str, other: str | None, folder: Path) -> None:
    """Takes a record out of its merge; with two ids, forgets what was decided of the two."""
    from salesgauge.state import Actor
    if other is not None:
        _decide(surroundings, folder, entity, name, other, "open")
        return
    with _deciding(surroundings, folder) as (identities, settle):
        identities.part(entity, name, Actor(None, "console"))
        settle()


def as_json(entity: str, standing: Standing) -> dict[str, Any]:
    """Who is who, as plain values."""
    def record(name: str) -> dict[str, Any]:
        known = standing.records.get(name)
        return {"id": name, "name": known.name if known else None, "system": known.system if known else None}
    return {
        "entity": entity, "counted": standing.counted,
        "suggested": [{"left": record(s.left.id), "right": record(s.right.id), "score": s.score, "names_alike": s.alike,
                       "keys": [{"kind": kind, "value": value} for kind, value in s.keys], "tax_ids_differ": s.differs}
                      for s in standing.suggested],
        "merged": [{"id": g.one, "members": [{**record(m.id), "how": m.how or None} for m in g.members]} for g in standing.groups],
        "rejected": [{"left": record(d.left), "right": record(d.right), "by": d.name, "at": d.at.isoformat()} for d in standing.apart]}


def _decide(surroundings: Surroundings, folder: Path, entity: str, left: str, right: str, verdict: str) -> None:
    from salesgauge.state import Actor
    with _deciding(surroundings, folder) as (identities, settle):
        identities.decide(entity, left, right, verdict, Actor(None, "console"))
        settle()


@contextmanager
def _deciding(surroundings: Surroundings, folder: Path) -> Iterator[tuple[Identities, Callable[[], None]]]:
    """The deciding of a workspace, and what brings the decisions into its figures."""
    from salesgauge.cli.tables import Page
    from salesgauge.identity import Identities
    from salesgauge.state import State
    from salesgauge.workspace import Workspace
    workspace = Workspace(folder)
    state = State.open(folder, surroundings.now)

    def settle() -> None:
        done = workspace.settle(now=surroundings.now(), state=state)
        Page().paragraph(f"The figures count it from {workspace.generation().name} on." if done else "The figures stay as they are.")
    try:
        yield Identities(workspace, state), settle
    finally:
        state.close()


def _print(standing: Standing, limit: int) -> None:
    from salesgauge.cli.tables import Column, Page
    page = Page()

    def record(name: str) -> str:
        known = standing.records.get(name)
        return f"{name}  {known.name or ''} ({known.system or 'files'})" if known else f"{name} (no longer there)"
    page.paragraph(f"{len(standing.suggested):,} suggested, {len(standing.groups):,} merged, {len(standing.apart):,} rejected")
    if standing.suggested:
        page.table([Column("Suggested"), Column("and"), Column("Score"), Column("Why")],
                   [[record(s.left.id), record(s.right.id), f"{s.score:.0%}",
                     ", ".join([*([f"names {s.alike:.0%} alike"] if s.alike else []), *(f"{kind} {value}" for kind, value in s.keys),
                                *(["tax ids differ"] if s.differs else [])])] for s in standing.suggested[:limit]])
    if standing.groups:
        page.table([Column("Merged into"), Column("Record"), Column("By")],
                   [[group.one, record(m.id), m.how or "leads"] for group in standing.groups[:limit] for m in group.members])
    if standing.apart:
        page.table([Column("Rejected"), Column("and"), Column("By")],
                   [[record(d.left), record(d.right), d.name or "console"] for d in standing.apart[:limit]])
