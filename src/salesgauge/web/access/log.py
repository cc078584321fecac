"""Administration: the log, and the rules of access."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from salesgauge.state import Person, Refusal, SignedIn
from salesgauge.state.audit import ACTIONS, of_person
from salesgauge.state.rules import bounds
from salesgauge.web.access.guard import actor, administrator, guard_of, read_id
from salesgauge.web.access.screen import Screen

router = APIRouter(prefix="/administration")
By = Annotated[SignedIn, Depends(administrator)]


@router.get("/log")
def show_log(request: Request, by: By, person: str = "", action: str = "", subject: str = "", since: str = "", until: str = "",
             before: str = "") -> Response:
    """Shows the log, latest first; of a person, an action, a subject, some local days."""
    screen = Screen(request)
    subject = subject.strip() if subject.isprintable() else ""
    first, last = _day(since), _day(until)
    with guard_of(request).state.look() as unit:
        people = unit.accounts.all()
        found = unit.audit.page(
            person_id=read_id(person) or None, action=action if action in ACTIONS else None, subject=subject or None,
            since=_start(screen, first), until=_start(screen, None if last is None else last + timedelta(days=1)),
            before=read_id(before) or None)
    asked = {"person": person, "action": action, "subject": subject, "since": since, "until": until}
    older = f"/administration/log?{urlencode({k: v for k, v in asked.items() if v} | {'before': str(found.before)})}"
    return screen.render("log.html", lines=found.entries, older=older if found.before else None, people=people, actions=ACTIONS,
                         asked=asked, told=told, names=names_of(people))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9998 else None


def _start(screen: Screen, day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=screen.site.desk.settings.zone)


def names_of(people: Iterable[Person]) -> dict[str, str]:
    """What the subjects of lines that are about people are called."""
    return {of_person(person.id): person.name for person in people}


def told(detail: dict[str, Any]) -> str:
    """The details of a line as they were written down."""
    return json.dumps(detail, ensure_ascii=False) if detail else ""


def rules_page(request: Request, problem: Refusal | None = None) -> Response:
    """The form with every rule."""
    with guard_of(request).state.look() as unit:
        rules = unit.rules.now()
    return Screen(request).render("rules.html", problem=problem, rules=[(name, getattr(rules, name), limits) for name, limits in
                                                                        bounds().items()])


@router.get("/rules")
def show_rules(request: Request, by: By) -> Response:
    """Shows the rules of access."""
    return rules_page(request)


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


@router.post("/rules")
def set_rules(request: Request, by: By, filled: Annotated[dict[str, str], Depends(_form)]) -> Response:
    """Sets the rules of access; one that is on or off is off where the form does not say it."""
    chosen: dict[str, Any] = {name: filled.get(name) == "yes" if limits is None else filled.get(name, "")
                              for name, limits in bounds().items()}
    try:
        with guard_of(request).state.change() as unit:
            unit.rules.change(chosen, actor(request))
    except Refusal as refusal:
        return rules_page(request, refusal)
    return RedirectResponse("/administration/rules?done=saved", 303)
