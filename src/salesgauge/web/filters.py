"""The filters that every page offers: the values of a dimension that occur in what the visitor may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from salesgauge.web.view import FILTER, instant_text

if TYPE_CHECKING:
    from salesgauge.web.page import Page

OFFERED = ("team", "region", "product")
SOURCES = ("revenue", "new_opportunities", "new_leads")  # the first of them that the workspace has data for gives the values
A_YEAR = timedelta(days=365)  # before the period: what occurred then is offered as well
_REMEMBERED = 500


@dataclass(frozen=True)
class Choice:
    """A value that can be chosen: as an address has it, as people call it, whether it is chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Menu:
    """One filter: its dimension, the name of its field, its values, and those chosen in words (empty: all)."""

    dimension: str
    field: str
    choices: tuple[Choice, ...]
    chosen: str


def menus(page: Page) -> tuple[Menu, ...]:
    """The filters of a page; one whose dimension the workspace has no values of is left out."""
    made = []
    for dimension in OFFERED:
        values = _values(page, dimension)
        if values:
            made.append(_menu(page, dimension, values))
    return tuple(made)


def _menu(page: Page, dimension: str, values: Sequence[str | None]) -> Menu:
    chosen = page.view.filters().get(dimension, ())
    offered = dict.fromkeys((*values, *chosen))
    page.learn(dimension, offered)
    choices = [Choice(value or "", page.label(dimension, value), value in chosen) for value in offered]
    choices.sort(key=lambda choice: (not choice.value, choice.label.casefold()))
    return Menu(dimension, FILTER + dimension, tuple(choices), ", ".join(choice.label for choice in choices if choice.chosen))


def _values(page: Page, dimension: str) -> tuple[str | None, ...]:
    """The values that occur in the rows of this visitor, in the period or the year before it; remembered per generation of the data."""
    view, known = page.view, page.freshness.values
    key = (dimension, page.visitor.viewer, view.as_of, view.span)
    if key not in known:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[key] = _asked(page, dimension)
    return known[key]


def _asked(page: Page, dimension: str) -> tuple[str | None, ...]:
    catalogue, view = page.site.desk.catalogue, page.view
    source = next((kpi for kpi in (catalogue[name] for name in SOURCES)
                   if dimension in kpi.all_dimensions(page.shape) and kpi.missing(page.shape, (dimension,)) is None), None)
    if source is None:
        return ()
    query = {"kpi": source.id, "period": f"{view.span.start - A_YEAR}..{view.span.end}", "by": [dimension],
             "as_of": instant_text(view.instant)}
    answer = page.site.desk.answer([query], page.visitor.viewer)[0]
    return tuple(row["by"][dimension] for row in answer.get("rows", ()))
