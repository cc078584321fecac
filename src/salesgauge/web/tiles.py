"""A figure in a small card: its value, what is to be known beside it, and its records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from salesgauge.web.batch import Reply
from salesgauge.web.cards import notes, reason, shown
from salesgauge.web.page import Page
from salesgauge.web.view import View


@dataclass(frozen=True)
class Tile:
    """What a tile shows. `value` is None where there is none, and `why` says the reason then; `captions` stand below the value."""

    id: str
    name: str
    address: str | None
    value: str | None
    why: str | None
    captions: tuple[str, ...]
    meaning: str


def tile(page: Page, kpi: str, reply: Reply, captions: Iterable[str] = (), *, view: View | None = None) -> Tile:
    """The tile of a KPI or figure, from the answer to a question without grain and dimensions."""
    found, words = page.measured(kpi), page.words
    value = reply.value
    return Tile(kpi, words.kpi_name(kpi, kpi), page.opened(kpi, view), None if value is None else shown(page, found, value),
                None if value is not None else reason(page, found, reply), (*captions, *notes(page, reply.row, False)),
                words.kpi_meaning(kpi, found.meaning))
