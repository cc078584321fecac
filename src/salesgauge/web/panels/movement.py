"""What moved the pipeline: a waterfall as a table with a bar in each row."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from salesgauge import charts
from salesgauge.analyses.waterfall import CLOSING, DUE, Step, waterfall
from salesgauge.web.batch import Batch
from salesgauge.web.page import Page
from salesgauge.web.panels.shown import Link, Shown, aside, lacking, money

FIGURE = "pipeline_movement"
_LOOK = {"opening": "grey", CLOSING: "grey", "won": "good", "lost": "bad", "shrunk": "bad", "pushed_out": "bad"}


@dataclass(frozen=True)
class Move:
    """One row: what happened, to how many deals, by how much, its bar and where its deals are opened."""

    label: str
    deals: str
    value: str
    bar: Markup
    address: str
    total: bool


@dataclass(frozen=True, kw_only=True)
class Movement(Shown):
    """The steps from the pipeline at the period's start to that at its end, or at the as-of day."""

    rows: tuple[Move, ...] = ()


class MovementQuestions:
    """Asks for the movement of the pipeline due by the period's end."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page = page
        self.reply = batch.ask(page.query(FIGURE, by=("movement",)))

    def build(self) -> Movement:
        """The panel, once the batch was asked."""
        page, words = self.page, self.page.words
        why = lacking(page, self.reply)
        steps = () if why else waterfall(self.reply.rows, DUE)
        ends = [end for step in steps for end in (step.start, step.end)] or [0.0]
        least, most = min(0.0, *ends), max(0.0, *ends)
        return Movement(
            name="movement", template="panels/movement.html", title=words.message("home_movement"),
            subtitle=words.message("home_movement_subtitle", period=page.period(page.view.span)), why=why,
            notes=aside(page, [self.reply]), rows=tuple(self._move(step, least, most) for step in steps),
            more=Link(words.message("home_view_records"), page.opened(FIGURE)))

    def _move(self, step: Step, least: float, most: float) -> Move:
        page, total = self.page, step.movement in ("opening", CLOSING)
        address = (page.opened("open_pipeline", page.view.filtered("due", "overdue", "this_period")) if step.movement == CLOSING
                   else page.opened(FIGURE, page.view.filtered("movement", step.movement)))
        value = step.end if total else step.change
        said = page.words.compact(value, page.currency, signed=True) if value and not total else money(page, value)
        return Move(page.words.choice("movement", step.movement), page.words.number(step.n), said,
                    charts.floating(step.start, step.end, least, most, _LOOK.get(step.movement, "fill")), address, total)
