"""The market: our prices beside the competitors', what is sold of what, at which discount, where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from markupsafe import Markup

from salesgauge import charts
from salesgauge.periods import Span, month_on
from salesgauge.web.axis import scale, tick_texts
from salesgauge.web.batch import Batch, Reply
from salesgauge.web.breakdown import BreakdownQuestion
from salesgauge.web.cards import CardQuestions, reason
from salesgauge.web.opening import rows_of
from salesgauge.web.page import Page, page
from salesgauge.web.view import View

router = APIRouter()
CARDS = ("competitor_price_index", "average_selling_price", "discount_rate", "sales_volume")
DISCOUNTS = ("rep", "product", "family")
MONTHS = 13      # of prices, so that the same month of last year is among them
LINES = 5        # competitors that a chart can tell apart
OWN = "actual"   # the look of our own line


@dataclass(frozen=True)
class PriceLine:
    """One competitor's prices (or ours) by month, in words, each with the address of its sightings. `look` names the line's style."""

    label: str
    look: str
    cells: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Prices:
    """The prices of one product over time: the drawing with the lines of its scale (the highest first), the months, a row per line."""

    product: str | None
    drawn: Markup
    ticks: tuple[str, ...]
    months: tuple[str, ...]
    lines: tuple[PriceLine, ...]
    left_out: int
    why: str | None


class PriceQuestions:
    """Asks for the prices of one product by month: what competitors ask, and what we got."""

    def __init__(self, page: Page, batch: Batch, product: str | None) -> None:
        self.page, self.product = page, product
        end = page.view.span.end if page.view.span.end.day == 1 else month_on(page.view.span.end, 1)
        end = min(end, month_on(page.view.today, 1))
        self.span = Span(month_on(end, -MONTHS), end)
        self.months = [month_on(self.span.start, n) for n in range(MONTHS)]
        self.view = page.view.filtered("product", product) if product is not None else page.view
        self.theirs: Reply = batch.ask(page.query("average_retail_price", self.span, grain="month", by=("competitor",), view=self.view))
        self.ours: Reply = batch.ask(page.query("average_selling_price", self.span, grain="month", view=self.view))

    def prices(self) -> Prices:
        """The prices, once the batch was asked."""
        page = self.page
        found: dict[str | None, dict[str, float]] = {}
        for row in self.theirs.rows:
            if row["value"] is not None:
                found.setdefault(row["by"]["competitor"], {})[row["start"]] = row["value"]
        names = sorted(found, key=lambda name: (-len(found[name]), name is None, name or ""))
        told = [self._line(page.label("competitor", name), f"c{place}", "average_retail_price", found[name],
                           self.view.filtered("competitor", name)) for place, name in enumerate(names[:LINES])]
        own = {row["start"]: row["value"] for row in self.ours.rows if row["value"] is not None}
        if own:
            told.insert(0, self._line(page.words.kpi_name("average_selling_price"), OWN, "average_selling_price", own, self.view))
        ticks = scale([value for _line, values in told for value in values])
        drawn = charts.lines([charts.Line(values, line.look) for line, values in reversed(told)], MONTHS, ticks[0], ticks[-1], grid=ticks)
        return Prices(self.product, drawn, tick_texts(page, ticks), tuple(page.period(_of(month)) for month in self.months),
                      tuple(line for line, _values in told), max(0, len(names) - LINES),
                      None if names else reason(page, page.measured("average_retail_price"), self.theirs))

    def _line(self, label: str, look: str, kpi: str, found: Mapping[str, float], view: View) -> tuple[PriceLine, list[float | None]]:
        """A line in words, and its values by month."""
        values = [found.get(month.isoformat()) for month in self.months]
        cells = tuple((self.page.words.money(value, self.page.currency),
                       None if value is None else rows_of(self.page, kpi, view.over(_of(month))))
                      for month, value in zip(self.months, values, strict=True))
        return PriceLine(label, look, cells), values


def _of(month: date) -> Span:
    return Span(month, month_on(month, 1))


@router.get("/market")
def market_page(page: Annotated[Page, Depends(page)], product: str = "", discounts: str = DISCOUNTS[0]) -> Response:
    """Prices, mix, discounts and volumes; `product` chooses whose prices are drawn, `discounts` by what discounts are told."""
    first = page.batch()
    seen = first.ask(page.query("average_retail_price", by=("product",)))
    first.run()
    products = [row["by"]["product"] for row in sorted(seen.rows, key=lambda row: -row["n"]) if row["by"]["product"] is not None]
    chosen = product if product in products else products[0] if products else None
    by = discounts if discounts in DISCOUNTS else DISCOUNTS[0]
    batch = page.batch()
    cards = [CardQuestions(page, batch, kpi) for kpi in CARDS]
    prices = PriceQuestions(page, batch, chosen)
    index = [BreakdownQuestion(page, batch, "competitor_price_index", each) for each in ("product", "competitor")]
    mix = [BreakdownQuestion(page, batch, "product_mix", each) for each in ("family", "product")]
    discount = BreakdownQuestion(page, batch, "discount_rate", by)
    volume = [BreakdownQuestion(page, batch, "sales_volume", each, beside="average_selling_price" if each == "location" else None)
              for each in ("location", "location_kind")]
    batch.run()
    page.learn("product", products)
    return page.render(
        "market.html", active="market", cards=[each.card() for each in cards], prices=prices.prices(),
        products=sorted((page.label("product", each), each, each == chosen) for each in products),
        index=[each.table(mark=1.0) for each in index], mix=[each.table(cases=False) for each in mix], discount=discount.table(),
        discounts=[(each, page.here(discounts=each), each == by) for each in DISCOUNTS], volume=[each.table() for each in volume])
