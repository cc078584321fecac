"""What changed since last week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from salesgauge.periods import Span
from salesgauge.semantics.answer import BANDS
from salesgauge.web.batch import Batch
from salesgauge.web.page import Page
from salesgauge.web.panels.shown import Link, Shown, group_value, lacking, money
from salesgauge.web.view import View

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Changed:
    """One row: what happened, to how many deals, and what these are worth now."""

    what: Link
    deals: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Changes(Shown):
    """What happened to deals in the last seven days."""

    rows: tuple[Changed, ...] = ()


def last_week(view: View) -> Span | None:
    """The seven days up to the view's day, or up to the period's end where that is earlier; None before the period has begun."""
    if view.today < view.span.start:
        return None
    end = min(view.today + timedelta(days=1), view.span.end)
    return Span(end - WEEK, end)


class ChangeQuestions:
    """Asks what changed within the last seven days."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page, self.span = page, last_week(page.view)
        span = self.span or page.view.span
        self.count = batch.ask(page.query("deal_changes", span, by=("change",)))
        self.value = batch.ask(page.query("changed_value", span, by=("change",)))

    def build(self) -> Changes:
        """The panel, once the batch was asked."""
        page, words = self.page, self.page.words
        view = page.view if self.span is None else page.view.over(self.span)
        counts, values = group_value(self.count.rows, "change"), group_value(self.value.rows, "change")
        rows = tuple(Changed(Link(words.choice("change", change), page.opened("deal_changes", view.filtered("change", change))),
                             words.number(counts[change]["n"]),
                             money(page, values[change]["value"] if change in values else None))
                     for change in BANDS["change"] if change in counts and self.span is not None)
        return Changes(name="changes", template="panels/changes.html", title=words.message("home_changes"),
                       subtitle=page.period(view.span) if self.span else None, rows=rows,
                       why=lacking(page, self.count, self.value) or (None if rows else words.message("home_nothing_changed")))
