"""The records behind a figure as a short list: the largest money first, each with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from salesgauge.web.page import Page
from salesgauge.web.view import View

LISTED = 10  # records of a list on a page of several panels; all of them are one click away


@dataclass(frozen=True)
class DealLine:
    """An open deal in a list, in words. `next_step` is free text: None for who sees no names."""

    address: str
    deal: str
    account: str
    owner: str
    stage: str
    days: str
    usual: str
    value: str
    closes: str
    due: str
    overdue: bool
    pushes: str
    touched: str
    next_step: str | None


@dataclass(frozen=True)
class ContractLine:
    """A contract that ends, in words."""

    address: str
    contract: str
    account: str
    ends: str
    days_left: str
    value: str
    renewal: str


def largest(page: Page, figure: str, view: View | None = None, limit: int = LISTED) -> list[Mapping[str, Any]]:
    """The records of a figure with the most value, as `Workspace.records` gives them: those without a value last, then by id."""
    view = view or page.view
    found = page.records(page.query(figure, view.span, view=view))["rows"]
    return sorted(found, key=lambda r: (r["row"]["because"]["value"] is None, -(r["row"]["because"]["value"] or 0), r["id"]))[:limit]


def deal_lines(page: Page, figure: str, view: View | None = None, limit: int = LISTED) -> tuple[DealLine, ...]:
    """The open deals behind a figure of deals to work on, the most money first."""
    records = largest(page, figure, view, limit)
    page.learn("account", [r["row"]["account_id"] for r in records])
    page.learn("rep", [r["row"]["owner_id"] for r in records])
    return tuple(_deal(page, record["id"], record["row"]) for record in records)


def _deal(page: Page, deal: str, row: Mapping[str, Any]) -> DealLine:
    words, known = page.words, row["because"]
    step = None if page.visitor.nameless else known["next_step"] or words.empty()
    return DealLine(
        page.address(f"/records/opportunities/{deal}"), deal, _named(page, "account", row["account_id"]),
        _named(page, "rep", row["owner_id"]), known["stage"] or words.empty(), words.value(known["stage_days"], "days", digits=0),
        words.value(known["usual_days"], "days", digits=0), words.compact(known["value"], page.currency), words.date(_day(known["closes_on"])),
        words.choice("due", known["due"]), known["due"] == "overdue", words.number(known["pushes"]),
        words.value(known["days_untouched"], "days", digits=0), step)


def contract_lines(page: Page, figure: str, limit: int = LISTED) -> tuple[ContractLine, ...]:
    """The contracts behind a figure of renewals, the most money first."""
    records = largest(page, figure, limit=limit)
    page.learn("account", [r["row"]["account_id"] for r in records])
    words = page.words
    return tuple(ContractLine(
        page.address(f"/records/contracts/{r['id']}"), r["id"], _named(page, "account", r["row"]["account_id"]),
        words.date(_day(known["ends_on"])), words.value(known["days_left"], "days", digits=0), words.compact(known["value"], page.currency),
        words.choice("renewal", known["renewal"])) for r in records for known in (r["row"]["because"],))


def _named(page: Page, dimension: str, key: str | None) -> str:
    return page.words.empty() if key is None else page.label(dimension, key)


def _day(value: str | date | datetime | None) -> date | None:
    """A day as records have it: as text, or as a date."""
    if value is None or isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    return date.fromisoformat(value[:10])
