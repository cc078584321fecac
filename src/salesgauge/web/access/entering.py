"""Coming in and going out: sign-in, the links of the first start, of an invitation and of a forgotten password, sign-out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from salesgauge.state import Entered, Refusal
from salesgauge.state.passwords import LEAST
from salesgauge.web.access.guard import actor, comer, guard_of, let_in, let_out
from salesgauge.web.access.screen import Screen
from salesgauge.web.pages.preferences import keep, local_path

router = APIRouter()
Text = Annotated[str, Form()]


def entered(request: Request, come: Entered, path: str) -> Response:
    """Goes on as somebody who has just come in: with a new session, and in their language and theme."""
    answer = RedirectResponse(path, 303)
    let_in(request, answer, come.secret)
    if come.person.language is not None:
        keep(request, answer, come.person.language, come.person.theme)
    return answer


def sign_in_page(request: Request, next: str, email: str = "", problem: Refusal | None = None) -> Response:
    """The page with the form for e-mail and password."""
    with guard_of(request).state.look() as unit:
        nobody = unit.accounts.none_yet()
    provider = request.app.state.provider
    return Screen(request).render("sign_in.html", problem=problem, nobody=nobody, next=local_path(next), email=email,
                                  provider=provider.name if provider else None)


@router.get("/sign-in")
def ask(request: Request, next: str = "/") -> Response:
    """Asks who it is; who is signed in already goes on."""
    if guard_of(request).session(request) is not None:
        return RedirectResponse(local_path(next), 303)
    return sign_in_page(request, next)


@router.post("/sign-in")
def sign_in(request: Request, email: Text = "", password: Text = "", next: Text = "/") -> Response:
    """Signs in, and goes on to where somebody wanted to go."""
    guard = guard_of(request)
    try:
        come = guard.state.entrance.by_password(email, password, comer(request))
    except Refusal as refusal:
        return sign_in_page(request, next, email, refusal)
    session = guard.session(request)
    if session is not None:  # the one that this browser had before
        with guard.state.change() as unit:
            unit.sessions.end(session.id, session.person.id, actor(request))
    return entered(request, come, local_path(next))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """Ends the session of this browser."""
    guard = guard_of(request)
    session = guard.session(request)
    if session is not None:
        with guard.state.change() as unit:
            unit.sessions.end(session.id, session.person.id, actor(request), "sign_out")
    answer = RedirectResponse("/sign-in?done=signed_out", 303)
    let_out(request, answer)
    return answer


def link_page(request: Request, secret: str, email: str = "", name: str = "", problem: Refusal | None = None) -> Response:
    """The form of a link, after what it is for; Refusal where the link does not hold."""
    with guard_of(request).state.look() as unit:
        link = unit.links.find(secret)
    if link.person is not None:
        email, name = link.person.email, name or link.person.name
    return Screen(request).render("link.html", problem=problem, purpose=link.purpose.value, email=email, name=name, least=LEAST)


@router.get("/enter/{secret}")
def open_link(request: Request, secret: str) -> Response:
    """Shows what a link is for; looking does not spend it."""
    return link_page(request, secret)


@router.post("/enter/{secret}")
def use_link(request: Request, secret: str, password: Text = "", email: Text = "", name: Text = "") -> Response:
    """Sets up the first account, or sets a person's password; spends the link and signs in."""
    guard = guard_of(request)
    with guard.state.look() as unit:
        link = unit.links.find(secret)
    try:
        if link.person is None:
            come = guard.state.entrance.set_up(secret, email, name, password, comer(request))
        else:
            come = guard.state.entrance.by_link(secret, password, comer(request), name=name or None)
    except Refusal as refusal:
        if refusal.reason == "link":  # it was used meanwhile
            raise
        return link_page(request, secret, email, name, refusal)
    return entered(request, come, "/")
