"""The interface as one router under /api/v1, and its OpenAPI description."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response

from salesgauge import __version__
from salesgauge.web.api import about, definitions, questions, records, views
from salesgauge.web.api.models import Problem

ROOT = "/api/v1"
REFUSED = {
    400: "The question cannot be answered as it was asked.", 401: "Nobody is signed in, or the token does not hold.",
    403: "Not for this caller: the token lacks the scope, or another site sent the request.", 404: "There is no such thing.",
    409: "The cursor is of other data.", 413: "The request is too large.", 414: "The address is too long.",
    422: "A part of the request cannot be read; `errors` names it.", 429: "Too many requests: wait for Retry-After.",
    503: "No data were loaded yet, or the store or the engine cannot be read."}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_HEADERS = {
    "ETag": {"description": "A strong tag: send it as If-None-Match.", "schema": {"type": "string"}},
    "Link": {"description": 'rel="next": the next page.', "schema": {"type": "string"}}}
_RATES = {f"RateLimit-{name}": {"description": meaning, "schema": {"type": "integer"}} for name, meaning in (
    ("Limit", "Requests a minute."), ("Remaining", "What is left of them."), ("Reset", "Seconds until some are there again."))}

router = APIRouter(prefix=ROOT, responses={status: {"model": Problem, "description": why} for status, why in REFUSED.items()})
for part in (questions, records, definitions, views, about):
    router.include_router(part.router)


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description."""
    made = get_openapi(title="salesgauge", version=__version__, routes=router.routes, summary="What the pages show, for programs.",
                       description="Send a token (Authorization: Bearer sg_...), or be signed in. Answers hold what the caller may see and "
                                   "nothing else; errors are application/problem+json (RFC 9457).")
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    for path in made["paths"].values():
        for method, operation in path.items():
            operation["operationId"] = operation["operationId"].partition("_api_")[0]
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    answer["content"] = _PROBLEM
                answer["headers"] = {**_RATES, **(_HEADERS if status == "200" and method == "get" else {})}
            if method == "get":
                operation["responses"]["304"] = {"description": "The caller holds the present answer (If-None-Match)."}
    return made


@router.get("/openapi.json", include_in_schema=False)
def openapi() -> Response:
    """The OpenAPI description, for everybody."""
    return JSONResponse(description())
