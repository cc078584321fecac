"""What needs attention: deals by the money at stake, each with the reasons. Only what the records say."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.analyses.attention import Concern, attention
from salesgauge.web.page import Page
from salesgauge.web.panels.deals import deal_link
from salesgauge.web.panels.leaderboard import rep_link
from salesgauge.web.panels.listing import Record, listed
from salesgauge.web.panels.shown import Link, Shown, money


@dataclass(frozen=True)
class Worry:
    """A deal, its owner, why it needs attention and what is at stake."""

    deal: Link
    owner: Link
    why: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Attention(Shown):
    """The deals, the largest first; `counts` say how many there are for each reason, and lead to them."""

    rows: tuple[Worry, ...] = ()
    counts: tuple[Link, ...] = ()
    owners: bool = True


def needs_attention(page: Page, *, most: int = 6, owners: bool = True) -> Attention:
    """The open deals whose expected close has passed, that stand still, or that have no next step.

    Of each list the first `most` by value are enough: a deal among the first of all is among the first of each list that it is in.
    """
    words, view = page.words, page.view
    overdue = view.filtered("due", "overdue")
    lists = {"overdue": listed(page, "closing_deals", overdue, most=most), "stalled": listed(page, "stalled_deals", most=most),
             "no_next_step": listed(page, "deals_without_next_step", most=most)}
    concerns = attention(*(found.rows for found in lists.values()))[:most]
    records = {record["id"]: record for found in lists.values() for record in found.rows}
    page.learn("account", [concern.row["because"]["account_id"] for concern in concerns])
    page.learn("rep", [concern.row.get("owner_id") for concern in concerns])
    where = {"overdue": page.opened("closing_deals", overdue), "stalled": page.opened("stalled_deals"),
             "no_next_step": page.opened("deals_without_next_step")}
    refused = next((found.why for found in lists.values() if found.why), None)
    return Attention(
        name="attention", template="panels/attention.html", title=words.message("home_attention"),
        subtitle=words.message("home_attention_subtitle"),
        why=None if concerns else refused or words.message("home_no_attention"), owners=owners,
        notes=tuple(dict.fromkeys(found.why for found in lists.values() if found.why)) if concerns else (),
        rows=tuple(_worry(page, concern, records[concern.deal]) for concern in concerns),
        counts=tuple(Link(words.message(f"home_count_{name}", count=found.count), where[name]) for name, found in lists.items()
                     if found.count))


def _worry(page: Page, concern: Concern, record: Record) -> Worry:
    words = page.words
    reasons = ", ".join(words.message(f"home_why_{why}") for why in concern.why)
    return Worry(deal_link(page, record), rep_link(page, concern.row.get("owner_id")), reasons[:1].upper() + reasons[1:],
                 words.message("home_no_amount") if concern.value is None else money(page, concern.value))
