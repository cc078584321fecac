"""A page about access: it needs no data of the workspace, and nobody need be signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from salesgauge.language import LANGUAGES, language
from salesgauge.state import Refusal, SignedIn
from salesgauge.web.access.browsers import browser_name
from salesgauge.web.access.guard import guard_of
from salesgauge.web.page import THEME_COOKIE, THEMES, spoken
from salesgauge.web.site import Site
from salesgauge.web.templates import environment

PLACES = (("people", "/administration/people"), ("log", "/administration/log"), ("tokens", "/administration/tokens"),
          ("access_rules", "/administration/rules"), ("import_files", "/data/import"))
DONE = ("saved", "password", "ended", "deactivated", "activated", "signed_out")  # what a page may be told was just done
STATUS = {"too_fast": 429, "sign_in": 401, "identity": 403, "provider": 502, "administrators_only": 403, "no_business": 403, "scope": 403,
          "no_person": 404, "no_session": 404, "no_token": 404, "no_view": 404, "link": 404,
          "tagged_by_source": 409, "no_reply": 409, "no_import": 404}


def status_of(refusal: Refusal) -> int:
    """The status of a refusal."""
    return STATUS.get(refusal.reason, 400)


class Screen:
    """One request for such a page: in whose words, for whom."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        self.session: SignedIn | None = guard_of(request).session(request)
        code = (self.session and self.session.person.language) or spoken(request, None)
        self.words = language(code)

    @property
    def theme(self) -> str:
        """light, dark, or auto (as the system says)."""
        chosen = self.session.person.theme if self.session else self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else THEMES[0]

    def at(self, instant: datetime | None) -> str:
        """An instant on the workspace's clock, in words; "never" where there is none."""
        if instant is None:
            return self.words.message("never")
        return self.words.instant(instant.astimezone(self.site.desk.settings.zone).replace(tzinfo=None))

    def browser(self, said: str) -> str:
        """What a browser is called that says so of itself."""
        return browser_name(said)

    def link(self, path: str) -> str:
        """The whole address of a path, as the browser reaches this server."""
        return str(self.request.base_url).rstrip("/") + path

    def render(self, template: str, /, status: int = 200, problem: Refusal | None = None, **model: Any) -> Response:
        """The page as its template writes it; with what was refused, and then of that status. It is not kept: it may hold a secret."""
        done = self.request.query_params.get("done", "")
        text = environment().get_template(f"access/{template}").render(
            screen=self, words=self.words, message=self.words.message, heading=self.words.heading, places=PLACES,
            person=self.session.person if self.session else None, languages=[(code, language(code).own_name) for code in LANGUAGES],
            problem=problem.said(self.words) if problem else None, done=done if done in DONE and problem is None else None, **model)
        return HTMLResponse(text, status_of(problem) if problem else status, {"cache-control": "no-store"})

    def attempt(self, deed: Callable[[], str], refused: Callable[[Refusal], Response]) -> Response:
        """Does something and goes on to the path that it gives; where it is refused, the page says why."""
        try:
            return RedirectResponse(deed(), 303)
        except Refusal as refusal:
            return refused(refusal)
