"""`salesgauge people`: accounts, from the console; so that an administrator who is locked out gets in again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

if TYPE_CHECKING:
    from salesgauge.state import Person, State

ROLES = ("executive", "manager", "rep", "analyst", "administrator")
COLUMNS = ("email", "name", "role", "administers", "rep_id", "state")
_address = click.option("--address", default="http://127.0.0.1:8400", show_default=True, metavar="ADDRESS",
                        help="Where browsers reach the server: the beginning of the link.")


@click.group("people")
def command() -> None:
    """Accounts, from the console: who has one, inviting somebody, a link for a forgotten password, letting somebody in no more. There is
    no mail: a link is printed here, works once, and is for you to hand over."""


@command.command("list")
@options.workspace
@options.form
@options.lang
@click.pass_obj
def list_people(surroundings: Surroundings, folder: Path, form: str, lang: str) -> None:
    """Shows everybody with an account, and what they may see."""
    from salesgauge.cli import printing
    from salesgauge.cli.tables import Column, Page
    from salesgauge.language import language
    words, state = language(lang), _open(surroundings, folder)
    try:
        with state.look() as unit:
            people = unit.accounts.all()
    finally:
        state.close()
    rows = [[p.email, p.name, str(p.role), p.administers, p.rep_id, _state(p)] for p in people]
    if form == "json":
        printing.write_json({"people": [dict(zip(COLUMNS, row, strict=True)) for row in rows]})
    elif form == "csv":
        printing.write_csv(COLUMNS, rows)
    else:
        headings = ("email_address", "own_name", "person_role", "person_administers", "person_rep", "person_state")
        shown = [[p.email, p.name, words.message(f"role_{p.role}"), words.message("administers") if p.administers else "",
                  p.rep_id or "", words.message(f"person_{_state(p)}")] for p in people]
        Page().table([Column(words.message(key)) for key in headings], shown)


@command.command("invite")
@click.argument("email")
@options.workspace
@click.option("--role", type=click.Choice(ROLES), required=True,
              help="What they see: everything (executive; analyst: without the names of persons), their reports' and their own rows "
                   "(manager), their own (rep), no figures but people and the log (administrator).")
@click.option("--rep", metavar="REP_ID", help="The rep whose rows they are about; a manager or rep needs it.")
@click.option("--administers", is_flag=True, help="They administer as well.")
@click.option("--name", help="Their name (default: the e-mail address; they can change it).")
@_address
@options.lang
@click.pass_obj
def invite(surroundings: Surroundings, email: str, folder: Path, role: str, rep: str | None, administers: bool, name: str | None,
           address: str, lang: str) -> None:
    """Makes an account and prints the link by which its person sets a password."""
    from salesgauge.state import Actor, Refusal, Rights, Role
    from salesgauge.web.access.reps import Reps
    from salesgauge.workspace import Workspace
    if rep is not None and rep not in Reps(Workspace(folder)).all():
        raise Refusal("rep_unknown", rep=rep)

    def deed(state: State) -> tuple[Person, str]:
        by = Actor(None, "console")
        with state.change() as unit:
            person = unit.accounts.create(email, name or email, Rights(Role(role), rep, administers), by, action="person_invite")
            return person, unit.links.invite(person.id, by)
    _print_link(surroundings, folder, address, lang, deed)


@command.command("reset")
@click.argument("email")
@options.workspace
@_address
@options.lang
@click.pass_obj
def reset(surroundings: Surroundings, email: str, folder: Path, address: str, lang: str) -> None:
    """Prints a link by which a person sets another password; also for who is locked out after too many attempts."""
    from salesgauge.state import Actor

    def deed(state: State) -> tuple[Person, str]:
        with state.change() as unit:
            person = unit.accounts.known(email)
            return person, unit.links.reset(person.id, Actor(None, "console"))
    _print_link(surroundings, folder, address, lang, deed)


@command.command("deactivate")
@click.argument("email")
@options.workspace
@options.lang
@click.pass_obj
def deactivate(surroundings: Surroundings, email: str, folder: Path, lang: str) -> None:
    """Lets a person in no more: their sessions, tokens and links end at once. The last administrator stays."""
    from salesgauge.cli.tables import Page
    from salesgauge.language import language
    from salesgauge.state import Actor
    state = _open(surroundings, folder)
    try:
        with state.change() as unit:
            unit.accounts.deactivate(unit.accounts.known(email).id, Actor(None, "console"))
    finally:
        state.close()
    Page().paragraph(language(lang).message("done_deactivated"))


def _open(surroundings: Surroundings, folder: Path) -> State:
    from salesgauge import settings
    from salesgauge.state import State
    settings.read(folder)  # no workspace, no state
    return State.open(folder, surroundings.now)


def _state(person: Person) -> str:
    return "inactive" if not person.active else "active" if person.has_password else "invited"


def _print_link(surroundings: Surroundings, folder: Path, address: str, lang: str, deed: Callable[[State], tuple[Person, str]]) -> None:
    from salesgauge import settings
    from salesgauge.cli.tables import Page
    from salesgauge.language import language
    state = _open(surroundings, folder)
    try:
        person, secret = deed(state)
        with state.look() as unit:
            until = unit.links.find(secret).expires.astimezone(settings.read(folder).zone).replace(tzinfo=None)
    finally:
        state.close()
    page = Page()
    page.paragraph(language(lang).message("link_once", name=person.name, instant=until))
    page.verbatim(f"{address.rstrip('/')}/enter/{secret}")
