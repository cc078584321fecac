"""What a field rep sees of the market: what is sold where, and at which prices the products stand on the shelf."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from salesgauge import charts
from salesgauge.web.batch import Batch
from salesgauge.web.cards import shown
from salesgauge.web.page import Page
from salesgauge.web.panels.shown import Link, Shown, aside, group_value, lacking

PRICE = "average_retail_price"


@dataclass(frozen=True)
class Location:
    """One row: the location, its revenue with bar, the volume sold there."""

    location: Link
    revenue: str
    bar: Markup
    volume: str


@dataclass(frozen=True)
class Price:
    """One row: the product, who sells it at that price on average, how often it was seen."""

    product: Link
    competitor: str
    price: Link
    seen: str


@dataclass(frozen=True, kw_only=True)
class Locations(Shown):
    """Locations, the largest revenue first."""

    rows: tuple[Location, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prices(Shown):
    """Shelf prices by product and competitor."""

    rows: tuple[Price, ...] = ()


class LocationQuestions:
    """Asks for revenue and volume by location."""

    def __init__(self, page: Page, batch: Batch, most: int = 10) -> None:
        self.page, self.most = page, most
        self.revenue, self.volume = (batch.ask(page.query(kpi, by=("location",))) for kpi in ("revenue", "sales_volume"))

    def build(self) -> Locations:
        """The panel, once the batch was asked. Volume may be untold where a filter does not apply to it."""
        page, words = self.page, self.page.words
        revenue, volume = group_value(self.revenue.rows, "location"), group_value(self.volume.rows, "location")
        keys = sorted(revenue, key=lambda key: (-revenue[key]["value"], key is None, key or ""))
        page.learn("location", keys)
        widest = max((row["value"] for row in revenue.values()), default=0.0)
        sold = page.measured("sales_volume")
        untold = lacking(page, self.volume)
        return Locations(
            name="locations", template="panels/locations.html", title=words.message("home_locations"),
            why=lacking(page, self.revenue) or (None if keys else words.term("no_data")),
            notes=(*aside(page, [self.revenue]), *([f"{words.kpi_name('sales_volume')}: {untold}"] if untold else ())),
            rows=tuple(Location(
                Link(page.label("location", key), page.opened("revenue", page.view.filtered("location", key))),
                shown(page, page.measured("revenue"), revenue[key]["value"]), charts.bar(revenue[key]["value"], widest),
                shown(page, sold, volume[key]["value"]) if key in volume else words.empty()) for key in keys[:self.most]),
            more=Link(words.message("home_all_locations", count=len(keys)), page.opened("revenue", by="location")) if keys else None)


class PriceQuestions:
    """Asks for the shelf prices seen, by product and competitor."""

    def __init__(self, page: Page, batch: Batch, most: int = 12) -> None:
        self.page, self.most = page, most
        self.reply = batch.ask(page.query(PRICE, by=("product", "competitor")))

    def build(self) -> Prices:
        """The panel, once the batch was asked: the products seen most often first."""
        page, words = self.page, self.page.words
        seen = sorted(self.reply.rows, key=lambda row: (-row["n"], str(row["by"]["product"]), str(row["by"]["competitor"])))
        rows = [row for row in seen if row["value"] is not None]
        page.learn("product", [row["by"]["product"] for row in rows])
        return Prices(
            name="prices", template="panels/prices.html", title=words.message("home_prices"),
            why=lacking(page, self.reply) or (None if rows else words.message("home_no_prices")), notes=aside(page, [self.reply]),
            more=Link(words.message("home_all_prices", count=len(rows)), page.opened(PRICE, by="product")) if rows else None,
            rows=tuple(self._price(row["by"]["product"], row["by"]["competitor"], row["value"], row["n"]) for row in rows[:self.most]))

    def _price(self, product: str | None, competitor: str | None, value: float, n: int) -> Price:
        page, words = self.page, self.page.words
        view = page.view.filtered("product", product)
        return Price(Link(page.label("product", product), page.opened(PRICE, view)), page.label("competitor", competitor),
                     Link(words.money(value, page.currency), page.opened(PRICE, view.filtered("competitor", competitor))),
                     words.number(n))
