"""A KPI by two dimensions at once: a table of the first slices of one against the largest of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesgauge.semantics.comparison import FEW
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.batch import Batch, Reply, Row
from salesgauge.web.kpis.breakdown import ORDERED
from salesgauge.web.page import Page

ACROSS = "across"  # the parameter of the address
COLUMNS = 8        # values of the second dimension that are shown


@dataclass(frozen=True)
class Cell:
    """A value with the address of its records; None stands where the two do not meet."""

    value: str
    few: bool
    records: str


@dataclass(frozen=True)
class Crossing:
    """The table: its columns by name, and rows of a name and cells. `rest` counts the columns that are not shown."""

    across: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    rest: int
    few: bool


class CrossingQuestions:
    """The question of a table by two dimensions in a batch."""

    def __init__(self, page: Page, batch: Batch, kpi: Kpi, by: str, across: str) -> None:
        self._page, self._kpi, self._by, self._across = page, kpi, by, across
        self._parts: Reply = batch.ask(page.query(kpi.id, by=(by, across)))

    def crossing(self, keys: Sequence[str | None]) -> Crossing:
        """The table, once the batch was asked; `keys` are its rows."""
        page, by, across = self._page, self._by, self._across
        cells = {(row["by"][by], row["by"][across]): row for row in self._parts.rows}
        cases: dict[str | None, int] = {}
        for (_key, other), row in cells.items():
            cases[other] = cases.get(other, 0) + (row["n"] or 0)
        page.learn(across, cases)
        ordered = [*cases] if across in ORDERED else sorted(cases, key=lambda other: (other is None, -cases[other]))
        shown = ordered[:COLUMNS]
        rows = tuple((page.label(by, key), tuple(self._cell(cells.get((key, other)), key, other) for other in shown))
                     for key in keys)
        return Crossing(across, tuple(page.label(across, other) for other in shown), rows, len(ordered) - len(shown),
                        any(cell.few for _name, several in rows for cell in several if cell))

    def _cell(self, row: Row | None, key: str | None, other: str | None) -> Cell | None:
        if row is None:
            return None
        page, kpi = self._page, self._kpi
        narrowed = page.view.filtered(self._by, key).filtered(self._across, other)
        return Cell(page.words.value(row["value"], kpi.unit, page.currency),
                    kpi.kind in ("proportion", "mean", "ratio") and row["n"] is not None and row["n"] < FEW,
                    page.address(f"/kpis/{kpi.id}/records", narrowed, side="numerator"))
