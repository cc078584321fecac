"""The blocks of the homes: groups of cards, and panels, each asked within the home's batches and built once these were asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from salesgauge.web.batch import Batch
from salesgauge.web.cards import Card, CardQuestions
from salesgauge.web.page import Page
from salesgauge.web.pages.homes.roles import Role
from salesgauge.web.panels.attention import needs_attention
from salesgauge.web.panels.changes import ChangeQuestions
from salesgauge.web.panels.coaching import CoachingQuestions
from salesgauge.web.panels.customers import customers, renewals
from salesgauge.web.panels.deals import committed, deal_list
from salesgauge.web.panels.leaderboard import LeaderboardQuestions
from salesgauge.web.panels.movement import MovementQuestions
from salesgauge.web.panels.places import LocationQuestions, PriceQuestions
from salesgauge.web.panels.plan import PlanQuestions
from salesgauge.web.panels.replies import untagged_replies
from salesgauge.web.panels.shown import Shown
from salesgauge.web.panels.split import LossQuestions, SplitQuestions
from salesgauge.web.panels.stages import OpenStageQuestions, PassageQuestions

WIDTHS = {"plan": "wide", "attention": "narrow", "movement": "wide", "leaderboard": "narrow", "closing": "full", "committed": "full",
          "stalled": "full"}


@dataclass(frozen=True)
class Asking:
    """A home while it asks: its page (with the view of the team or person), the page of the address, the questions of the plan, and its
    batches: what cards ask reaches over many periods, what panels ask is told of one; apart, neither is worked out for the other's."""

    page: Page
    whole: Page
    role: Role
    trends: Batch
    once: Batch
    plan: PlanQuestions


@dataclass(frozen=True, kw_only=True)
class CardGroup(Shown):
    """A group of KPI cards."""

    cards: tuple[Card, ...] = ()


Build = Callable[[], Shown]  # builds a block, once the batches were asked


def ask(asking: Asking, name: str) -> Build:
    """Asks for a block of a home; what is given builds it afterwards."""
    build = _cards(asking, name) if name in asking.role.cards else _PANELS[name](asking)
    width = asking.role.widths.get(name, WIDTHS.get(name, "half"))
    return lambda: _sized(build(), "full" if name in asking.role.cards else width)


def _sized(block: Shown, width: str) -> Shown:
    return replace(block, width=width)


def _cards(asking: Asking, name: str) -> Build:
    page = asking.page
    questions = [CardQuestions(page, asking.trends, kpi) for kpi in asking.role.cards[name]]

    def build() -> Shown:
        cards = tuple(replace(card, bullet=asking.plan.bullet()) if card.kpi == "bookings" else card
                      for card in (each.card() for each in questions))
        return CardGroup(name=name, template="panels/cards.html", title=page.words.message(f"home_group_{name}"), cards=cards)
    return build


def _team_of(asking: Asking) -> Page:
    """The page that coaching compares within: of a person's home that of their team, else the home's own."""
    if asking.page.person is None:
        return asking.page
    team = asking.page.site.of_rep(asking.page.person, "team")
    return asking.whole if team is None else asking.whole.of(asking.whole.view.filtered("team", team))


_PANELS: dict[str, Callable[[Asking], Build]] = {
    "plan": lambda a: a.plan.build,
    "attention": lambda a: lambda: needs_attention(a.page, owners=not a.role.own),
    "movement": lambda a: MovementQuestions(a.page, a.once).build,
    "leaderboard": lambda a: LeaderboardQuestions(a.page, a.once).build,
    "split": lambda a: SplitQuestions(a.page, a.once).build,
    "losses": lambda a: LossQuestions(a.page, a.once).build,
    "changes": lambda a: ChangeQuestions(a.page, a.once).build,
    "coaching": lambda a: CoachingQuestions(_team_of(a), a.once, a.page.person).build,
    "passages": lambda a: PassageQuestions(a.page, a.once).build,
    "open_stages": lambda a: OpenStageQuestions(a.page, a.once).build,
    "closing": lambda a: lambda: deal_list(a.page, "closing_deals", owners=not a.role.own),
    "committed": lambda a: lambda: committed(a.page, owners=not a.role.own),
    "stalled": lambda a: lambda: deal_list(a.page, "stalled_deals", owners=not a.role.own),
    "renewals": lambda a: lambda: renewals(a.page),
    "untouched_customers": lambda a: lambda: customers(a.page, "untouched_customers"),
    "upsell_window": lambda a: lambda: customers(a.page, "upsell_window"),
    "replies": lambda a: lambda: untagged_replies(a.page, owners=not a.role.own),
    "locations": lambda a: LocationQuestions(a.page, a.once).build,
    "prices": lambda a: PriceQuestions(a.page, a.once).build,
}
