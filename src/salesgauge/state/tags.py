"""Tags: what people said here of replies, which their source had not judged; and which of them the source has judged since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from salesgauge.state.audit import Audit
from salesgauge.state.refusal import Refusal
from salesgauge.state.tables import PersonRow, TagRow
from salesgauge.state.work import Actor, Work

SENTIMENTS = ("positive", "negative", "neutral")
_AT_ONCE = 500  # ids in a statement


@dataclass(frozen=True)
class Tag:
    """What was said here of one reply. `sentiment` is the last person's word (None: they took it back), `name` whose and `at` when;
    `said` every value that was given here; `source` the value that a source has brought since, which then counts (None: it is silent)."""

    activity_id: str
    sentiment: str | None
    person_id: int
    name: str
    at: datetime
    said: frozenset[str]
    source: str | None


class Tags:
    """Tags within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def give(self, activity_id: str, sentiment: str | None, person_id: int, by: Actor) -> None:
        """Says of a reply what it is; None takes back what was said. Refusal for another word, and where a source has brought its own."""
        if sentiment is not None and sentiment not in SENTIMENTS:
            raise Refusal("sentiment")
        before = self.of([activity_id]).get(activity_id)
        if before is not None and before.source is not None:
            raise Refusal("tagged_by_source")
        if (before.sentiment if before else None) == sentiment:
            return
        self._work.rows.add(TagRow(activity_id=activity_id, sentiment=sentiment, person_id=person_id, at=self._work.now))
        self._work.rows.flush()
        Audit(self._work).record(by, "reply_tag", f"record:activities:{activity_id}", before=before.sentiment if before else None,
                                 after=sentiment)

    def hear(self, brought: Mapping[str, str]) -> None:
        """Notes the values that a source brought for replies that were tagged here: from now on its word counts."""
        known = self.of(brought)
        for activity_id, sentiment in brought.items():
            if activity_id in known and known[activity_id].source != sentiment:
                self._work.rows.add(TagRow(activity_id=activity_id, sentiment=sentiment, person_id=None, at=self._work.now))
        self._work.rows.flush()

    def of(self, ids: Collection[str]) -> dict[str, Tag]:
        """The tags of some replies; those that were never tagged are not among them."""
        wanted = sorted(set(ids))
        rows: list[Any] = []
        for start in range(0, len(wanted), _AT_ONCE):
            rows += self._rows(TagRow.activity_id.in_(wanted[start:start + _AT_ONCE]))
        return {tag.activity_id: tag for tag in _told(rows)}

    def all(self) -> Sequence[Tag]:
        """Every tag."""
        return list(_told(self._rows()))

    def last(self) -> int:
        """A number that grows with each tag; 0 before the first."""
        return self._work.rows.scalar(select(func.max(TagRow.id))) or 0

    def _rows(self, *conditions: Any) -> list[Any]:
        wanted = select(TagRow, PersonRow.name).outerjoin(PersonRow, PersonRow.id == TagRow.person_id).where(*conditions)
        return list(self._work.rows.execute(wanted.order_by(TagRow.id)).all())


def _told(rows: Iterable[Any]) -> Iterable[Tag]:
    """The tag of each reply, from its rows in the order in which they were written."""
    by_reply: dict[str, list[Any]] = {}
    for row, name in rows:
        by_reply.setdefault(row.activity_id, []).append((row, name))
    for activity_id, several in by_reply.items():
        given = [(row, name) for row, name in several if row.person_id is not None]
        if given:
            (last, name), newest = given[-1], several[-1][0]
            yield Tag(activity_id, last.sentiment, last.person_id, name, last.at,
                      frozenset(row.sentiment for row, _name in given if row.sentiment is not None),
                      newest.sentiment if newest.person_id is None else None)
