"""Where one record counts: the KPIs of a period whose numerator or denominator it is in, with its contribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from salesgauge.errors import QuestionError
from salesgauge.semantics.kpi import Kpi
from salesgauge.store.records import Records
from salesgauge.web.opened.asking import SIDES
from salesgauge.web.page import Page

_AT_ONCE = 500  # records read at a time


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
    found, workspace = [], page.site.desk
    with workspace.session() as session:
        for kpi in workspace.catalogue.values():
            for side in SIDES:
                if _table_of(kpi, side) not in (table, None) or _absent(kpi, side):
                    continue
                try:
                    opened = workspace.open_records(session, page.query(kpi.id), side, page.visitor.viewer)
                    own = [row["contribution"] for row in _named(opened, name) if row["table"] == table and row["id"] == name]
                except QuestionError:  # a table that it needs is absent, or a filter that it does not have is set
                    continue
                if own:
                    found.append(Counted(page.words.kpi_name(kpi.id, kpi.id), page.address(f"/kpis/{kpi.id}"), page.words.heading(side),
                                         page.words.number(sum(own)), page.address(f"/kpis/{kpi.id}/records", side=side)))
    return found


def _named(opened: Records, name: str) -> Iterator[dict[str, Any]]:
    """Every record in which the name is found: of a short one, such as 1, others too, which hold it in an id or text."""
    start, matching = 0, 1
    while start < matching:
        found = opened.page(name, None, False, start, _AT_ONCE)
        yield from found.rows
        start, matching = start + _AT_ONCE, found.matching


def _absent(kpi: Kpi, side: str) -> bool:
    return side == SIDES[1] and kpi.formula.denominator is None


def _table_of(kpi: Kpi, side: str) -> str | None:
    """The table whose rows a side counts; None where they may be of several."""
    measure = kpi.formula.numerator if side == SIDES[0] else kpi.formula.denominator
    return measure.records[0] if measure else None
