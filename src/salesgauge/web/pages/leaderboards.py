"""Leaderboards: who stands where in a KPI that reps or teams have, what is chance and what is more.

A rep sees their own row, a manager those of their reports: the viewer's filter is in the answer. Where the company publishes its boards
(`Visitor.team_totals`) everybody sees every row of them, without the filters of the page, without small groups, and without records
that are not theirs to open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from markupsafe import Markup

from salesgauge import charts
from salesgauge.analyses.differences import Difference, differences
from salesgauge.analyses.leaderboard import Standing, leaderboard, on_target
from salesgauge.semantics.comparison import FEW
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.question import EVERYTHING
from salesgauge.web.batch import Batch, Reply, Row
from salesgauge.web.breakdown import is_few
from salesgauge.web.cards import notes, reason, shown
from salesgauge.web.confidence import too_small
from salesgauge.web.opening import rows_of
from salesgauge.web.page import Page, page

router = APIRouter()
DEFAULT = "quota_attainment"
GROUPS = ("rep", "team")
FIGURES = ("bookings", "wins", "open_pipeline", "meetings_booked", "touches")  # that tell of reps beside the KPIs


@dataclass(frozen=True)
class Place:
    """One row. `rank` is empty where none is better than another, or without a value; `address` and `rows` are None where the records
    are not for the visitor to open; `differs` says better, worse, higher or lower than the others by more than chance."""

    rank: str
    label: str
    address: str | None
    rows: str | None
    bar: Markup
    value: str
    beside: str
    interval: str
    cases: str
    few: bool
    own: bool
    differs: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Board:
    """A leaderboard. `ranked`: the KPI has a direction; `quotas`: the bars are bookings and their marks quotas; `reached` how many
    reached theirs, in words; `hidden` how many groups are too small to be shown."""

    kpi: str
    name: str
    meaning: str
    address: str
    by: str
    direction: str
    places: tuple[Place, ...]
    why: str | None
    ranked: bool
    quotas: bool
    sampled: bool
    intervals: bool
    reached: str | None
    hidden: int
    published: bool

    @property
    def few(self) -> bool:
        """Whether a row stands on too few cases."""
        return any(p.few for p in self.places)

    @property
    def differing(self) -> bool:
        """Whether a row differs from the others by more than chance."""
        return any(p.differs for p in self.places)


@router.get("/leaderboards")
def leaderboards_page(page: Annotated[Page, Depends(page)], kpi: str = DEFAULT, by: str = GROUPS[0]) -> Response:
    """The board of one KPI, by rep or by team; 404 where there is no such KPI."""
    found = page.measured(kpi)
    offered = [group for group in GROUPS if group in found.dimensions]
    if found not in choices(page) or not offered:
        found, offered = page.measured(DEFAULT), list(GROUPS)
    chosen = by if by in offered else offered[0]
    published = page.visitor.team_totals and not page.visitor.sees_everything
    batch = Batch(lambda queries: page.site.desk.answer(queries, EVERYTHING, figures=True)) if published else page.batch()
    view = page.view.unfiltered() if published else page.view
    reply = batch.ask(page.query(found.id, by=(chosen,), view=view))
    batch.run()
    areas = [(area, list(several)) for area, several in groupby(choices(page), key=lambda k: k.area)]
    return page.render("leaderboards.html", active="leaderboards", board=_board(page, found, chosen, reply, published), areas=areas,
                       groups=[(group, page.here(by=group), group == chosen) for group in offered], few=FEW)


def choices(page: Page) -> list[Kpi]:
    """The KPIs that a board can be made of, in their areas, the figures last in theirs."""
    found = [k for k in page.site.desk.catalogue.values() if set(GROUPS) & set(k.dimensions)]
    areas = list(dict.fromkeys(k.area for k in found))
    found += [page.measured(name) for name in FIGURES]
    return sorted(found, key=lambda k: areas.index(k.area) if k.area in areas else len(areas))


def _board(page: Page, kpi: Kpi, by: str, reply: Reply, published: bool) -> Board:
    words = page.words
    direction = {"up": "higher_is_better", "down": "lower_is_better", "band": "within_band"}.get(kpi.better)
    rows, hidden = _told(page, kpi, by, reply.rows, published)
    found = differences(kpi, rows, by)
    standings = leaderboard([row for row in rows if row["by"][by] is not None], by, kpi.better)
    nobody = leaderboard([row for row in rows if row["by"][by] is None], by)  # what belongs to no rep or team competes with none
    page.learn(by, [each.key for each in standings])
    quotas = kpi.id == DEFAULT
    reached = on_target(standings) if quotas else None
    drawing = _Drawing(page, kpi, by, rows, {d.key: d for d in found}, published)
    return Board(
        kpi.id, words.kpi_name(kpi.id, kpi.id), words.kpi_meaning(kpi.id, kpi.meaning), page.opened(kpi.id, by=by), by,
        words.term(direction) if direction else "", tuple(drawing.place(each) for each in (*standings, *nobody)),
        reason(page, kpi, reply) if reply.error is not None or not rows else None, kpi.better in ("up", "down"), quotas,
        kpi.kind in ("proportion", "mean", "ratio") and not quotas, kpi.interval is not None,
        words.message("board_reached_quota", reached=reached.reached, whole=reached.of) if reached and reached.of > 1 else None,
        hidden, published)


def _told(page: Page, kpi: Kpi, by: str, rows: Sequence[Row], published: bool) -> tuple[list[Row], int]:
    """The rows that are shown, and how many are not because their group is too small: of a published board the teams of few cases, and
    the reps whose share or average stands on few; a sum by rep is what a board publishes."""
    withheld = [row for row in rows if row.get("withheld")]
    rows = [row for row in rows if not row.get("withheld")]
    if not published or (by == "rep" and kpi.kind not in ("proportion", "mean")):
        return list(rows), len(withheld)
    small = too_small({row["by"][by]: row["n"] for row in rows if row["n"] is not None}, page.visitor.smallest_group)
    return [row for row in rows if row["by"][by] not in small], len(small) + len(withheld)


class _Drawing:
    """Draws the places of one board."""

    def __init__(self, page: Page, kpi: Kpi, by: str, rows: Sequence[Row], found: Mapping[str | None, Difference], published: bool) -> None:
        self.page, self.kpi, self.by, self.found, self.published = page, kpi, by, found, published
        self.rows = {row["by"][by]: row for row in rows}
        self.quotas = kpi.id == DEFAULT
        ends: list[Any] = ([(row["numerator"], row["denominator"]) for row in rows] if self.quotas
                           else [(row["value"], row["high"]) for row in rows])
        self.most = max((end or 0.0 for pair in ends for end in pair), default=0.0)

    def place(self, each: Standing) -> Place:
        """One row of the board."""
        page, kpi, words, row = self.page, self.kpi, self.page.words, self.rows[each.key]
        view = page.view.filtered(self.by, each.key)
        own = self.by == "rep" and each.key is not None and each.key == page.visitor.rep_id
        mine = not self.published or own
        found = self.found.get(each.key)
        bar = (charts.bar(each.numerator, self.most, mark=each.denominator) if self.quotas
               else charts.bar(row["value"], self.most, low=row["low"], high=row["high"]))
        ranked = kpi.better in ("up", "down") and each.rank is not None and each.key is not None
        return Place(
            words.number(each.rank) if ranked else "", page.label(self.by, each.key), page.opened(kpi.id, view) if mine else None,
            rows_of(page, kpi.id, view) if mine else None, bar, words.empty() if row["value"] is None else shown(page, kpi, row["value"]),
            self._beside(each), words.interval(row["low"], row["high"], kpi.unit, page.currency) if row["low"] is not None else "",
            words.number(row["n"]), is_few(kpi, row) and not self.quotas, own,
            found.verdict if found is not None and found.by_more_than_chance else None,
            notes(page, row, False) if mine else ())

    def _beside(self, each: Standing) -> str:
        """Bookings and quota in words, where the board is that of quotas."""
        page, words = self.page, self.page.words
        return words.message("part_of", part=words.compact(each.numerator, page.currency),
                             whole=words.compact(each.denominator, page.currency)) if self.quotas else ""
