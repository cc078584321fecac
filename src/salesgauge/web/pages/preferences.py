"""The language and the look of the pages, chosen by whoever looks; kept in the browser, and for whoever is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from salesgauge.language.codes import known
from salesgauge.state.views import is_local
from salesgauge.web.page import LANGUAGE_COOKIE, THEME_COOKIE, THEMES

router = APIRouter()
_YEAR = 365 * 86400


def local_path(address: str) -> str:
    """The address where it is a path of this site, else the start page: nobody is sent elsewhere by a link to here."""
    return address if is_local(address) else "/"


def keep(request: Request, answer: Response, language: str | None, theme: str) -> None:
    """Keeps a language (None: as the browser says) and a theme in the browser."""
    secure = request.url.scheme == "https"
    if language is None:
        answer.delete_cookie(LANGUAGE_COOKIE, secure=secure, httponly=True, samesite="lax")
    else:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, secure=secure, httponly=True, samesite="lax")
    answer.set_cookie(THEME_COOKIE, theme, max_age=_YEAR, secure=secure, httponly=True, samesite="lax")


@router.post("/preferences")
def prefer(request: Request, language: Annotated[str, Form()], theme: Annotated[str, Form()],
           next: Annotated[str, Form()] = "/") -> Response:
    """Keeps language and theme, and goes back to where they were chosen."""
    language, theme = known(language), theme if theme in THEMES else THEMES[0]
    request.app.state.site.remember(request, language, theme)
    answer = RedirectResponse(local_path(next), 303)
    keep(request, answer, language, theme)
    return answer
