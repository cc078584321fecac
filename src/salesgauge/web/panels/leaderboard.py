"""Who stands where: bookings beside the quota, by the share of it that is reached."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from salesgauge import charts
from salesgauge.analyses.leaderboard import Standing, leaderboard, on_target
from salesgauge.analyses.pace import pace
from salesgauge.web.batch import Batch
from salesgauge.web.page import Page
from salesgauge.web.panels.shown import Link, Shown, aside, lacking, money

FIGURE = "quota_attainment"


@dataclass(frozen=True)
class Place:
    """One row: the rank, who, bookings with their bar and the quota's mark, attainment, how far ahead of the steady pace (with `ahead`
    better or worse)."""

    rank: str
    who: Link
    bookings: str
    bar: Markup
    attainment: str
    ahead: str
    verdict: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Leaderboard(Shown):
    """The places, the best first; `who` heads their column."""

    who: str = ""
    rows: tuple[Place, ...] = ()


class LeaderboardQuestions:
    """Asks for bookings and quotas by rep (or by team)."""

    def __init__(self, page: Page, batch: Batch, by: str = "rep", most: int = 8) -> None:
        self.page, self.by, self.most = page, by, most
        self.reply = batch.ask(page.query(FIGURE, by=(by,)))

    def build(self) -> Leaderboard:
        """The panel, once the batch was asked."""
        page, words = self.page, self.page.words
        why = lacking(page, self.reply)
        found = leaderboard(self.reply.rows, self.by)
        page.learn(self.by, [each.key for each in found])
        widest = max((max(each.numerator, each.denominator or 0) for each in found), default=0.0)
        reached = on_target(found)
        everyone = Link(words.message("home_everyone", count=len(found)), page.address("/leaderboards"))
        return Leaderboard(
            name="leaderboard", template="panels/leaderboard.html", title=words.heading("leaderboard"),
            subtitle=words.message("home_at_quota", count=reached.reached, whole=reached.of) if reached.of else None,
            why=why or (None if found else words.term("no_data")), notes=aside(page, [self.reply]), who=words.dimension(self.by),
            rows=tuple(self._place(each, widest) for each in found[:self.most]), more=everyone if found else None)

    def _place(self, each: Standing, widest: float) -> Place:
        page, words = self.page, self.page.words
        ahead = pace(each.numerator, each.denominator, page.view.span, page.view.today).ahead
        return Place(
            "" if each.rank is None else words.number(each.rank), self._who(each.key), money(page, each.numerator),
            charts.bar(each.numerator, widest, mark=each.denominator), words.percent(each.value, 0),
            words.compact(ahead, page.currency, signed=True), "" if not ahead else "better" if ahead > 0 else "worse",
            page.opened("bookings", page.view.filtered(self.by, each.key)))

    def _who(self, key: str | None) -> Link:
        page = self.page
        if key is None:
            return Link(page.label(self.by, None))
        if self.by == "team":
            return Link(page.label("team", key), page.address(team_path(key), page.view.filtered("team")))
        return rep_link(page, key)


def team_path(team: str) -> str:
    """The path of a team's page."""
    return f"/teams/{quote(team, safe='')}"


def rep_path(rep: str) -> str:
    """The path of a rep's home as the rep sees it."""
    return f"/reps/{quote(rep, safe='')}/home"


def rep_link(page: Page, rep: str | None) -> Link:
    """A rep by name, leading to their home; a filter by team or rep is not kept there, since the person is chosen."""
    view = page.view.filtered("rep").filtered("team")
    return Link(page.label("rep", rep), None if rep is None else page.address(rep_path(rep), view))
