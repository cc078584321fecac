"""A record and the events of its timeline, written for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from salesgauge.schema import LOCAL, TABLES
from salesgauge.store.timeline import Entry
from salesgauge.web.nameless import without_names
from salesgauge.web.opened.asking import Record
from salesgauge.web.opened.writing import Cell, cell, column_title, record_cell
from salesgauge.web.page import Page
from salesgauge.web.tagging import Tagging

# What is worth saying of an event beside what it is and when: columns of its row, in this order.
_WORTH = {
    "leads": ("channel", "owner_id"), "opportunities": ("amount", "kind", "outcome", "loss_reason", "competitor", "owner_id"),
    "stage_changes": ("stage", "amount", "closes_on", "forecast_category"),
    "activities": ("kind", "direction", "status", "sentiment", "contact_role", "purpose", "rep_id"), "documents": ("kind",),
    "orders": ("channel", "location_id", "rep_id"), "contracts": ("total_value", "starts_on", "ends_on", "product_id", "rep_id"),
    "forecasts": ("amount", "category", "starts_on", "ends_on"), "survey_responses": ("survey", "score", "comment"),
}
_OF_EVENT = {"deal_created": ("amount", "kind", "owner_id"), "lead_qualified": ("owner_id",), "lead_converted": ("opportunity_id",)}


@dataclass(frozen=True)
class Field:
    """What a record has in a column."""

    title: str
    cell: Cell


@dataclass(frozen=True)
class Line:
    """An event: when, what, the record that tells it, what is worth saying of it, and how it is tagged (None: not here)."""

    at: str
    what: str
    record: Cell
    details: tuple[Cell, ...]
    tagging: Tagging | None = None


def _record(page: Page, table: str, name: str, row: Mapping[str, Any]) -> Record:
    shown = without_names(table, row, page.visitor.personal) if page.visitor.nameless else dict(row)
    return {"table": table, "id": name, "contribution": 0, "row": shown}


def title(page: Page, table: str, name: str, row: Mapping[str, Any]) -> str:
    """What a record is called: its name, else its id, with the account that it is of."""
    called = record_cell(page, _record(page, table, name, row)).text
    account = row.get("account_id")
    return f"{page.label('account', account)} · {called}" if account and table != "accounts" else called


def fields(page: Page, table: str, name: str, row: Mapping[str, Any]) -> Sequence[Field]:
    """Everything that a record says, as far as this visitor may see it; a local time stands for its instant."""
    record = _record(page, table, name, row)
    told = [c for c, value in record["row"].items() if value is not None and c + LOCAL not in record["row"] and c != TABLES[table].key[0]]
    return [Field(column_title(page, c, table), cell(page, record, c)) for c in told]


def line(page: Page, entry: Entry, subject: str, tags: Mapping[str, Tagging]) -> Line:
    """An event of the timeline of the record with the id `subject`; `tags` are those of replies."""
    record, words = _record(page, entry.table, entry.id, entry.row), page.words
    worth = _OF_EVENT.get(entry.event, _WORTH[entry.table])
    cells = [cell(page, record, c) for c in worth if record["row"].get(c) is not None and record["row"][c] != subject]
    timed = entry.at.time() != time.min or isinstance(entry.row.get(_instant_of(entry)), datetime)
    return Line(words.instant(entry.at) if timed else words.date(entry.at.date()), words.message(f"event_{entry.event}"),
                _named(page, record, subject), tuple(cells), tags.get(entry.id) if entry.event == "touch" else None)


def _named(page: Page, record: Record, subject: str) -> Cell:
    """The record that tells an event; of a change of a deal (which has no name of its own) the deal, unless that is the subject."""
    if record["table"] != "stage_changes":
        return record_cell(page, record)
    return Cell("") if record["row"]["opportunity_id"] == subject else cell(page, record, "opportunity_id")


def _instant_of(entry: Entry) -> str:
    """The column of an event's row that is an instant; of an event that has a date only none is."""
    return next((c for c in entry.row if c.endswith("_at") and entry.row.get(c + LOCAL) == entry.at), "")
