"""The language and the look of the pages, chosen by whoever looks; kept in the browser."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from salesgauge.language.codes import known
from salesgauge.web.page import LANGUAGE_COOKIE, THEME_COOKIE, THEMES

router = APIRouter()
_YEAR = 365 * 86400


def local_path(address: str) -> str:
    """The address where it is a path of this site, else the start page: nobody is sent elsewhere by a link to here."""
    parts = urlsplit(address)
    sound = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return address if sound and address.isprintable() and "\\" not in address else "/"


@router.post("/preferences")
def prefer(request: Request, language: Annotated[str, Form()], theme: Annotated[str, Form()],
           next: Annotated[str, Form()] = "/") -> Response:
    """Keeps language and theme, and goes back to where they were chosen."""
    answer = RedirectResponse(local_path(next), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(LANGUAGE_COOKIE, known(language), max_age=_YEAR, secure=secure, httponly=True, samesite="lax")
    answer.set_cookie(THEME_COOKIE, theme if theme in THEMES else THEMES[0], max_age=_YEAR, secure=secure, httponly=True, samesite="lax")
    return answer
