"""Retention cohorts as a heat map: a table whose cells are shaded by their share and say it in words."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from salesgauge.analyses.cohorts import Cohort, cohorts
from salesgauge.periods import Span, month_on
from salesgauge.web.batch import Batch
from salesgauge.web.cards import reason
from salesgauge.web.opening import rows_of
from salesgauge.web.page import Page
from salesgauge.web.view import around

FIGURE = "cohort_retention"
BACK = 36     # months of cohorts that are shown
SHADES = (0.5, 0.7, 0.8, 0.9)  # where the shade of a cell grows darker: most cohorts keep more than half of their customers


@dataclass(frozen=True)
class Cell:
    """A cohort at an age: the share still active and how many of how many, `shade` from 0 (few) to 4 (nearly all)."""

    share: str
    cases: str
    shade: int
    address: str


@dataclass(frozen=True)
class CohortRow:
    """The customers gained in a quarter; a cell per age, None where that quarter is not over."""

    label: str
    size: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class CohortTable:
    """The heat map; `shades` says from which share on each shade is used, `together` is the share at each age of all cohorts that reached
    it. `why` says why there is none."""

    ages: tuple[str, ...]
    shades: tuple[str, ...]
    rows: tuple[CohortRow, ...]
    together: tuple[str, ...]
    why: str | None


class CohortQuestion:
    """Asks for the cohorts of the three years until the end of the view's quarter, by quarter."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page = page
        end = around(min(page.view.span.start, page.view.today), "quarter", page.view.fiscal).end
        grain = "fiscal_quarter" if page.view.fiscal > 1 else "quarter"
        self.reply = batch.ask(page.query(FIGURE, Span(month_on(end, -BACK), end), grain=grain, by=("age",)))

    def table(self) -> CohortTable:
        """The heat map, once the batch was asked."""
        page, words = self.page, self.page.words
        found = cohorts(self.reply.rows)
        why = reason(page, page.measured(FIGURE), self.reply) if self.reply.error is not None or not found.cohorts else None
        shades = tuple(words.percent(share, 0) for share in (0.0, *SHADES))
        return CohortTable(tuple(words.number(age) for age in found.ages), shades, tuple(self._row(cohort) for cohort in found.cohorts),
                           tuple(words.percent(share, 0) for share in found.together), why)

    def _row(self, cohort: Cohort) -> CohortRow:
        page, words = self.page, self.page.words
        view = page.view.over(Span(cohort.start, cohort.end))
        cells = tuple(None if cell is None else Cell(
            words.percent(cell.share, 0), words.message("part_of", part=words.number(cell.active), whole=words.number(cell.size)),
            bisect_right(SHADES, cell.share), rows_of(page, FIGURE, view.filtered("age", str(age))))
            for age, cell in enumerate(cohort.cells))
        return CohortRow(page.period(view.span), words.number(cohort.size), cells)
