"""Replies from prospects that nobody has marked as positive, negative or neutral yet."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.web.page import Page
from salesgauge.web.panels.deals import record_address
from salesgauge.web.panels.leaderboard import rep_link
from salesgauge.web.panels.listing import Record, because, listed
from salesgauge.web.panels.shown import Link, Shown, local_day
from salesgauge.web.tagging import Tagging, taggings


@dataclass(frozen=True)
class ReplyRow:
    """A reply: the day, what kind, from which account (or lead), whose it is, and how it is tagged (None: not here)."""

    day: Link
    kind: str
    sender: Link
    rep: Link
    tagging: Tagging | None


@dataclass(frozen=True, kw_only=True)
class Replies(Shown):
    """Replies, the newest first; `owners`: whether they belong to several people; `hint` says how to tag them."""

    rows: tuple[ReplyRow, ...] = ()
    owners: bool = True
    hint: str = ""

    @property
    def tagged(self) -> bool:
        """Whether they are tagged here."""
        return any(row.tagging and row.tagging.anything for row in self.rows)


def untagged_replies(page: Page, *, most: int = 12, owners: bool = True) -> Replies:
    """The replies to tag."""
    words = page.words
    found = listed(page, "untagged_replies", sort="occurred_at", most=most)
    tags = taggings(page, [record["row"] for record in found.rows])
    page.learn("account", [because(record)["account_id"] for record in found.rows])
    page.learn("rep", [record["row"].get("rep_id") for record in found.rows])
    return Replies(
        name="replies", template="panels/replies.html", title=words.kpi_name("untagged_replies"),
        why=found.why or (None if found.rows else words.message("home_no_replies")), owners=owners,
        hint=words.message("home_tag_here" if tags else "home_tag_in_source"),
        rows=tuple(_reply(page, each, tags.get(str(each["id"]))) for each in found.rows),
        more=Link(words.message("home_all_replies", count=found.count), page.opened("untagged_replies")) if found.count else None)


def _reply(page: Page, record: Record, tagging: Tagging | None) -> ReplyRow:
    words, row, account = page.words, record["row"], because(record)["account_id"]
    lead = row.get("lead_id")
    sender = (Link(page.label("account", account), record_address(page, "accounts", account)) if account is not None
              else Link(str(lead), record_address(page, "leads", lead)) if lead is not None else Link(words.term("unknown")))
    day = words.date(local_day(page, because(record)["occurred_at"]), year=False)
    return ReplyRow(Link(day, record_address(page, "activities", record["id"])), words.choice("activity_kind", row["kind"]), sender,
                    rep_link(page, row.get("rep_id")), tagging)
