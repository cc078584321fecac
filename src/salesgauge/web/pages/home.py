"""The page that a person starts on: what their role needs to see."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.web.cards import CardQuestions
from salesgauge.web.page import Page, page

router = APIRouter()

RESULTS = ("revenue", "average_deal_value", "quota_attainment", "forecast_accuracy")
HEALTH = ("win_rate", "sales_cycle_length", "customer_retention_rate", "net_promoter_score")


@router.get("/")
def home(page: Annotated[Page, Depends(page)]) -> Response:
    """The whole company: results, then health."""
    batch = page.batch()
    groups = [(name, [CardQuestions(page, batch, kpi) for kpi in kpis]) for name, kpis in (("results", RESULTS), ("health", HEALTH))]
    batch.run()
    return page.render("home.html", active="home", groups=[(name, [each.card() for each in several]) for name, several in groups])
