"""Coaching hints: who differs from the team by more than chance, and in what."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.analyses.coaching import Hint, coaching
from salesgauge.periods import Span, add_months
from salesgauge.web.batch import Batch
from salesgauge.web.page import Page
from salesgauge.web.panels.leaderboard import rep_link
from salesgauge.web.panels.shown import Link, Shown

# Shares and averages with a direction, by rep: what a person can change in how they work.
ASKED = ("win_rate_decided", "average_deal_value", "stalled_time", "lead_response_time", "lead_response_rate", "positive_reply_rate")
MONTHS = 12  # a quarter of one rep holds too few cases to tell anything from chance


@dataclass(frozen=True)
class Advice:
    """A rep, the KPI in which they differ, their value beside that of the others, how many cases stand behind it, better or worse."""

    rep: Link
    kpi: Link
    value: str
    rest: str
    cases: str
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Coaching(Shown):
    """The hints, the surest first."""

    rows: tuple[Advice, ...] = ()


class CoachingQuestions:
    """Asks for these KPIs by rep over the twelve months up to the period's end; with `only` the hints of one rep are shown."""

    def __init__(self, page: Page, batch: Batch, only: str | None = None) -> None:
        self.page, self.only = page, only
        self.span = Span(add_months(page.view.span.end, -MONTHS), page.view.span.end)
        self.replies = {kpi: batch.ask(page.query(kpi, self.span, by=("rep",))) for kpi in ASKED}

    def build(self) -> Coaching:
        """The panel, once the batch was asked."""
        page, words = self.page, self.page.words
        answered = [(page.measured(kpi), reply.rows) for kpi, reply in self.replies.items() if reply.error is None]
        hints = [hint for hint in coaching(answered) if self.only in (None, hint.rep)]
        page.learn("rep", [hint.rep for hint in hints])
        reps = {row["by"]["rep"] for _kpi, rows in answered for row in rows}
        why = None if hints else words.message("home_nobody_beside") if len(reps) < 2 else words.message("home_no_difference")
        return Coaching(name="coaching", template="panels/coaching.html", title=words.message("home_coaching"),
                        subtitle=words.message("home_coaching_subtitle", period=page.period(self.span)), why=why,
                        rows=tuple(self._advice(hint) for hint in hints))

    def _advice(self, hint: Hint) -> Advice:
        page, words, kpi, found = self.page, self.page.words, hint.kpi, hint.difference
        address = page.opened(kpi.id, page.view.over(self.span).filtered("rep", hint.rep))
        return Advice(rep_link(page, hint.rep), Link(words.kpi_name(kpi.id, kpi.id), address),
                      words.value(found.value, kpi.unit, page.currency), words.value(found.rest, kpi.unit, page.currency),
                      words.number(found.n), found.verdict or "")
