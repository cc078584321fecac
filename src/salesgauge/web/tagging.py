"""Replies and what people say of them here: the form that tags one, and what is told of its tag (docs/decisions/0018)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from salesgauge.state.tags import SENTIMENTS, Tag
from salesgauge.web.api.people import state_of
from salesgauge.web.page import Page


@dataclass(frozen=True)
class Choice:
    """A button: the word that it gives, what it is called, and whether that is what holds (then it takes it back)."""

    value: str
    text: str
    pressed: bool


@dataclass(frozen=True)
class Tagging:
    """What stands with a reply: the buttons (none where it cannot be tagged), where they lead, and what is told of its tag. `mark` is
    unique on the page."""

    mark: str
    address: str
    back: str
    choices: tuple[Choice, ...]
    told: tuple[str, ...]

    @property
    def anything(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.choices or self.told)


def is_reply(row: Mapping[str, Any]) -> bool:
    """Whether an activity came from the other side, by a person's hand."""
    return row.get("direction") == "inbound" and not row.get("automatic")


def taggings(page: Page, rows: Iterable[Mapping[str, Any]]) -> dict[str, Tagging]:
    """What stands with each reply among these activities (as they are stored), by its id; none where the visitor has no account here."""
    state = state_of(page)
    replies = {str(row["activity_id"]): row for row in rows if is_reply(row)}
    if state is None or not replies:
        return {}
    with state.look() as unit:
        tags = unit.tags.of(replies)
    return {name: _tagging(page, name, row, tags.get(name)) for name, row in replies.items()}


def last_tag(page: Page) -> int:
    """A number that grows with each tag that anybody gives."""
    state = state_of(page)
    if state is None:
        return 0
    with state.look() as unit:
        return unit.tags.last()


def may_tag(page: Page, row: Mapping[str, Any], tag: Tag | None) -> bool:
    """Whether what counts for a reply is, or would be, what is said here: its source is silent. A page of the past is only read."""
    stored = row.get("sentiment")
    silent = stored is None or (tag is not None and stored in tag.said)
    return page.view.as_of is None and silent and (tag is None or tag.source is None)


def _tagging(page: Page, name: str, row: Mapping[str, Any], tag: Tag | None) -> Tagging:
    words, said = page.words, tag.sentiment if tag else None
    choices = tuple(Choice("" if each == said else each, words.choice("sentiment", each), each == said)
                    for each in SENTIMENTS) if may_tag(page, row, tag) else ()
    plain = "".join(c if c.isalnum() and c.isascii() else "-" for c in name)
    return Tagging(f"tag-{plain}", f"/records/activities/{quote(name, safe='')}/tag", page.here(), choices, tuple(_told(page, row, tag)))


def _told(page: Page, row: Mapping[str, Any], tag: Tag | None) -> Iterable[str]:
    """Who said what of a reply, and whether it counts."""
    if tag is None:
        return
    words, stored = page.words, row.get("sentiment")
    at = page.local(tag.at)
    if tag.sentiment is not None:
        said = words.choice("sentiment", tag.sentiment)
        yield (words.message("tag_said_nameless", sentiment=said, at=at) if page.visitor.nameless
               else words.message("tag_said", sentiment=said, name=tag.name, at=at))
    if tag.source is not None or (stored is not None and stored not in tag.said):
        source = tag.source or str(stored)
        if source != tag.sentiment:
            yield words.message("tag_source", sentiment=words.choice("sentiment", source))
    elif stored != tag.sentiment:
        yield words.message("tag_noted")
