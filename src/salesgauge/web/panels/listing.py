"""The records behind a figure, the most important first, as far as a panel has room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesgauge.errors import QuestionError
from salesgauge.store.records import BECAUSE
from salesgauge.web.cards import refusal
from salesgauge.web.page import Page
from salesgauge.web.view import View

Record = Mapping[str, Any]  # table, id, contribution, row (with `because`), as spec/compute.md has it


@dataclass(frozen=True)
class Listing:
    """The first records of a figure and how many there are in all; `why` says in words why there are none to ask for."""

    rows: tuple[Record, ...]
    count: int
    why: str | None = None


def listed(page: Page, figure: str, view: View | None = None, *, sort: str = "value", descending: bool = True,
           most: int = 10) -> Listing:
    """The records of a figure in the order of a column that says how they came to count (`because`); an empty one comes last."""
    try:
        found = page.records(page.query(figure, view=view), sort=BECAUSE + sort, descending=descending, limit=most)
    except QuestionError as problem:
        return Listing((), 0, refusal(page, problem.code, problem.message))
    return Listing(tuple(found.rows), found.count)


def because(record: Record) -> Mapping[str, Any]:
    """What says how a record came to count."""
    found: Mapping[str, Any] = record["row"]["because"]
    return found
