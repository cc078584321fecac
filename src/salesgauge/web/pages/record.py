"""The page of one record: of a deal, lead, account or rep with its timeline, of any other record what it says."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import Response

from salesgauge.errors import BadQuery
from salesgauge.schema import TABLES
from salesgauge.store.timeline import SUBJECTS, Timeline
from salesgauge.web.api.people import note
from salesgauge.web.dossier import counted, fields, line, title
from salesgauge.web.opened.lineage import Came, came, origins
from salesgauge.web.opened.writing import learn
from salesgauge.web.page import Page, page
from salesgauge.web.tagging import taggings
from salesgauge.web.view import instant_text

router = APIRouter()

EVENTS = 50  # of a page


@router.get("/records/{table}/{name:path}")
def record(table: str, name: str, page: Annotated[Page, Depends(page)], start: Annotated[str, Query(alias="from")] = "",
           part: str = "") -> Response:
    """The page of a record; 404 where there is none or it is not for this visitor to see, which look alike. `part=kpis` also tells where
    it counts."""
    first = _place(start)
    told = _timeline(page, table, name, first) if table in SUBJECTS else None
    row = told.row if told else _row(page, table, name)
    if row is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, page.words.message("record_absent"))
    note(page, "records_view", f"record:{table}", record=name)
    learn(page, [{"table": table, "id": name, "row": row},
                 *({"table": e.table, "id": e.id, "row": e.row} for e in (told.entries if told else ()))])
    tags = taggings(page, [row] if table == "activities" else [e.row for e in told.entries if e.table == "activities"] if told else [])
    return page.render(
        "record.html", active="", kind=page.words.table(table), table=table, name=title(page, table, name, row), key=name,
        fields=fields(page, table, name, row), origin=_origin(page, table, name), count=told.count if told else 0,
        lines=[line(page, entry, name, tags) for entry in told.entries] if told else [],
        tagging=tags.get(name) if table == "activities" else None, has_timeline=told is not None,
        counted=counted(page, table, name) if part == "kpis" else None, home=table == "reps" and page.address(f"/reps/{name}/home"),
        before=page.here(**{"from": str(max(0, first - EVENTS)) if first > EVENTS else None}) if first else None,
        after=page.here(**{"from": str(first + EVENTS)}) if told and first + EVENTS < told.count else None)


def _timeline(page: Page, table: str, name: str, start: int) -> Timeline | None:
    return page.site.desk.timeline(table, name, page.visitor.viewer, instant_text(page.view.instant), newest_first=True, offset=start,
                                        limit=EVENTS)


def _row(page: Page, table: str, name: str) -> dict[str, object] | None:
    if table not in TABLES or table in SUBJECTS:
        return None
    return page.site.desk.record(table, name, page.visitor.viewer, instant_text(page.view.instant))


def _origin(page: Page, table: str, name: str) -> Came | None:
    """Where the record came from; None where that is not known."""
    (found,) = origins(page, [{"table": table, "id": name}])
    return None if found is None or found.load is None else came(page, found)


def _place(text: str) -> int:
    """The place of the first event that is listed."""
    if text and not (text.isdecimal() and text.isascii() and len(text) < 10):
        raise BadQuery(f"a timeline cannot begin at {text!r}: from is a whole number, as in from=100", "no_place", text=text)
    return int(text or 0)
