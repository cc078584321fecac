"""/questions: KPIs and figures asked singly or in a batch, and the SQL that answers one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter
from fastapi.responses import JSONResponse, Response

from salesgauge.errors import BadQuery, QuestionError
from salesgauge.periods import pieces, read_instant, read_period
from salesgauge.store.names import NAMED, PERSONS
from salesgauge.web.api.caller import QUESTIONS, caller
from salesgauge.web.api.models import (
    APPROXIMATE,
    FIRST,
    MOST_DIMENSIONS,
    MOST_FIRST,
    MOST_QUESTIONS,
    Answers,
    Grain,
    Query,
    Statements,
    Text,
)
from salesgauge.web.api.tags import tag, tagged
from salesgauge.web.faults import Fault
from salesgauge.web.page import Page
from salesgauge.web.problems import status_of
from salesgauge.web.view import instant_text, page_instant

router = APIRouter(tags=["questions"])
MOST_PERIODS = 1500  # of one question
Asker = Annotated[Page, Depends(caller(QUESTIONS))]
Names = Annotated[bool, Parameter(description="Whether the names behind the ids in the answers are told too.")]


def asked(
        kpi: Annotated[Text, Parameter(description="The id of a KPI or figure.", examples=["win_rate"])],
        period: Annotated[Text, Parameter(description="2026, 2026-Q1, 2026-03, 2026-W07, 2026-03-14, 2026-01-01..2026-04-01 (end "
                                                      "exclusive), FY2026 or FY2026-Q1.", examples=["2026-Q1"])],
        grain: Annotated[Grain, Parameter(description="One row for each of these within the period.")] = Grain.TOTAL,
        by: Annotated[Sequence[Text], Parameter(
            max_length=MOST_DIMENSIONS, description="Dimensions to group by.", examples=[["team"]])] = (),
        where: Annotated[Sequence[Text], Parameter(
            max_length=100, description="DIMENSION=VALUE: only rows of that value (of one of them, where repeated). DIMENSION= is the "
                                        "empty value.", examples=[["team=North"]])] = (),
        as_of: Annotated[Text | None, Parameter(description="What was known then: an ISO 8601 instant, or a date. Without it: the "
                                                            "present.", examples=["2026-03-31"])] = None,
        approximate: Annotated[bool, Parameter(description=APPROXIMATE)] = False,
        first: Annotated[int | None, Parameter(ge=1, le=MOST_FIRST, description=FIRST, examples=[20])] = None) -> dict[str, Any]:
    """The question of an address, as a batch has it."""
    return plain({"kpi": kpi, "period": period, "grain": grain.value, "by": list(by), "where": _filters(where), "as_of": as_of,
                  "approximate": approximate, "first": first})


Asked = Annotated[dict[str, Any], Depends(asked)]


def plain(query: Mapping[str, Any]) -> dict[str, Any]:
    """A question in its canonical form: what says nothing is left out."""
    return {name: value for name, value in query.items() if value not in (None, [], {}, False) and (name, value) != ("grain", "total")}


def _filters(given: Sequence[str]) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for text in given:
        dimension, equals, value = text.partition("=")
        if not equals or not dimension:
            raise BadQuery(f"cannot read where {text!r}: write DIMENSION=VALUE, as team=North; DIMENSION= is the empty value")
        values = found.setdefault(dimension, [])
        if (value or None) not in values:
            values.append(value or None)
    return found


def settled(page: Page, query: Mapping[str, Any]) -> dict[str, Any]:
    """A question with its instant: the present where it names none or a later one (nobody sees the future). What cannot be read stays,
    for the workspace to say so. Fault where it is cut into too many periods."""
    now, settings = page_instant(page.site.clock(), page.freshness.loaded_at), page.site.desk.settings
    said = query.get("as_of")
    try:
        if said is None or read_instant(said, settings.zone) > now:
            said = instant_text(now)
        cut = pieces(read_period(query["period"], settings.fiscal_year_start), query.get("grain", "total"), settings.fiscal_year_start)
    except QuestionError:
        cut = []
    if len(cut) > MOST_PERIODS:
        raise Fault(400, "too_much", f"{query['period']} by {query['grain']} is {len(cut)} periods; ask for {MOST_PERIODS} at most at once")
    return {**query, **({} if said is None else {"as_of": said})}


def answers(page: Page, queries: Sequence[Mapping[str, Any]], named: bool) -> dict[str, Any]:
    """The answers, with the names of the ids in them where they are wanted."""
    found = page.answer(queries)
    return {"results": found, **({"names": _names(page, found)} if named else {})}


def _names(page: Page, found: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    ids: dict[str, set[str]] = {}
    for answer in found:
        for row in answer.get("rows", ()):
            for dimension, value in row["by"].items():
                if value is not None and dimension in NAMED and not (page.visitor.nameless and dimension in PERSONS):
                    ids.setdefault(dimension, set()).add(value)
    told = {dimension: page.site.names(NAMED[dimension], several) for dimension, several in ids.items()}
    return {dimension: {i: name for i in sorted(ids[dimension]) if (name := known[i]) is not None} for dimension, known in told.items()}


@router.get("/questions", response_model=Answers, response_model_exclude_unset=True)
def ask_one(page: Asker, query: Asked, names: Names = False) -> Response:
    """Asks one question. One that cannot be answered is an error of the request (404 for an unknown KPI, else 400)."""
    question = settled(page, query)

    def answered() -> dict[str, Any]:
        found = answers(page, [question], names)
        fault = found["results"][0].get("error")
        if fault is not None:
            raise Fault(status_of(fault["code"]), fault["code"], fault["message"])
        return found
    return tagged(page, tag(page, question, names), answered)


@router.post("/questions", response_model=Answers, response_model_exclude_unset=True)
def ask_several(request: Request, page: Asker, body: Query | Annotated[list[Query], Parameter(max_length=MOST_QUESTIONS)],
                names: Names = False) -> Response:
    """Asks a batch of questions (or one), answered together from the same data. One that cannot be answered gives its error in its place,
    and the others are answered. Each question counts against the limit of requests."""
    several = body if isinstance(body, list) else [body]
    if len(several) > 1:
        request.app.state.rates.count(request, page.visitor, len(several) - 1)
    queries = [settled(page, plain(each.model_dump(mode="json"))) for each in several]
    return JSONResponse(answers(page, queries, names))


@router.get("/sql", response_model=Statements)
def sql(page: Asker, query: Asked) -> Response:
    """The SQL that answers a question as this caller would get it, on the engine of the workspace (DuckDB)."""
    question = settled(page, query)
    workspace, viewer = page.site.desk, page.visitor.viewer
    return tagged(page, tag(page, question), lambda: {"kpi": question["kpi"], "sql": workspace.sql(question, viewer, figures=True)})
