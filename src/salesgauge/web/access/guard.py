"""Who asks: by the session of a browser, or by the token of a program; and what is not for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from salesgauge.state import Actor, Home, Person, Refusal, Role, SignedIn, State, viewer_of
from salesgauge.state import Visitor as Comer
from salesgauge.state.person import OF_A_REP
from salesgauge.state.tokens import PREFIX
from salesgauge.web.access.reps import Reps
from salesgauge.web.page import SignInNeeded
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace

API = "/api/"
COOKIE = "session"
OWN = ("/account", "/administration", "/preferences", "/sign-out")  # what is there for those who see no figures
_HOMES = {Home.AE: "rep", Home.SDR: "sdr", Home.AM: "am", Home.FIELD: "field"}
_ABSENT = object()


class Guard:
    """Says of each request who asks. One per server; kept as `app.state.guard`."""

    def __init__(self, state: State, workspace: Workspace) -> None:
        self.state = state
        self.reps = Reps(workspace)
        self._personal = frozenset(workspace.settings.personal)

    def session(self, request: Request) -> SignedIn | None:
        """The session that the request's browser has, where it holds; looked up once a request."""
        found = getattr(request.state, "session", _ABSENT)
        if found is _ABSENT:
            secret = request.cookies.get(cookie_name(request))
            found = request.state.session = self.state.entrance.recognise(secret) if secret else None
        assert found is None or isinstance(found, SignedIn)
        return found

    def who(self, request: Request) -> Visitor | None:
        """Who asks; None: nobody who is signed in.

        A program's token works under /api/ only, and its scopes go along (web/api/caller.py refuses what they are not for); an
        administrator's session is good for the pages about people only (Refusal).
        """
        path = request.url.path
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if path.startswith(API) and scheme.casefold() == "bearer":
            return self._by_token(secret.strip())
        session = self.session(request)
        if session is None:
            return None
        if not session.person.sees_business and not path.startswith(OWN):
            raise Refusal("no_business")
        return self._visitor(session.person)

    def _by_token(self, secret: str) -> Visitor | None:
        token = self.state.entrance.recognise_token(secret) if secret.startswith(PREFIX) else None
        if token is None:
            return None
        if not token.person.sees_business:
            raise Refusal("no_business")
        return replace(self._visitor(token.person), scopes=frozenset(token.scopes))

    def _visitor(self, person: Person) -> Visitor:
        with self.state.look() as unit:
            rules = unit.rules.now()
        viewer, rep = viewer_of(person), self.reps.one_of(person.rep_id)
        viewer = replace(viewer, rep_id=self.reps.one_of(viewer.rep_id))
        return Visitor(person.name, person.role, self.home(person), viewer, rep_id=rep, language=person.language,
                       theme=person.theme, nameless=person.names_hidden,
                       personal=self._personal if person.names_hidden else frozenset(), person_id=person.id, administers=person.administers,
                       team_totals=rules.team_totals and person.role in OF_A_REP, smallest_group=rules.smallest_group)

    def home(self, person: Person) -> str:
        """The home page of a person: by their role; of a rep, the one they chose or that of the rep's role in the table reps."""
        if person.role is Role.MANAGER:
            return "manager"
        if person.role is not Role.REP:
            return "executive"
        return _HOMES[person.home or self.reps.home(person.rep_id)]

    def remember(self, request: Request, language: str, theme: str) -> None:
        """Keeps a language and a theme for whoever is signed in."""
        session = self.session(request)
        if session is not None:
            with self.state.change() as unit:
                unit.accounts.set_preferences(session.person.id, actor(request), language=language, theme=theme)


def guard_of(request: Request) -> Guard:
    """The server's guard."""
    guard = request.app.state.guard
    assert isinstance(guard, Guard)
    return guard


def signed_in(request: Request) -> SignedIn:
    """The session of the request (a dependency); SignInNeeded where nobody is signed in."""
    session = guard_of(request).session(request)
    if session is None:
        raise SignInNeeded(request.url.path)
    return session


def administrator(request: Request) -> SignedIn:
    """The session of the request, of somebody who administers (a dependency); Refusal for anybody else."""
    session = signed_in(request)
    if not session.person.administers:
        raise Refusal("administrators_only")
    return session


def address_of(request: Request) -> str:
    """The address that a request came from."""
    return request.client.host if request.client else ""


def comer(request: Request) -> Comer:
    """Where an attempt to come in is from."""
    return Comer(address_of(request), request.headers.get("user-agent", ""))


def actor(request: Request) -> Actor:
    """Who does what the request asks for, for the log."""
    session = guard_of(request).session(request)
    return Actor(session.person.id if session else None, address_of(request))


def record(request: Request, visitor: Visitor, action: str, subject: str, **detail: Any) -> None:
    """Writes into the log that a visitor saw or changed something (records_view, records_export, data_load)."""
    if visitor.person_id is not None:
        with guard_of(request).state.change() as unit:
            unit.audit.record(Actor(visitor.person_id, address_of(request)), action, subject, **detail)


def cookie_name(request: Request) -> str:
    """The name of the session's cookie; over https one that no other site of the domain can set."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def let_in(request: Request, answer: Response, secret: str) -> None:
    """Gives the browser the secret of its session: not for scripts, not for other sites, over https only where it is."""
    with guard_of(request).state.look() as unit:
        days = unit.rules.now().session_days
    answer.set_cookie(cookie_name(request), secret, max_age=days * 86400, secure=request.url.scheme == "https", httponly=True,
                      samesite="lax")


def let_out(request: Request, answer: Response) -> None:
    """Takes the session's secret from the browser."""
    answer.delete_cookie(cookie_name(request), secure=request.url.scheme == "https", httponly=True, samesite="lax")


def read_id(text: str) -> int:
    """The number in an address; 0, which nothing has, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
