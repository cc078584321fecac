"""KPI cards: a value with its change, trend, interval and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesgauge.periods import Span
from salesgauge.semantics.comparison import Comparison
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.batch import Batch, Reply
from salesgauge.web.page import Page
from salesgauge.web.targets import Bullet, Scale, beside_target


@dataclass(frozen=True)
class Change:
    """How far a value moved: the text with its sign, the arrow, and better, worse, higher, lower or unchanged."""

    text: str
    arrow: str
    verdict: str


@dataclass(frozen=True)
class Card:
    """What a KPI's card shows. `value` is None where there is none, and `why` says the reason then; `notes` are what to know about the
    value (rows set aside, few cases); `change` is None where there is nothing to compare or too few cases for a verdict; `bullet` (of what
    accumulates) and `scale` show the value beside its target, where there is one."""

    kpi: str
    name: str
    address: str
    value: str | None
    number: float | None
    why: str | None
    interval: str | None
    change: Change | None
    compared_with: str | None
    trend: tuple[tuple[float | None, float | None, float | None], ...]
    running: bool
    few: bool
    notes: tuple[str, ...]
    meaning: str
    bullet: Bullet | None = None
    scale: Scale | None = None


class CardQuestions:
    """The questions of one KPI's card in a batch: the period, the two that are compared (like for like), the trend."""

    def __init__(self, page: Page, batch: Batch, kpi: str, *, trend: bool = True) -> None:
        self.page, self.kpi = page, page.measured(kpi)
        view = page.view
        self.now: Reply = batch.ask(page.query(kpi))
        self.alike = view.comparable
        self.compared: Span | None = self.alike.before if self.alike else None
        self.like: Reply | None = batch.ask(page.query(kpi, self.alike.now)) if self.alike else None
        self.before: Reply | None = batch.ask(page.query(kpi, self.alike.before)) if self.alike else None
        period, grain = view.trend()
        self.trend: Reply | None = batch.ask(page.query(kpi, period, grain=grain)) if trend else None

    @property
    def comparison(self) -> Comparison | None:
        """The period (what of it is over) beside the other one, where both were answered."""
        if self.like is None or self.before is None or self.like.row is None or self.before.row is None:
            return None
        return Comparison(self.kpi, self.like.row, self.before.row)

    def card(self) -> Card:
        """The card, once the batch was asked."""
        page, kpi, words = self.page, self.kpi, self.page.words
        row = self.now.row
        found = self.comparison
        few = found.small if found else False
        value = None if row is None else row["value"]
        target = beside_target(page, kpi, value, few)
        trend = tuple((r["value"], r["low"], r["high"]) for r in self.trend.rows) if self.trend else ()
        return Card(
            kpi.id, words.kpi_name(kpi.id, kpi.id), page.opened(kpi.id),
            None if value is None else shown(page, kpi, value), value, None if value is not None else reason(page, kpi, self.now),
            None if row is None or row["low"] is None else words.interval(row["low"], row["high"], kpi.unit, page.currency),
            change(page, found) if found and not few else None, page.period(self.compared) if self.compared else None,
            trend, page.view.running, few, notes(page, row, few), words.kpi_meaning(kpi.id, kpi.meaning),
            target if isinstance(target, Bullet) else None, target if isinstance(target, Scale) else None)


def shown(page: Page, kpi: Kpi, value: float) -> str:
    """A value as a card shows it: large sums and counts in short."""
    if kpi.unit == "money":
        return page.words.compact(value, page.currency)
    if kpi.unit == "count":
        return page.words.compact(value)
    return page.words.value(value, kpi.unit, page.currency)


def change(page: Page, found: Comparison) -> Change | None:
    """How far a value moved, in words; None where there is no change to tell."""
    verdict = found.verdict
    if verdict is None or found.change is None:
        return None
    words, unit = page.words, found.kpi.unit
    text = (words.change(found.change, unit, page.currency) if unit in ("percent", "score") or found.growth is None
            else words.percent(found.growth, signed=True))
    return Change(text, "=" if verdict == "unchanged" else "▲" if found.change > 0 else "▼", verdict)


def reason(page: Page, kpi: Kpi, reply: Reply) -> str:
    """Why there is no value, in words."""
    if reply.row is not None and reply.row.get("withheld"):
        return page.words.message("board_small_group")
    return page.words.term("no_data") if reply.error is None else refusal(page, reply.error["code"], reply.error["message"])


def refusal(page: Page, code: str, message: str) -> str:
    """Why a question has no answer, in words: its error's code and message (which is English: a page's own questions can only lack a
    table, ask a KPI for what it does not have, or for what is in confidence)."""
    if code == "missing_table":
        return page.words.message("needs_table", table=message.rpartition(" needs ")[2])
    if code == "confidential":
        return page.words.message("error_in_confidence")
    return page.words.term("no_such_dimension") if code == "bad_dimension" else message


def notes(page: Page, row: Mapping[str, Any] | None, few: bool) -> tuple[str, ...]:
    """What to know about a value: rows set aside, by reason, and too few cases."""
    if row is None:
        return ()
    words = page.words
    found = [words.message("set_aside", count=count, reason=words.reason(why)) for why, count in row["excluded"].items()]
    if few and row["value"] is not None:
        found.append(words.message("too_few", count=row["n"]))
    return tuple(found)
