"""Where one record counts: the KPIs of a period whose numerator or denominator it is in, with its contribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesgauge.semantics.kpi import Kpi
from salesgauge.web.opened.asking import SIDES
from salesgauge.web.page import Page


@dataclass(frozen=True)
class Counted:
    """A KPI that a record counts in: its name and page, the side, the contribution, and the address of all that side's records."""

    name: str
    address: str
    side: str
    contribution: str
    records: str


def counted(page: Page, table: str, name: str) -> Sequence[Counted]:
    """The KPIs of the view's period that the record counts in, as this visitor may see them."""
    sides = [(kpi, side) for kpi in page.site.desk.catalogue.values() for side in SIDES
             if _table_of(kpi, side) in (table, None) and not _absent(kpi, side)]
    page.must_offer({"where": dict(page.view.where)})
    queries = [(page.query(kpi.id), side) for kpi, side in sides]
    found = page.site.desk.contributions(queries, table, name, page.visitor.viewer)
    words = page.words
    return [Counted(words.kpi_name(kpi.id, kpi.id), page.address(f"/kpis/{kpi.id}"), words.heading(side), words.number(number),
                    page.address(f"/kpis/{kpi.id}/records", side=side))
            for (kpi, side), number in zip(sides, found, strict=True) if number is not None]


def _absent(kpi: Kpi, side: str) -> bool:
    return side == SIDES[1] and kpi.formula.denominator is None


def _table_of(kpi: Kpi, side: str) -> str | None:
    """The table whose rows a side counts; None where they may be of several."""
    measure = kpi.formula.numerator if side == SIDES[0] else kpi.formula.denominator
    return measure.records[0] if measure else None
