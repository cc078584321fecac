"""The sentence that a home begins with."""

from __future__ import annotations

from collections.abc import Callable

from salesgauge.web.batch import Batch, Reply
from salesgauge.web.cards import reason, shown
from salesgauge.web.page import Page
from salesgauge.web.panels.plan import Headline, PlanQuestions
from salesgauge.web.panels.shown import money

Say = Callable[[], Headline]  # says it, once the batch was asked


def ask(page: Page, batch: Batch, about: str, plan: PlanQuestions) -> Say:
    """Asks for what the sentence says: `about` is plan, leads or sales."""
    if about == "plan":
        return plan.headline
    names = (("new_leads", "lead_response_rate", "lead_response_time", "meetings_booked") if about == "leads"
             else ("revenue", "sales_volume"))
    replies = [batch.ask(page.query(name)) for name in names]
    return lambda: _headline(page, about, replies)


def _headline(page: Page, about: str, replies: list[Reply]) -> Headline:
    first, *others = [_said(page, reply) for reply in replies]
    if about == "sales":
        return Headline(page.words.message("home_sales", revenue=first, volume=others[0]))
    answered, after, meetings = others
    return Headline(page.words.message("home_leads", leads=first, answered=answered, after=after),
                    page.words.message("home_meetings", meetings=meetings))


def _said(page: Page, reply: Reply) -> str:
    """A value as it stands in a sentence, or why there is none."""
    kpi = page.measured(reply.query["kpi"])
    if reply.value is None:
        return reason(page, kpi, reply)
    return money(page, reply.value) if kpi.unit == "money" else shown(page, kpi, reply.value)
