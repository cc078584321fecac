"""Administration: people, their rights, links, sessions and tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from salesgauge.state import Person, Refusal, Rights, Role, SignedIn
from salesgauge.web.access.entering import Text
from salesgauge.web.access.guard import actor, administrator, guard_of, let_in, read_id
from salesgauge.web.access.log import names_of
from salesgauge.web.access.screen import Screen

router = APIRouter(prefix="/administration")
By = Annotated[SignedIn, Depends(administrator)]
PEOPLE = "/administration/people"


def _rights(request: Request, role: str, rep: str, administers: str) -> Rights:
    """The rights of a form; Refusal for a role or a rep that there is not."""
    if role not in set(Role):
        raise Refusal("choice", name="role", choices=", ".join(Role))
    if rep and rep not in guard_of(request).reps.all():
        raise Refusal("rep_unknown", rep=rep)
    return Rights(Role(role), rep or None, administers == "yes").checked()


def people_page(request: Request, problem: Refusal | None = None, asked: dict[str, str] | None = None) -> Response:
    """Everybody, and the form to invite somebody; where that was refused, with what was asked."""
    guard = guard_of(request)
    with guard.state.look() as unit:
        people = unit.accounts.all()
    return Screen(request).render("people.html", problem=problem, people=people, reps=guard.reps.all(), roles=tuple(Role),
                                  asked=asked or {})


def person_page(request: Request, person_id: int, problem: Refusal | None = None, link: str | None = None) -> Response:
    """One person; with a link that was just made. Refusal where there is no such person."""
    guard = guard_of(request)
    screen = Screen(request)
    with guard.state.look() as unit:
        person = unit.accounts.get(person_id)
        sessions, tokens = unit.sessions.of(person_id), unit.tokens.of(person_id)
        lines = unit.audit.page(person_id=person_id, limit=10).entries
        until = unit.links.find(link).expires if link else None
        now, names = unit.now, names_of(unit.accounts.all())
    return screen.render(
        "person.html", problem=problem, of=person, sessions=sessions, tokens=tokens, lines=lines, reps=guard.reps.all(), roles=tuple(Role),
        link=screen.link(f"/enter/{link}") if link else None, until=until, now=now, names=names)


@router.get("")
def start(by: By) -> Response:
    """The first page of the administration."""
    return RedirectResponse(PEOPLE, 303)


@router.get("/people")
def show_people(request: Request, by: By) -> Response:
    """Shows everybody."""
    return people_page(request)


@router.post("/people")
def invite(request: Request, by: By, email: Text = "", name: Text = "", role: Text = "", rep: Text = "",
           administers: Text = "") -> Response:
    """Invites somebody, and shows the link to give them, this once."""
    try:
        rights = _rights(request, role, rep, administers)
        with guard_of(request).state.change() as unit:
            person = unit.accounts.create(email, name or email, rights, actor(request), action="person_invite")
            secret = unit.links.invite(person.id, actor(request))
    except Refusal as refusal:
        return people_page(request, refusal, {"email": email, "name": name, "role": role, "rep": rep, "administers": administers})
    return person_page(request, person.id, link=secret)


@router.get("/people/{number}")
def show_person(request: Request, by: By, number: str) -> Response:
    """Shows one person."""
    return person_page(request, read_id(number))


@router.post("/people/{number}/rights")
def set_rights(request: Request, by: By, number: str, role: Text = "", rep: Text = "", administers: Text = "") -> Response:
    """Changes what a person may see and do. Their sessions end; one's own goes on with another secret."""
    person_id, guard, renewed = read_id(number), guard_of(request), None
    own = person_id == by.person.id
    try:
        rights = _rights(request, role, rep, administers)
        with guard.state.change() as unit:
            before = unit.accounts.get(person_id)
            after = unit.accounts.set_rights(person_id, rights, actor(request), keep_session=by.id if own else None)
            if own and _of(before) != _of(after):
                renewed = unit.sessions.renew(by.id)
    except Refusal as refusal:
        return person_page(request, person_id, refusal)
    path = f"{PEOPLE}/{person_id}?done=saved" if after.administers or not own else "/"
    answer = RedirectResponse(path, 303)
    if renewed is not None:
        let_in(request, answer, renewed)
    return answer


def _of(person: Person) -> Rights:
    return Rights(person.role, person.rep_id, person.administers)


@router.post("/people/{number}/link")
def make_link(request: Request, by: By, number: str) -> Response:
    """Makes a link by which a person comes in (again), and shows it, this once."""
    person_id = read_id(number)
    with guard_of(request).state.change() as unit:
        make = unit.links.reset if unit.accounts.get(person_id).has_password else unit.links.invite
        secret = make(person_id, actor(request))
    return person_page(request, person_id, link=secret)


@router.post("/people/{number}/deactivate")
def deactivate(request: Request, by: By, number: str) -> Response:
    """Lets a person in no more."""
    person_id = read_id(number)

    def deed() -> str:
        with guard_of(request).state.change() as unit:
            unit.accounts.deactivate(person_id, actor(request))
        return f"{PEOPLE}/{person_id}?done=deactivated"
    return Screen(request).attempt(deed, lambda refusal: person_page(request, person_id, refusal))


@router.post("/people/{number}/activate")
def activate(request: Request, by: By, number: str) -> Response:
    """Lets a person in again."""
    person_id = read_id(number)
    with guard_of(request).state.change() as unit:
        unit.accounts.activate(person_id, actor(request))
    return RedirectResponse(f"{PEOPLE}/{person_id}?done=activated", 303)


@router.post("/people/{number}/sessions/end")
def end_sessions(request: Request, by: By, number: str) -> Response:
    """Ends all sessions of a person; of one's own, all others."""
    person_id = read_id(number)
    with guard_of(request).state.change() as unit:
        unit.accounts.get(person_id)
        unit.sessions.end_all(person_id, actor(request), keep=by.id)
    return RedirectResponse(f"{PEOPLE}/{person_id}?done=ended", 303)


@router.get("/tokens")
def show_tokens(request: Request, by: By) -> Response:
    """Shows everybody's API tokens that hold."""
    with guard_of(request).state.look() as unit:
        tokens, now = unit.tokens.all(), unit.now
    return Screen(request).render("tokens.html", tokens=tokens, now=now)


@router.post("/tokens/{number}/end")
def end_token(request: Request, by: By, number: str) -> Response:
    """Ends anybody's token."""
    with guard_of(request).state.change() as unit:
        unit.tokens.end(read_id(number), actor(request))
    return RedirectResponse("/administration/tokens?done=ended", 303)
