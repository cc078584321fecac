"""How connected systems stand, written for the page of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from salesgauge.state.runs import Run
from salesgauge.timetable import Standing, standings
from salesgauge.web.page import Page


@dataclass(frozen=True)
class Stands:
    """A connection in words: its schedule as its file says it, when it was last read to the end, when it is read next, how the last reading
    went; `error` is what the system or the program said (in English), empty for who may not read it."""

    name: str
    kind: str
    schedule: str
    good: str
    following: str
    went: str
    error: str
    bad: bool


def connections(page: Page, *, counts: bool, errors: bool) -> list[Stands]:
    """How each connection stands; `counts`: with how many rows it brought, `errors`: with what was said where it failed."""
    now, desk = page.site.clock(), page.site.desk
    return [_stands(page, each, now, counts, errors) for each in standings(desk.folder, desk.settings.zone, page.site.runs(), now)]


def _stands(page: Page, each: Standing, now: datetime, counts: bool, errors: bool) -> Stands:
    words, last = page.words, each.told.last if each.told else None
    good = each.told.good if each.told else None
    following = "" if each.due is None else words.message("connection_now") if each.due <= now else words.instant(page.local(each.due))
    bad = bool(each.fault) or (last is not None and last.outcome not in ("done", None))
    return Stands(each.name, each.kind, each.schedule or words.message("connection_by_hand"),
                  words.instant(page.local(good.ended)) if good and good.ended else words.message("connection_never"), following,
                  words.message("connection_unreadable") if each.fault else _went(page, last, counts) if last else "",
                  (each.fault or (last.error if last else None) or "") if errors else "", bad)


def _went(page: Page, last: Run, counts: bool) -> str:
    words, at = page.words, page.local(last.ended or last.began)
    if last.outcome is None:
        return words.message("connection_running", at=at)
    if last.brought is None:
        return words.message(f"connection_{last.outcome}", at=at)
    if not counts:
        return words.message("connection_done")
    numbers = {name: words.number(getattr(last.brought, name)) for name in ("new", "changed", "gone", "aside")}
    return words.message("connection_brought", **numbers)
