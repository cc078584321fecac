"""My account: name, language, theme, password, sessions, API tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from salesgauge.state import Home, Refusal, Role, Scope, SignedIn, Theme
from salesgauge.web.access.entering import Text
from salesgauge.web.access.guard import actor, address_of, guard_of, let_in, read_id, signed_in
from salesgauge.web.access.screen import Screen
from salesgauge.web.pages.preferences import keep

router = APIRouter(prefix="/account")
Mine = Annotated[SignedIn, Depends(signed_in)]
_DAYS = 90  # what the form for a token proposes


def account_page(request: Request, session: SignedIn, problem: Refusal | None = None, secret: str | None = None) -> Response:
    """The page; with the secret of a token that was just made."""
    guard = guard_of(request)
    with guard.state.look() as unit:
        person = unit.accounts.get(session.person.id)
        sessions, tokens, rules = unit.sessions.of(person.id), unit.tokens.of(person.id), unit.rules.now()
        now = unit.now
    return Screen(request).render(
        "account.html", problem=problem, sessions=sessions, current=session.id, tokens=tokens, secret=secret, now=now, scopes=tuple(Scope),
        themes=tuple(Theme), homes=tuple(Home) if person.role is Role.REP else (), days=min(_DAYS, rules.token_days),
        most_days=rules.token_days, mine=person)


@router.get("")
def show(request: Request, session: Mine) -> Response:
    """Shows one's account."""
    return account_page(request, session)


@router.post("/profile")
def set_profile(request: Request, session: Mine, name: Text = "", language: Text = "", theme: Text = "", home: Text = "") -> Response:
    """Sets name, language, theme and home page."""
    try:
        with guard_of(request).state.change() as unit:
            person = unit.accounts.set_preferences(session.person.id, actor(request), name=name, language=language, theme=theme,
                                                   home=home)
    except Refusal as refusal:
        return account_page(request, session, refusal)
    answer = RedirectResponse("/account?done=saved", 303)
    keep(request, answer, person.language, person.theme)
    return answer


@router.post("/password")
def set_password(request: Request, session: Mine, current: Text = "", new: Text = "") -> Response:
    """Sets another password; the other sessions end, and this one gets another secret."""
    try:
        secret = guard_of(request).state.entrance.change_password(session, current, new, address_of(request))
    except Refusal as refusal:
        return account_page(request, session, refusal)
    answer = RedirectResponse("/account?done=password", 303)
    let_in(request, answer, secret)
    return answer


@router.post("/sessions/end-others")
def end_others(request: Request, session: Mine) -> Response:
    """Ends all other sessions."""
    with guard_of(request).state.change() as unit:
        unit.sessions.end_all(session.person.id, actor(request), keep=session.id)
    return RedirectResponse("/account?done=ended", 303)


@router.post("/sessions/{number}/end")
def end_session(request: Request, session: Mine, number: str) -> Response:
    """Ends one of one's sessions."""
    with guard_of(request).state.change() as unit:
        unit.sessions.end(read_id(number), session.person.id, actor(request))
    return RedirectResponse("/account?done=ended", 303)


@router.post("/tokens")
def make_token(request: Request, session: Mine, scopes: Annotated[list[str], Form(default_factory=list)], name: Text = "",
               days: Text = "") -> Response:
    """Makes an API token and shows its secret, this once."""
    try:
        with guard_of(request).state.change() as unit:
            secret = unit.tokens.make(session.person.id, name, scopes, read_id(days), actor(request))[1]
    except Refusal as refusal:
        return account_page(request, session, refusal)
    return account_page(request, session, secret=secret)


@router.post("/tokens/{number}/end")
def end_token(request: Request, session: Mine, number: str) -> Response:
    """Ends one of one's tokens."""
    with guard_of(request).state.change() as unit:
        unit.tokens.end(read_id(number), actor(request), session.person.id)
    return RedirectResponse("/account?done=ended", 303)
