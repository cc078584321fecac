"""Bookings by what they are: new business, expansion, renewal."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from salesgauge import charts
from salesgauge.web.batch import Batch
from salesgauge.web.page import Page
from salesgauge.web.panels.shown import Link, Shown, aside, group_value, lacking, money

PARTS = (("new", ("new",)), ("expansion", ("upsell", "cross_sell")), ("renewal", ("renewal",)))


@dataclass(frozen=True)
class Part:
    """One row: what it is, its value and bar, its share of the whole, how many deals."""

    name: Link
    value: str
    bar: Markup
    share: str
    deals: str


@dataclass(frozen=True, kw_only=True)
class Split(Shown):
    """The parts of a sum; `what` heads the first column."""

    what: str = ""
    rows: tuple[Part, ...] = ()


class SplitQuestions:
    """Asks for bookings by kind of deal."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page = page
        self.reply = batch.ask(page.query("bookings", by=("kind",)))

    def build(self) -> Split:
        """The panel, once the batch was asked."""
        page, words = self.page, self.page.words
        why, rows = lacking(page, self.reply), group_value(self.reply.rows, "kind")
        whole = sum(row["value"] for row in rows.values())
        parts = []
        for name, kinds in PARTS:
            several = [rows[kind] for kind in kinds if kind in rows]
            value = sum(row["value"] for row in several)
            parts.append(Part(
                Link(words.message(f"home_split_{name}"), page.opened("bookings", page.view.filtered("kind", *kinds))),
                money(page, value), charts.bar(value, whole), words.percent(value / whole if whole else None, 0),
                words.number(sum(row["n"] for row in several))))
        return Split(name="split", template="panels/split.html", title=words.message("home_split"), why=why, what=words.dimension("kind"),
                     notes=aside(page, [self.reply]), rows=() if why else tuple(parts),
                     more=Link(words.message("home_view_records"), page.opened("bookings")))


class LossQuestions:
    """Asks for the deals lost and their value by reason."""

    def __init__(self, page: Page, batch: Batch, most: int = 8) -> None:
        self.page, self.most = page, most
        self.count = batch.ask(page.query("losses", by=("loss_reason",)))
        self.value = batch.ask(page.query("lost_value", by=("loss_reason",)))

    def build(self) -> Split:
        """The panel, once the batch was asked: the largest loss first."""
        page, words = self.page, self.page.words
        why = lacking(page, self.count, self.value)
        values = group_value(self.value.rows, "loss_reason")
        lost = {reason: values[reason]["value"] if reason in values else 0.0 for reason in group_value(self.count.rows, "loss_reason")}
        counts = group_value(self.count.rows, "loss_reason")
        whole, widest = sum(lost.values()), max(lost.values(), default=0.0)
        ordered = sorted(lost, key=lambda reason: (-lost[reason], reason is None, reason or ""))
        return Split(
            name="losses", template="panels/split.html", title=words.message("home_losses"), what=words.dimension("loss_reason"),
            why=why or (None if lost else words.message("home_nothing_lost")), notes=aside(page, [self.value]),
            more=Link(words.message("home_view_records"), page.opened("losses")) if lost else None,
            rows=tuple(Part(
                Link(page.label("loss_reason", reason), page.opened("lost_value", page.view.filtered("loss_reason", reason))),
                money(page, lost[reason]), charts.bar(lost[reason], widest, kind="bad"),
                words.percent(lost[reason] / whole if whole else None, 0), words.number(counts[reason]["n"]))
                for reason in ordered[:self.most]))
