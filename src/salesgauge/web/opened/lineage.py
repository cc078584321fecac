"""Where a record came from, as far as a visitor may see it.

Who sees no names of persons sees the file or system and the load. The text by which a system knows a record may be anything, such as an
e-mail address, and its page there is full of names: neither is shown to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from salesgauge.connected import Origin
from salesgauge.web.opened.asking import Record
from salesgauge.web.page import Page


@dataclass(frozen=True)
class Came:
    """An origin, written: the file or system, the record there and its page in that system (None: there is none), and the load."""

    source: str
    record: str
    link: str | None
    load: str
    loaded_at: str


def origins(page: Page, records: Sequence[Record]) -> list[Origin | None]:
    """Where each of these records came from, in their order; None for one that is no stored row."""
    found = page.site.desk.origins((record["table"], record["id"]) for record in records if record["id"] is not None)
    told = [found.get((record["table"], record["id"])) for record in records]
    return [origin and replace(origin, record=None, link=None) for origin in told] if page.visitor.nameless else told


def came(page: Page, origin: Origin) -> Came:
    """An origin in the language of the page, its instant by the workspace's clock."""
    words = page.words
    return Came(origin.source or words.message("origin_itself"), origin.record or "", origin.link, origin.load or "",
                words.instant(page.local(origin.loaded_at)) if origin.loaded_at else "")


def listed(page: Page, records: Sequence[Record]) -> list[Came | None] | None:
    """Where each record of a list came from; None where none of them is of a connected system, as then there is no way back."""
    found = origins(page, records)
    if not any(origin and origin.of_system for origin in found):
        return None
    return [came(page, origin) if origin and origin.source else None for origin in found]
