"""Answers with a strong entity tag: whoever holds the present one is told so (304) before anything is computed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.responses import JSONResponse, Response

from salesgauge.web.page import Page

_VARY = ("Authorization", "Accept-Language")


def tag(page: Page, *said: Any) -> str:
    """The entity tag of what depends on the data, the definitions, who asks, in which language, and what was said."""
    workspace = page.site.desk
    whole = (page.freshness.generation.name, page.freshness.loaded_at, workspace.code, workspace.settings, page.visitor, page.words.code,
             page.request.url.path, said)
    return _quoted(page, repr(whole).encode())


def tagged(page: Page, mark: str, make: Callable[[], Mapping[str, Any]],
           next_page: Callable[[Mapping[str, Any]], str | None] = lambda content: None) -> Response:
    """What `make` gives, as JSON with its tag, and a link to the next page where there is one; 304 where the caller holds it."""
    if _holds(page, mark):
        return _with(Response(status_code=304), mark)
    content = make()
    answer, address = _with(JSONResponse(content), mark), next_page(content)
    if address is not None:
        answer.headers["link"] = f'<{address}>; rel="next"'
    return answer


def by_content(page: Page, content: Mapping[str, Any]) -> Response:
    """A small answer, tagged by what it says."""
    mark = _quoted(page, json.dumps(content, sort_keys=True).encode())
    return tagged(page, mark, lambda: content)


def _quoted(page: Page, content: bytes) -> str:
    coding = "z" if "gzip" in page.request.headers.get("accept-encoding", "") else ""  # a compressed answer is another one
    return f'"{hashlib.sha256(content).hexdigest()[:32]}{coding}"'


def _holds(page: Page, mark: str) -> bool:
    held = [each.strip().removeprefix("W/") for each in page.request.headers.get("if-none-match", "").split(",")]
    return mark in held or "*" in held


def _with(answer: Response, mark: str) -> Response:
    answer.headers["etag"] = mark
    answer.headers["vary"] = ", ".join(_VARY)
    return answer
