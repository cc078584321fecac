"""Whether a visitor may look at a team's or a person's home: where none of their rows lies there, it does not exist for them."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException

from salesgauge.periods import Span, add_months
from salesgauge.web.page import Page

TRACES = ("quota", "new_opportunities", "new_leads", "touches", "revenue")  # whoever sells leaves rows in one of these
MONTHS = 24  # how far back a team or person is looked for


def must_see(page: Page, dimension: str, key: str) -> None:
    """Refuses (404) a team or a rep of whom the visitor sees no row in the two years up to the period's end."""
    end = max(page.view.span.end, page.view.today)
    span = Span(add_months(end, -MONTHS), end)
    batch = page.batch()
    asked = page.view.filtered(dimension, key)
    only = page.of(asked.over(span))
    replies = [batch.ask(only.query(name)) for name in TRACES]
    batch.run()
    if not any(reply.row is not None and reply.row["n"] for reply in replies):
        raise HTTPException(HTTPStatus.NOT_FOUND, page.words.message("home_nobody_here"))
