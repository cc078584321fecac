"""What every panel shows: its title, why it is empty, where it leads to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from salesgauge.web.batch import Reply
from salesgauge.web.cards import reason
from salesgauge.web.page import Page


@dataclass(frozen=True)
class Link:
    """A text that leads somewhere; without an address it is only a text."""

    text: str
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A panel. `name` is unique on its page (its heading's id), `template` writes it; `why` says in words why there is nothing to show,
    `notes` what to know about what is shown, `more` leads to all of it; `width` is wide, narrow, half or full."""

    name: str
    template: str
    title: str
    subtitle: str | None = None
    why: str | None = None
    notes: tuple[str, ...] = ()
    more: Link | None = None
    width: str = "half"


def lacking(page: Page, *replies: Reply) -> str | None:
    """Why the first of these questions that has no answer has none, in words; None where all have one."""
    for reply in replies:
        if reply.error is not None:
            return reason(page, page.measured(reply.query["kpi"]), reply)
    return None


def aside(page: Page, replies: Iterable[Reply]) -> tuple[str, ...]:
    """How many rows were set aside from these answers, by reason."""
    counts: Counter[str] = Counter()
    for reply in replies:
        for row in reply.rows:
            counts.update(row["excluded"])
    return tuple(page.words.message("set_aside", count=count, reason=page.words.reason(why)) for why, count in counts.items())


def local_day(page: Page, at: datetime | None) -> date | None:
    """The local day of an instant as records have it (UTC, without a zone)."""
    return None if at is None else page.local(at.replace(tzinfo=UTC)).date()


def money(page: Page, value: float | None) -> str:
    """An amount in short, in the workspace's currency."""
    return page.words.money(value, page.currency, 0) if value == 0 else page.words.compact(value, page.currency)


def whole_days(page: Page, days: float | None) -> str:
    """A number of days without its fraction."""
    return page.words.value(None if days is None else int(days), "days", digits=0)


def group_value(rows: Iterable[Any], by: str) -> dict[str | None, Any]:
    """The rows of an answer by one dimension, by its values."""
    return {row["by"][by]: row for row in rows}
