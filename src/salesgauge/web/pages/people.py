"""People: how quickly reps come to sell, what they sell after how long, how content they are, who stays.

What of the answers of the employee survey is not told is decided in web/confidence.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from markupsafe import Markup

from salesgauge import charts
from salesgauge.analyses.ramp import RampPoint, ramp
from salesgauge.periods import Span, month_on
from salesgauge.web.axis import scale, tick_texts
from salesgauge.web.batch import Batch
from salesgauge.web.breakdown import BreakdownQuestion
from salesgauge.web.cards import CardQuestions, reason
from salesgauge.web.confidence import FEWEST
from salesgauge.web.page import Page, page

router = APIRouter()
CARDS = ("rep_productivity", "ramp_time", "employee_satisfaction", "rep_retention_rate")
RAMP_MONTHS = 24       # whole months of wins that the ramp curve is drawn from: one quarter says little
STEP = 3               # months since hire to a point
FEW_MONTHS = 12        # rep-months below which a point is marked


@dataclass(frozen=True)
class Ramped:
    """A point of the ramp curve in words."""

    label: str
    value: str
    cases: str
    few: bool


@dataclass(frozen=True)
class RampCurve:
    """The curve: its drawing with the lines of its scale (the highest first), and its points. `why` says why there is none."""

    drawn: Markup
    ticks: tuple[str, ...]
    points: tuple[Ramped, ...]
    period: str
    address: str
    why: str | None


class RampQuestion:
    """Asks for what reps sold by the months since their hire, over the two years of whole months until the period's end."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page = page
        end = month_on(min(page.view.span.end, page.view.today), 0)
        self.view = page.view.over(Span(month_on(end, -RAMP_MONTHS), end))
        self.reply = batch.ask(page.query("ramp_curve", self.view.span, by=("tenure_month",), view=self.view))

    def curve(self) -> RampCurve:
        """The curve, once the batch was asked."""
        page = self.page
        found = ramp(self.reply.rows, STEP)
        values = [point.value for point in found]
        ticks = scale(values, from_zero=True)
        drawn = charts.lines([charts.Line(values, "actual")], max(2, len(values)), ticks[0], ticks[-1], grid=ticks)
        kpi = page.measured("ramp_curve")
        return RampCurve(drawn, tick_texts(page, ticks),
                         tuple(self._point(point) for point in found), page.period(self.view.span), page.opened("ramp_curve", self.view),
                         None if found else reason(page, kpi, self.reply))

    def _point(self, point: RampPoint) -> Ramped:
        words = self.page.words
        return Ramped(f"{point.first}\N{EN DASH}{point.last}", words.compact(point.value, self.page.currency),
                      words.number(point.rep_months), point.rep_months < FEW_MONTHS)


@router.get("/people")
def people_page(page: Annotated[Page, Depends(page)]) -> Response:
    """The reps that this visitor may see."""
    batch = page.batch()
    cards = [CardQuestions(page, batch, kpi) for kpi in CARDS]
    curve = RampQuestion(page, batch)
    tenure = BreakdownQuestion(page, batch, "rep_productivity", "tenure")
    satisfaction = BreakdownQuestion(page, batch, "employee_satisfaction", "team")
    others = [BreakdownQuestion(page, batch, kpi, "team") for kpi in ("rep_productivity", "rep_retention_rate", "ramp_time")]
    batch.run()
    return page.render(
        "people.html", active="people", curve=curve.curve(), tenure=tenure.table(ranked=False),
        cards=[each.card() for each in cards], satisfaction=satisfaction.table(), anonymous=FEWEST, few_months=FEW_MONTHS,
        breakdowns=[each.table() for each in others])
