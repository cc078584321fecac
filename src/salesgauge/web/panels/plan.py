"""Bookings beside quota, steady pace and commits: the sentence that a page begins with, the figures, the chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from salesgauge.analyses.pace import Pace, pace
from salesgauge.periods import Span
from salesgauge.web.batch import Batch, Reply
from salesgauge.web.page import Page
from salesgauge.web.panels.course import Course, course
from salesgauge.web.panels.shown import Link, Shown, aside, group_value, lacking, money
from salesgauge.web.targets import Bullet

DUE = ("overdue", "this_period")


@dataclass(frozen=True)
class Fact:
    """A name, its value and where it is opened; `note` says more."""

    name: str
    value: Link
    note: str = ""


@dataclass(frozen=True)
class Headline:
    """The answer in one sentence, and what follows from it."""

    first: str
    then: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan(Shown):
    """The figures and the course of bookings over the period."""

    facts: tuple[Fact, ...] = ()
    course: Course | None = None


class PlanQuestions:
    """Asks for bookings, quota, commits and what is due; `daily` is a batch of its own, since it holds many short periods."""

    def __init__(self, page: Page, batch: Batch, daily: Batch) -> None:
        self.page = page
        view = page.view
        self.booked, self.quota, self.commit = (batch.ask(page.query(figure)) for figure in ("bookings", "quota", "commit"))
        self.open = batch.ask(page.query("open_pipeline", by=("due",)))
        self.days: Reply = daily.ask(page.query("bookings", grain="day"))
        self.compared: Span | None = view.before
        self.days_before = None if self.compared is None else daily.ask(page.query("bookings", self.compared, grain="day"))

    @cached_property
    def pace(self) -> Pace | None:
        """Where bookings stand beside the quota; None where bookings cannot be told."""
        if self.booked.value is None:
            return None
        row = self.quota.row
        quota = row["value"] if row is not None and row["n"] else None
        return pace(self.booked.value, quota, self.page.view.span, self.page.view.today)

    @property
    def due(self) -> float | None:
        """The value of the open deals that are expected to close before the period's end; None where it cannot be told."""
        if self.open.error is not None:
            return None
        rows: Mapping[str | None, Mapping[str, float]] = group_value(self.open.rows, "due")
        return sum(rows[due]["value"] for due in DUE if due in rows)

    def headline(self) -> Headline:
        """The sentence."""
        page, words, found = self.page, self.page.words, self.pace
        if found is None:
            return Headline(lacking(page, self.booked) or words.term("no_data"))
        view, booked = page.view, money(page, found.booked)
        why = lacking(page, self.quota)
        none = words.message("home_quota_unknown", why=why) if why else words.message("home_no_quota")
        if view.today < view.span.start:
            quota = none if found.quota is None else words.message("home_its_quota", quota=money(page, found.quota))
            return Headline(words.message("home_not_begun", day=view.span.start), quota)
        if found.quota is None or found.attainment is None:
            return Headline(words.message("home_booked", booked=booked), none)
        quota = money(page, found.quota)
        first = words.message("home_booked_of_quota", booked=booked, share=words.percent(found.attainment, 0), quota=quota)
        over, gap = found.booked - found.quota, found.gap or 0.0
        if not gap:
            return Headline(first, words.message("home_quota_reached", over=money(page, over)))
        if view.today >= view.span.end:
            return Headline(first, words.message("home_quota_missed", gap=money(page, gap)))
        left = words.message("home_to_go", gap=money(page, gap), each=money(page, found.needed_per_day), count=found.left)
        return Headline(f"{first} {self._beside_pace(found)}", left)

    def _beside_pace(self, found: Pace) -> str:
        page, ahead = self.page, found.ahead or 0.0
        steady = money(page, found.steady)
        key = "home_ahead_of_pace" if ahead > 0 else "home_behind_pace" if ahead < 0 else "home_on_pace"
        values = {"steady": steady} | ({"difference": money(page, abs(ahead))} if ahead else {})
        return page.words.message(key, **values)

    def bullet(self) -> Bullet | None:
        """Bookings beside their quota, for a card; None without a quota."""
        found = self.pace
        if found is None or not found.quota or found.attainment is None:
            return None
        words = self.page.words
        said = words.message("share_of_target", share=words.percent(found.attainment, 0), target=money(self.page, found.quota))
        return Bullet(found.booked, found.quota, found.steady if self.page.view.running else None, said)

    def build(self) -> Plan:
        """The panel, once both batches were asked."""
        page, words, found = self.page, self.page.words, self.pace
        why = lacking(page, self.booked)
        return Plan(
            name="plan", template="panels/plan.html", title=words.message("home_plan"),
            subtitle=words.message("home_plan_subtitle", period=page.period(page.view.span)), why=why,
            notes=aside(page, [self.booked, self.quota, self.commit]), facts=() if found is None else self._facts(found),
            more=Link(words.message("home_view_records"), page.opened("bookings")),
            course=None if found is None or self.days.error else course(
                page, self.days.rows, self.days_before.rows if self.days_before else (), found.quota, self._committed(), self.compared))

    def _committed(self) -> float | None:
        row = self.commit.row
        return row["value"] if row is not None and row["n"] else None

    def _facts(self, found: Pace) -> tuple[Fact, ...]:
        page, words = self.page, self.page.words
        facts = [Fact(words.kpi_name("bookings"), Link(money(page, found.booked), page.opened("bookings")))]
        if found.quota is not None:
            facts.append(Fact(words.kpi_name("quota"), Link(money(page, found.quota), page.opened("quota"))))
            if page.view.running:
                facts.append(Fact(words.heading("steady_pace"), Link(money(page, found.steady)),
                                  words.message("home_workdays_over", count=found.elapsed, whole=found.days)))
        committed = self._committed()
        facts.append(Fact(words.kpi_name("commit"), Link(money(page, committed), page.opened("commit")) if committed is not None
                          else Link(words.empty()), "" if committed is not None else lacking(page, self.commit)
                          or words.message("home_no_commit")))
        if self.due is not None and page.view.span.end > page.view.today:
            opened = page.opened("open_pipeline", page.view.filtered("due", *DUE))
            cover = found.coverage(self.due)
            said = "" if cover is None else words.message("home_covers_gap", times=words.number(cover, 1))
            facts.append(Fact(words.message("home_pipeline_due"), Link(money(page, self.due), opened), said))
        return tuple(facts)
