"""Who is who in several systems: suggestions, what is merged, what was rejected, and deciding it; by forms, without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from salesgauge.identity import Identities, Standing
from salesgauge.schema import ENTITIES
from salesgauge.state.verdicts import Decision
from salesgauge.state.views import is_local
from salesgauge.store.identity.groups import Group
from salesgauge.store.identity.suggesting import Record, Suggestion
from salesgauge.web.api.people import actor_of, state_of
from salesgauge.web.faults import Fault
from salesgauge.web.opened.writing import column_title
from salesgauge.web.page import Page, page
from salesgauge.web.pages.data_quality import parts
from salesgauge.web.pages.data_quality import sees_identity as sees

router = APIRouter()
HERE = "/data/identity"
SHOWS = ("suggested", "joined", "apart")
LINES = 20  # suggestions, groups or rejections of a page


@dataclass(frozen=True)
class Side:
    """A record as it is shown: its id, what it is called and where it comes from."""

    id: str
    name: str
    system: str


@dataclass(frozen=True)
class Pair:
    """A suggestion or a rejection: both records, `why` in words (of a rejection who decided it), and what each says of every attribute that
    one of them has."""

    left: Side
    right: Side
    score: str
    why: tuple[str, ...]
    attributes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Joined:
    """A group: its records, each with how it came to it."""

    members: tuple[tuple[Side, str], ...]


def identities(page: Page) -> Identities:
    """The deciding of this server; Fault where the visitor is none of those who decide."""
    state = state_of(page)
    if state is None or not sees(page):
        raise Fault(HTTPStatus.FORBIDDEN, "identity_forbidden", page.words.message("error_identity_forbidden"))
    app = page.request.app
    if not hasattr(app.state, "identities"):
        app.state.identities = Identities(page.site.desk.workspace, state)
    found = app.state.identities
    assert isinstance(found, Identities)
    return found


@router.get(HERE)
def identity_page(page: Annotated[Page, Depends(page)], entity: str = "accounts", show: str = "suggested", q: str = "",
                  start: int = 0) -> Response:
    """The suggestions, groups or rejections of an entity, those that a text finds, a page at a time. 403 for who does not decide."""
    deciding = identities(page)
    entity, show = entity if entity in ENTITIES else "accounts", show if show in SHOWS else SHOWS[0]
    standing = deciding.standing(entity)
    found = [each for each in _of(standing, show) if _matches(each, q.strip().casefold(), standing)]
    first = max(0, min(start, max(0, len(found) - 1)) // LINES * LINES)
    lines = found[first:first + LINES]
    rows = deciding.rows(entity, {name for each in lines for name in _ids(each)})
    counts = [(each, page.here(show=each, start=None), page.words.number(len(_of(standing, each))), each == show) for each in SHOWS]
    return page.render(
        "data_identity.html", active="data", parts=parts(page, "identity"), entity=entity, show=show, q=q, shows=counts, standing=standing,
        entities=[(each, page.here(entity=each, start=None, q=None), each == entity) for each in ENTITIES],
        pairs=[_pair(page, entity, each, standing, rows) for each in lines if not isinstance(each, Group)],
        groups=[_joined(page, each, standing) for each in lines if isinstance(each, Group)],
        whole=len(found), first=first + 1, last=first + len(lines), here=page.here(),
        before=page.here(start=str(first - LINES)) if first else None,
        after=page.here(start=str(first + LINES)) if first + LINES < len(found) else None)


@router.post(HERE)
def decide(page: Annotated[Page, Depends(page)], entity: Annotated[str, Form()] = "", left: Annotated[str, Form()] = "",
           right: Annotated[str, Form()] = "", verdict: Annotated[str, Form()] = "", back: Annotated[str, Form(alias="next")] = HERE,
           ) -> Response:
    """Decides of two records (same, apart or open), and goes back to the page. 403 for who does not decide, Refusal for what cannot be."""
    identities(page).decide(entity, left, right, verdict, actor_of(page))
    page.site.noted()
    return RedirectResponse(back if is_local(back) else HERE, HTTPStatus.SEE_OTHER)


@router.post(f"{HERE}/part")
def part(page: Annotated[Page, Depends(page)], entity: Annotated[str, Form()] = "", name: Annotated[str, Form(alias="id")] = "",
         back: Annotated[str, Form(alias="next")] = HERE) -> Response:
    """Takes a record out of its group, and goes back to the page."""
    identities(page).part(entity, name, actor_of(page))
    page.site.noted()
    return RedirectResponse(back if is_local(back) else HERE, HTTPStatus.SEE_OTHER)


def _of(standing: Standing, show: str) -> Sequence[Suggestion | Group | Decision]:
    return standing.suggested if show == "suggested" else standing.groups if show == "joined" else standing.apart


def _ids(each: Suggestion | Group | Decision) -> tuple[str, ...]:
    match each:
        case Group():
            return tuple(member.id for member in each.members)
        case Suggestion():
            return each.left.id, each.right.id
    return each.left, each.right


def _matches(each: Suggestion | Group | Decision, wanted: str, standing: Standing) -> bool:
    if not wanted:
        return True
    named = [(name, standing.records.get(name)) for name in _ids(each)]
    return any(wanted in f"{name} {record.name or '' if record else ''}".casefold() for name, record in named)


def _side(page: Page, name: str, record: Record | None) -> Side:
    if record is None:
        return Side(name, "", page.words.message("identity_gone"))
    return Side(name, record.name or "", record.system or page.words.message("identity_files"))


def _pair(page: Page, entity: str, each: Suggestion | Decision | Group, standing: Standing, rows: Mapping[str, Mapping[str, Any]]) -> Pair:
    left, right = _ids(each)
    words = page.words
    score, why = "", []
    if isinstance(each, Suggestion):
        score = words.message("identity_score", share=words.percent(each.score, 0))
        why += [words.message("identity_by_name", share=words.percent(each.alike, 0))] if each.alike else []
        why += [words.message(f"identity_by_{kind}", value=value) for kind, value in each.keys]
        why += [words.message("identity_tax_differs")] if each.differs else []
    elif isinstance(each, Decision):
        why.append(words.message("identity_by", name=each.name or words.message("identity_console"), at=words.instant(page.local(each.at))))
    first, second = rows.get(left, {}), rows.get(right, {})
    own = ENTITIES[entity].id
    attributes = tuple((column_title(page, column, entity), _text(page, first.get(column)), _text(page, second.get(column)))
                       for column in dict.fromkeys((*first, *second)) if column not in (own, "name"))
    one, other = (_side(page, name, standing.records.get(name)) for name in (left, right))
    return Pair(one, other, score, tuple(why), attributes)


def _joined(page: Page, group: Group, standing: Standing) -> Joined:
    words = page.words
    return Joined(tuple((_side(page, member.id, standing.records.get(member.id)),
                         words.message(f"identity_how_{member.how}" if member.how else "identity_main")) for member in group.members))


def _text(page: Page, value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return page.words.instant(page.local(value.replace(tzinfo=page.site.clock().tzinfo)))
        case date():
            return page.words.date(value)
    return str(value)
