"""/records: the very rows behind a number, page by page."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi import Query as Parameter
from fastapi.responses import Response

from salesgauge.errors import BadQuery
from salesgauge.web.api.caller import RECORDS, caller
from salesgauge.web.api.models import Records, Side, Text
from salesgauge.web.api.opened import open_page
from salesgauge.web.api.people import note
from salesgauge.web.api.questions import Asked, settled
from salesgauge.web.api.tags import tag, tagged
from salesgauge.web.faults import Fault
from salesgauge.web.page import Page

router = APIRouter(tags=["records"])
MOST_ROWS = 500
Reader = Annotated[Page, Depends(caller(RECORDS))]


@router.get("/records", response_model=Records)
def records(page: Reader, query: Asked, side: Annotated[Side, Parameter(description="Which side's rows.")] = Side.NUMERATOR,
            search: Annotated[Text, Parameter(description="Only rows that hold this text somewhere.")] = "",
            sort: Annotated[Text | None, Parameter(description="One of `columns`.")] = None,
            descending: Annotated[bool, Parameter(description="The greatest first.")] = False,
            limit: Annotated[int, Parameter(ge=1, le=MOST_ROWS, description="How many rows a page has.")] = 50,
            cursor: Annotated[Text | None, Parameter(description="Where to go on: `next` of the page before.")] = None) -> Response:
    """The rows behind one side of a question, in pages. Follow `next` or the Link header to read on: they hold the instant of the first
    page, so that all pages are of one answer; where the data were replaced meanwhile, the cursor is refused (409)."""
    question = settled(page, query)
    mark = _mark(page, question, side, search, sort, descending)
    offset = _offset(cursor, mark)

    def opened() -> dict[str, Any]:
        note(page, "records_view", f"records:{question['kpi']}", side=side.value, question=question)
        found = open_page(page, question, side.value, search=search, sort=sort, descending=descending, offset=offset, limit=limit)
        following = f"{offset + limit}.{mark}" if offset + limit < found["matching"] else None
        return {"kpi": question["kpi"], "side": side.value, "as_of": question["as_of"], **found, "next": following}
    links = page.site.desk.connections_mark()
    return tagged(page, tag(page, question, side, search, sort, descending, limit, offset, links), opened,
                  lambda content: _address(page, question["as_of"], content["next"]) if content["next"] else None)


def _mark(page: Page, *said: Any) -> str:
    """A mark of the answer that a cursor goes on in."""
    whole = repr((page.freshness.generation.name, page.visitor.viewer, page.visitor.nameless, said))
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _offset(cursor: str | None, mark: str) -> int:
    if cursor is None:
        return 0
    number, dot, of = cursor.partition(".")
    if not dot or not number.isascii() or not number.isdigit() or len(number) > 12:
        raise BadQuery("cannot read cursor: it is `next` of the page before, as it stands there")
    if of != mark:
        raise Fault(409, "cursor", "this cursor is of another question, or the data were replaced meanwhile: begin again without it")
    return int(number)


def _address(page: Page, as_of: str, cursor: str) -> str:
    kept = [(name, value) for name, value in page.request.query_params.multi_items() if name not in ("cursor", "as_of")]
    return f"{page.request.url.path}?{urlencode([*kept, ('as_of', as_of), ('cursor', cursor)])}"
