"""The dependency of every route here: who calls, for what a token may be used, how often."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from salesgauge.language import language
from salesgauge.web.api.rates import Rates
from salesgauge.web.faults import Fault
from salesgauge.web.page import Page, SignInNeeded, spoken

QUESTIONS, RECORDS, CATALOGUE, VIEWS = "questions", "records", "catalogue", "views"


def caller(scope: str | None = None) -> Callable[[Request], Page]:
    """A dependency that gives the request of a caller who may use this scope: 401 for a stranger, 403 for a token that is for something
    else, 429 for who asks too much. A signed-in browser may use every scope."""
    def called(request: Request) -> Page:
        rates: Rates = request.app.state.rates
        try:
            page = Page(request)
        except SignInNeeded:
            rates.count_stranger(request)
            raise
        rates.count(request, page.visitor)
        if "accept-language" in request.headers:  # a program says what it wants; a person's own choice is for their pages
            page.words = language(spoken(request, None))
        scopes = page.visitor.scopes
        if scope is not None and scopes is not None and scope not in scopes:
            has = ", ".join(sorted(scopes)) or "none"
            raise Fault(403, "scope", f"this token is not for that: it needs the scope {scope} and has {has}",
                        {"www-authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'})
        return page
    return called
