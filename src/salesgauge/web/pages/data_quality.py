"""The data: how fresh they are, what was loaded, what was set aside, what the doctor finds, which KPIs have no value and why.

How many rows the company has is for those who see all of them; so are the cells that were set aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.schema import TABLES
from salesgauge.store.doctor import Finding, diagnose, examine
from salesgauge.store.set_aside import Aside, counted, entries
from salesgauge.web.cards import notes, reason
from salesgauge.web.connections import connections
from salesgauge.web.page import Page, page
from salesgauge.workspace import Workspace

router = APIRouter()
PARTS = (("data", "/data"), ("rejects", "/data/rejects"), ("doctor", "/data/doctor"), ("kpis", "/data/kpis"),
         ("identity", "/data/identity"))
LINES = 50  # entries of a page of what was set aside


@dataclass(frozen=True)
class Held:
    """A table of the model: whether it is there, its rows and what the last load did, in words; empty where not to be seen."""

    name: str
    id: str
    present: bool
    rows: str
    own: str
    read: str
    new: str
    changed: str
    aside: str


@dataclass(frozen=True)
class Entry:
    """One row or cell that was set aside; `value` and `message` are empty for who does not see everything."""

    table: str
    file: str
    line: str
    column: str
    what: str
    reason: str
    value: str
    message: str


@dataclass(frozen=True)
class Found:
    """A finding of the doctor in words, with what it costs and what to do."""

    finding: str
    table: str
    count: str
    share: str
    examples: str
    kpis: tuple[tuple[str, str], ...]
    advice: str


@dataclass(frozen=True)
class Lacking:
    """A KPI without a value in the period, or with records set aside, and why."""

    name: str
    address: str
    why: tuple[str, ...]


def sees_counts(page: Page) -> bool:
    """Whether the visitor may know how many rows the whole company has, and how many were set aside."""
    return page.visitor.sees_everything


def sees_cells(page: Page) -> bool:
    """Whether the visitor may read what stood in cells: they may hold anything, names too."""
    return page.visitor.sees_everything and not page.visitor.nameless


def sees_identity(page: Page) -> bool:
    """Whether the visitor decides who is who in several systems (web/pages/identity.py)."""
    visitor = page.visitor
    return (visitor.person_id is not None and visitor.sees_everything and not visitor.nameless
            and (visitor.administers or visitor.role == "executive"))


def parts(page: Page, part: str) -> list[tuple[str, str, bool]]:
    """The pages about the data that the visitor has: what each is called, its address, and whether it is `part`."""
    return [(f"board_data_{name}", page.address(path), name == part) for name, path in PARTS if name != "identity" or sees_identity(page)]


def _render(page: Page, part: str, **model: Any) -> Response:
    return page.render(f"data_{part}.html", active="data", parts=parts(page, part), **model)


@router.get("/data")
def data_page(page: Annotated[Page, Depends(page)]) -> Response:
    """Freshness, and what each table holds."""
    fresh = page.freshness
    report = fresh.generation.report
    loaded = {each["table"]: each for each in report.get("tables", ())}
    return _render(page, "data", fresh=fresh, loaded_at=page.local(fresh.loaded_at), tables=[_held(page, name, loaded.get(name))
                                                                                             for name in TABLES],
                   counts=sees_counts(page), timezone=page.site.desk.settings.timezone,
                   ignored=[(name, why) for name, why in report.get("ignored", ())] if sees_counts(page) else [],
                   aside=fresh.generation.reject_rows,
                   connections=connections(page, counts=sees_counts(page), errors=sees_cells(page)))


def _held(page: Page, name: str, load: dict[str, Any] | None) -> Held:
    words, stored = page.words, page.freshness.generation.tables.get(name)
    if stored is None:
        return Held(words.table(name), name, False, "", "", "", "", "", "")
    counts = sees_counts(page)

    def number(key: str) -> str:
        return words.number(load[key]) if counts and load is not None else ""
    aside = sum(load["rows_aside"].values()) + sum(load["cells_aside"].values()) if load is not None else 0
    return Held(words.table(name), name, True, words.number(stored.rows) if counts else "", ", ".join(stored.extras), number("read"),
                number("new"), number("changed"), words.number(aside) if counts and load is not None else "")


@router.get("/data/rejects")
def rejects_page(page: Annotated[Page, Depends(page)], table: str = "", reason: str = "", start: int = 0) -> Response:
    """What the latest load of each table set aside: counted, and the entries of one table and reason (or all) a page at a time."""
    generation = page.freshness.generation
    with page.site.desk.workspace.reading() as con:
        counts = counted(con, generation) if sees_counts(page) else ()
        chosen = [c for c in counts if (not table or c.table == table) and (not reason or c.reason == reason)]
        whole = sum(c.count for c in chosen)
        first = max(0, min(start, max(0, whole - 1)) // LINES * LINES)
        found = entries(con, generation, table or None, reason or None, offset=first, limit=LINES) if counts else []
    return _render(
        page, "rejects", groups=[_group(page, each) for each in counts], whole=whole, first=first + 1, last=first + len(found),
        before=page.here(start=str(first - LINES)) if first else None,
        after=page.here(start=str(first + LINES)) if first + LINES < whole else None, entries=[_entry(page, each) for each in found],
        cells=sees_cells(page), chosen=bool(table or reason), everything=page.address("/data/rejects"), counts=sees_counts(page))


def _group(page: Page, each: Aside) -> tuple[str, str, str, str, str]:
    words = page.words
    return (words.table(each.table), words.fault(each.reason), words.term("whole_row" if each.whole else "single_cell"),
            words.number(each.count), page.address("/data/rejects", page.view, table=each.table, reason=each.reason))


def _entry(page: Page, each: Any) -> Entry:
    words, cells = page.words, sees_cells(page)
    return Entry(words.table(each["table"]), each["file"] or "", words.number(each["line"]), each["column"] or "",
                 words.term("whole_row" if each["whole"] else "single_cell"), words.fault(each["reason"]),
                 (each["value"] or "") if cells else "", (each["message"] or "") if cells else "")


@router.get("/data/doctor")
def doctor_page(page: Annotated[Page, Depends(page)]) -> Response:
    """What the data lack or contradict, and what that costs."""
    now = page.site.clock()
    found = findings(page.site.desk.workspace, page.freshness.generation.mark, now.replace(minute=0, second=0, microsecond=0))
    return _render(page, "doctor", findings=[_found(page, each) for each in found], counts=sees_counts(page))


@lru_cache(maxsize=8)
def findings(workspace: Workspace, generation: tuple[str, str | None], now: datetime) -> tuple[Finding, ...]:
    """What the doctor finds in the generation in force (of that mark), once per hour: it looks through every file and table."""
    with workspace.reading() as con:
        return (*examine(workspace.folder), *diagnose(con, workspace.generation(), workspace.settings, workspace.catalogue, now))


def _found(page: Page, each: Finding) -> Found:
    words = page.words
    counts = sees_counts(page) and each.key != "absent_table"
    return Found(
        words.finding(each.key), words.table(each.table) if each.table in TABLES else each.table or "",
        words.number(each.count) if counts else "", words.percent(each.share) if counts and each.share is not None else "",
        ", ".join(each.examples) if sees_cells(page) else "", tuple((words.kpi_name(kpi, kpi), page.opened(kpi)) for kpi in each.kpis),
        words.advice(each.key))


@router.get("/data/kpis")
def lacking_page(page: Annotated[Page, Depends(page)]) -> Response:
    """The KPIs that have no value in the period, and those with records set aside, among the rows of this visitor."""
    batch = page.batch()
    replies = [(kpi, batch.ask(page.query(kpi.id))) for kpi in page.site.desk.catalogue.values()]
    batch.run()
    words = page.words
    without, partial = [], []
    for kpi, reply in replies:
        aside = notes(page, reply.row, False)
        named = (words.kpi_name(kpi.id, kpi.id), page.opened(kpi.id))
        if reply.value is None:
            empty = words.message("board_no_cases") if reply.error is None else reason(page, kpi, reply)
            without.append(Lacking(*named, (empty, *aside)))
        elif aside:
            partial.append(Lacking(*named, aside))
    return _render(page, "kpis", without=without, partial=partial, known=len(replies) - len(without), whole=len(replies))
