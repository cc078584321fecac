"""A KPI broken down by a dimension: each slice with its value, interval, change, share, and whether it differs by more than chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from salesgauge.analyses.differences import Difference, differences
from salesgauge.semantics.answer import BANDS, NUMBERED
from salesgauge.semantics.comparison import FEW, Comparison
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.batch import Batch, Reply, Row
from salesgauge.web.cards import Change, change, notes, reason
from salesgauge.web.page import Page

SHOWN = 20  # slices, unless all are asked for
BY, SORT, ALL = "by", "sort", "all"  # the parameters of the address
ORDERED = (*BANDS, *NUMBERED)  # dimensions whose values have an order of their own
NUMEROUS = ("account",)        # dimensions of so many values that not all of them are looked at to show the first
COLUMNS = ("key", "value", "change", "share", "n")


@dataclass(frozen=True)
class Differing:
    """That a slice differs from the rest by more than chance: better, worse, higher or lower, and in words against what."""

    verdict: str
    arrow: str
    said: str


@dataclass(frozen=True)
class Slice:
    """One row: what it is, its value, interval, change and share; the address of the page for it alone, and of its records."""

    label: str
    value: str
    number: float | None
    low: float | None
    high: float | None
    interval: str | None
    median: str | None
    p90: str | None
    change: Change | None
    share: str | None
    cases: str
    few: bool
    differs: Differing | None
    notes: tuple[str, ...]
    address: str
    records: str


@dataclass(frozen=True)
class Breakdown:
    """The slices as a page shows them. `rest` counts those that are not shown; `columns` are the optional ones that have anything in
    them; `most` is the full width of a bar; `why` says why there are no slices; `one_sided`: the dimension is carried by one side only;
    `tested`: how many slices were looked at for more than chance, all together."""

    by: str
    slices: tuple[Slice, ...]
    rest: int
    columns: frozenset[str]
    most: float
    sort: str
    descending: bool
    why: str | None
    one_sided: bool
    tested: int


class BreakdownQuestions:
    """The questions of a breakdown in a batch: the period, and like for like what it is compared with.

    Where the values are numerous only those that are shown are asked for, unless the address wants all or another order (`whole`: the
    page needs all); no shares are then told, and not what differs by chance, for which all have to be looked at.
    """

    def __init__(self, page: Page, batch: Batch, kpi: Kpi, by: str, whole: bool = False) -> None:
        self._page, self._kpi, self._by = page, kpi, by
        largest = page.request.query_params.get(SORT, "") in ("", "-value")
        self._first = SHOWN if by in NUMEROUS and largest and not whole and not self._wants_all() else None
        alike = page.view.comparable
        self._whole: Reply = batch.ask(page.query(kpi.id))
        self._parts: Reply = batch.ask(page.query(kpi.id, by=(by,), first=self._first))
        self._alike = [page.query(kpi.id, span, by=(by,)) for span in (alike.now, alike.before)] if alike else []
        self._compared_with = [batch.ask(query) for query in self._alike] if self._first is None else []

    def breakdown(self) -> Breakdown:
        """The breakdown, once the batch was asked."""
        page, kpi, by, rows = self._page, self._kpi, self._by, self._parts.rows
        if self._first is not None:
            self._ask_of_shown()
        one_sided = by in kpi.one_sided
        differing = {} if one_sided or self._first is not None else {found.key: found for found in differences(kpi, rows, by)}
        total = self._total
        slices = tuple(self._slice(row, self._compared.get(row["by"][by]), total, differing.get(row["by"][by])) for row in self._shown)
        wanted = {"interval": any(s.interval for s in slices), "change": any(s.change for s in slices), "share": total is not None,
                  "differs": any(s.differs for s in slices), "median": kpi.median}
        return Breakdown(
            by, slices, len(rows) + self._parts.answer.get("left_out", 0) - len(slices),
            frozenset(name for name, there in wanted.items() if there),
            max((max(s.high or 0, s.number or 0) for s in slices), default=0), *self._order,
            None if slices else reason(page, kpi, self._parts), one_sided,
            sum(found.adjusted is not None for found in differing.values()))

    def keys(self) -> list[str | None]:
        """The keys of the slices that are shown, in their order."""
        return [row["by"][self._by] for row in self._shown]

    def _ask_of_shown(self) -> None:
        """Asks what the slices that are shown are compared with."""
        batch = self._page.batch()
        self._compared_with = [batch.ask({**query, "where": {**query.get("where", {}), self._by: self.keys()}}) for query in self._alike]
        batch.run()

    def _wants_all(self) -> bool:
        return bool(self._page.request.query_params.get(ALL))

    @cached_property
    def _total(self) -> float | None:
        """What the slices are shares of; None where they are no parts of a whole."""
        whole = self._whole.value if self._kpi.kind in ("sum", "count") and self._first is None else None
        return whole if whole and all(row["value"] >= 0 for row in self._parts.rows) else None

    @cached_property
    def _compared(self) -> dict[str | None, Comparison]:
        """The slices that both periods have."""
        if not self._compared_with:
            return {}
        now, before = (_by_key(reply, self._by) for reply in self._compared_with)
        return {key: Comparison(self._kpi, row, before[key]) for key, row in now.items() if key in before}

    @cached_property
    def _order(self) -> tuple[str, bool]:
        """The column to sort by and whether from the top down: as the address says, else the largest first, bands in their own order."""
        asked = self._page.request.query_params.get(SORT, "")
        name = asked.removeprefix("-")
        if name in COLUMNS and (self._total is not None or name != "share"):
            return name, asked.startswith("-")
        return ("key", False) if self._by in ORDERED else ("value", True)

    @cached_property
    def _shown(self) -> list[Row]:
        if self._order[0] == "key":
            self._page.learn(self._by, [row["by"][self._by] for row in self._parts.rows])
        ordered = self._sorted()
        shown = ordered if self._wants_all() else ordered[:SHOWN]
        self._page.learn(self._by, [row["by"][self._by] for row in shown])
        return shown

    def _sorted(self) -> list[Row]:
        """All rows in that order, empty ones last."""
        page, by, rows = self._page, self._by, self._parts.rows
        (sort, descending), places = self._order, {row["by"][by]: place for place, row in enumerate(rows)}

        def named(row: Row) -> Any:
            key = row["by"][by]
            return None if key is None else places[key] if by in ORDERED else page.label(by, key).casefold()
        read: dict[str, Callable[[Row], Any]] = {
            "key": named, "value": lambda row: row["value"], "share": lambda row: row["value"], "n": lambda row: row["n"],
            "change": lambda row: moved(self._compared.get(row["by"][by]))}
        filled = [(found, row) for row in rows if (found := read[sort](row)) is not None]
        filled.sort(key=itemgetter(0), reverse=descending)
        return [row for _found, row in filled] + [row for row in rows if read[sort](row) is None]

    def _slice(self, row: Row, compared: Comparison | None, total: float | None, found: Difference | None) -> Slice:
        page, kpi, words, by = self._page, self._kpi, self._page.words, self._by
        key = row["by"][by]
        few = kpi.kind in ("proportion", "mean", "ratio") and row["n"] is not None and row["n"] < FEW
        narrowed = page.view.filtered(by, key)

        def written(part: str) -> str:
            return words.value(row.get(part), kpi.unit, page.currency)
        return Slice(
            page.label(by, key), written("value"), row["value"], row["low"], row["high"],
            None if row["low"] is None else words.interval(row["low"], row["high"], kpi.unit, page.currency),
            written("median") if kpi.median else None, written("p90") if kpi.median else None,
            change(page, compared) if compared and not compared.small else None,
            words.percent(row["value"] / total) if total else None, words.number(row["n"]), few,
            None if found is None else _differing(page, kpi, found), notes(page, row, False),
            page.address(f"/kpis/{kpi.id}", narrowed, **{BY: by}),
            page.address(f"/kpis/{kpi.id}/records", narrowed, side="numerator"))


def moved(compared: Comparison | None) -> float | None:
    """What a table sorts changes by: the change of a percentage or score, the growth of anything else."""
    if compared is None or compared.small:
        return None
    return compared.change if compared.kpi.unit in ("percent", "score") or compared.growth is None else compared.growth


def _differing(page: Page, kpi: Kpi, found: Difference) -> Differing | None:
    if not found.by_more_than_chance or found.verdict is None or found.rest is None or found.value is None:
        return None
    words = page.words
    return Differing(found.verdict, "▲" if found.value > found.rest else "▼",
                     words.message(f"kpis_rest_{found.verdict}", rest=words.value(found.rest, kpi.unit, page.currency)))


def _by_key(reply: Reply, by: str) -> dict[str | None, Row]:
    return {row["by"][by]: row for row in reply.rows}
