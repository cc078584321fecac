"""A KPI or figure by one dimension: a table with bars, each row opened into its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesgauge.analyses.differences import Difference, differences
from salesgauge.semantics.comparison import FEW
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.batch import Batch, Reply, Row
from salesgauge.web.cards import notes, reason, shown
from salesgauge.web.opening import rows_of
from salesgauge.web.page import Page
from salesgauge.web.view import View

SAMPLED = ("proportion", "mean", "ratio")  # kinds whose value says little where the cases are few
SHOWN = 12                                 # slices of a breakdown before the rest is only counted


@dataclass(frozen=True)
class Slice:
    """One row: what it is and where it leads, its value, interval and cases in words; `number`, `low` and `high` draw the bar. `differs`
    says better, worse, higher or lower than the others by more than chance; `beside` is the value of a second KPI. A `hidden` one is too
    small a group to be shown."""

    label: str
    address: str
    rows: str
    value: str
    number: float | None
    low: float | None
    high: float | None
    interval: str | None
    cases: str
    share: str | None
    beside: str | None
    few: bool
    differs: str | None
    hidden: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Breakdown:
    """A table. `most` is the full width of its bars, `mark` a rule across them; `more` slices are only counted; `why` says why there is
    none. `sampled`: the values are shares or averages, with cases and, where there is one, an interval. `beside`: the name of a second
    KPI."""

    kpi: str
    name: str
    meaning: str
    address: str
    by: str
    slices: tuple[Slice, ...]
    most: float
    mark: float | None
    more: int
    why: str | None
    sampled: bool
    intervals: bool
    cases: bool
    beside: str | None

    @property
    def few(self) -> bool:
        """Whether a row stands on too few cases."""
        return any(s.few for s in self.slices)

    @property
    def differing(self) -> bool:
        """Whether a row differs from the others by more than chance."""
        return any(s.differs for s in self.slices)

    @property
    def hiding(self) -> bool:
        """Whether a row is too small a group to be shown."""
        return any(s.hidden for s in self.slices)


class BreakdownQuestion:
    """The question of one breakdown in a batch, and the table that its answer makes."""

    def __init__(self, page: Page, batch: Batch, kpi: str, by: str, *, view: View | None = None, beside: str | None = None) -> None:
        self.page, self.kpi, self.by, self.view = page, page.measured(kpi), by, view or page.view
        self.reply: Reply = batch.ask(page.query(kpi, self.view.span, by=(by,), view=self.view))
        self.second = None if beside is None else page.measured(beside)
        self.beside: Reply | None = None if beside is None else batch.ask(page.query(beside, self.view.span, by=(by,), view=self.view))

    def table(self, *, ranked: bool = True, limit: int = SHOWN, mark: float | None = None,
              cases: bool = True) -> Breakdown:
        """The table, once the batch was asked. `ranked`: the largest value first, else in the order of the dimension; groups that are
        withheld are named without a value. Without `cases` these are not told: parts of one whole all have the same."""
        page, kpi, rows = self.page, self.kpi, list(self.reply.rows)
        hidden = frozenset(row["by"][self.by] for row in rows if row.get("withheld"))
        told = [row for row in rows if row["by"][self.by] not in hidden]
        found = {d.key: d for d in differences(kpi, told, self.by)}
        if ranked:
            rows.sort(key=lambda row: (row["by"][self.by] in hidden, row["value"] is None, -(row["value"] or 0), row["by"][self.by] or ""))
        page.learn(self.by, [row["by"][self.by] for row in rows[:limit]])
        whole = sum(row["value"] or 0 for row in told) if kpi.kind in ("sum", "count") else None
        slices = tuple(self._slice(row, found.get(row["by"][self.by]), row["by"][self.by] in hidden, whole) for row in rows[:limit])
        most = max([*(s.high if s.high is not None else s.number or 0 for s in slices), mark or 0], default=0)
        why = reason(page, kpi, self.reply) if self.reply.error is not None or not rows else None
        address = page.opened(kpi.id, self.view, by=self.by)
        second = None if self.second is None else page.words.kpi_name(self.second.id, self.second.id)
        sampled = kpi.kind in SAMPLED
        return Breakdown(kpi.id, page.words.kpi_name(kpi.id, kpi.id), page.words.kpi_meaning(kpi.id, kpi.meaning), address, self.by, slices,
                         most, mark, max(0, len(rows) - limit), why, sampled, kpi.interval is not None, sampled and cases, second)

    def _slice(self, row: Row, found: Difference | None, hidden: bool, whole: float | None) -> Slice:
        page, kpi, key = self.page, self.kpi, row["by"][self.by]
        view = self.view.filtered(self.by, key)
        label, rows = name_of(page, self.by, key), rows_of(page, kpi.id, view)
        if hidden:
            return Slice(label, "", "", page.words.empty(), None, None, None, None, page.words.empty(), None, None, False, None, True, ())
        interval = None if row["low"] is None else page.words.interval(row["low"], row["high"], kpi.unit, page.currency)
        few = is_few(kpi, row)
        differs = found.verdict if found is not None and found.by_more_than_chance else None
        share = page.words.percent(row["value"] / whole) if whole and row["value"] is not None else None
        return Slice(label, page.opened(kpi.id, view), rows, shown(page, kpi, row["value"]) if row["value"] is not None
                     else page.words.empty(), row["value"], row["low"], row["high"], interval, page.words.number(row["n"]), share,
                     self._second(key), few, differs, False, notes(page, row, False))

    def _second(self, key: str | None) -> str | None:
        """The value of the second KPI beside this row; None where none was asked for."""
        if self.beside is None or self.second is None:
            return None
        row = ordered(self.beside.rows, self.by).get(key)
        return self.page.words.empty() if row is None or row["value"] is None else shown(self.page, self.second, row["value"])


def is_few(kpi: Kpi, row: Row) -> bool:
    """Whether a row's value stands on too few cases to say much."""
    return kpi.kind in SAMPLED and row["value"] is not None and row["n"] < FEW


def name_of(page: Page, dimension: str, key: str | None) -> str:
    """What a value of a dimension is called in a table: a band of tenure with its unit, any other as `Page.label` has it."""
    return page.words.message("tenure_months", band=key) if dimension == "tenure" and key else page.label(dimension, key)


def ordered(rows: Sequence[Row], by: str) -> dict[str | None, Row]:
    """The rows of an answer by their key."""
    return {row["by"][by]: row for row in rows}
