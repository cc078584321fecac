"""Lists of open deals with what is known of each: value, expected close, commit, last touch, pushes, next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from salesgauge.web.page import Page
from salesgauge.web.panels.leaderboard import rep_link
from salesgauge.web.panels.listing import Record, because, listed
from salesgauge.web.panels.shown import Link, Shown, money, whole_days
from salesgauge.web.view import View

COMMITTED = "committed"
TITLES = {COMMITTED: "home_committed",
          "closing_deals": "home_closing", "stalled_deals": "home_stalled", "deals_without_next_step": "home_without_next_step"}


@dataclass(frozen=True)
class Deal:
    """One deal, in words. `overdue`: its expected close has passed; `stalled`: it is in its stage for longer than is usual;
    `next_step` is None without one, and where names of persons are not to be seen: it is free text."""

    deal: Link
    owner: Link
    value: str
    closes_on: str
    overdue: bool
    category: str
    stage: str
    stage_days: str
    stalled: bool
    last_touch: str
    pushes: str
    next_step: str | None
    next_step_on: str


@dataclass(frozen=True, kw_only=True)
class DealList(Shown):
    """Deals, the largest value first; `owners`: whether they belong to several people."""

    rows: tuple[Deal, ...] = ()
    owners: bool = True


def committed(page: Page, *, owners: bool = True) -> DealList:
    """The deals closing in the period that were forecast as commit."""
    return deal_list(page, "closing_deals", page.view.filtered("forecast_category", "commit"), title=COMMITTED, owners=owners)


def deal_list(page: Page, figure: str, view: View | None = None, *, title: str | None = None, most: int = 10,
              owners: bool = True) -> DealList:
    """The deals of one of the figures closing_deals, stalled_deals and deals_without_next_step, the largest first; `title` is a key of
    TITLES where it is not the figure's."""
    words, title = page.words, title or figure
    found = listed(page, figure, view, most=most)
    return DealList(
        name=title.replace("_", "-"), template="panels/deals.html", title=words.message(TITLES[title]),
        subtitle=words.message("home_largest_first") if found.rows else None,
        why=found.why or (None if found.rows else words.message("home_no_such_deals")), rows=deals(page, found.rows), owners=owners,
        more=Link(words.message("home_all_deals", count=found.count), page.opened(figure, view)) if found.count else None)


def deals(page: Page, records: Sequence[Record]) -> tuple[Deal, ...]:
    """The records of a figure of deals to work on, in words; names are looked up at once."""
    page.learn("account", [because(record)["account_id"] for record in records])
    page.learn("rep", [record["row"].get("owner_id") for record in records])
    return tuple(_deal(page, record) for record in records)


def deal_link(page: Page, record: Record) -> Link:
    """A deal by the name of its account, else by its id."""
    account = because(record).get("account_id")
    name = str(record["id"]) if account is None else page.label("account", account)
    return Link(name, record_address(page, "opportunities", record["id"]))


def record_address(page: Page, table: str, key: str) -> str:
    """The page of one record."""
    return page.address(f"/records/{table}/{quote(str(key), safe='')}")


def _deal(page: Page, record: Record) -> Deal:
    words, why, row = page.words, because(record), record["row"]
    usual = why.get("usual_days")
    return Deal(
        deal_link(page, record), rep_link(page, row.get("owner_id")), money(page, why["value"]),
        words.date(why["closes_on"], year=False), why["due"] == "overdue",
        words.choice("forecast_category", why["forecast_category"]) if why["forecast_category"] else words.empty(),
        why["stage"] or words.term("unknown"), whole_days(page, why["stage_days"]), usual is not None and why["stage_days"] > usual,
        _ago(page, why), words.number(why["pushes"] or 0, 0), 
        None if page.visitor.nameless else why["next_step"],
        words.date(why["next_step_on"], year=False) if why["next_step_on"] or not why["next_step"] else "")


def _ago(page: Page, why: Record) -> str:
    if why["last_touch_at"] is None:
        return page.words.message("home_never_touched")
    days = int(why["days_untouched"])
    return page.words.heading("today") if days == 0 else page.words.message("home_days_ago", count=days)
