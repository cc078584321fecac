"""What people decided of who is who: two records of several systems are the same, or apart; every decision is kept, and can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from salesgauge.state.audit import Audit
from salesgauge.state.tables import PersonRow, VerdictRow
from salesgauge.state.work import Actor, Work

SAME, APART, OPEN = "same", "apart", "open"


@dataclass(frozen=True)
class Decision:
    """What holds of two records of an entity: `verdict` is SAME or APART, `name` who decided it (None: on the command line), `at` when."""

    entity: str
    left: str
    right: str
    verdict: str
    name: str | None
    at: datetime

    @property
    def pair(self) -> tuple[str, frozenset[str]]:
        """Of what it was decided, whichever record stands first."""
        return self.entity, frozenset((self.left, self.right))


class Verdicts:
    """Decisions within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def give(self, entity: str, left: str, right: str, verdict: str, by: Actor) -> bool:
        """Decides of two records; OPEN undoes what was decided. Says whether that is another thing than before; where it is, the log tells
        of it."""
        before = next((d.verdict for d in self.all() if d.pair == (entity, frozenset((left, right)))), OPEN)
        if before == verdict:
            return False
        self._work.rows.add(VerdictRow(entity=entity, left_id=left, right_id=right, verdict=verdict, person_id=by.person_id,
                                       at=self._work.now))
        self._work.rows.flush()
        Audit(self._work).record(by, "identity_decide", f"identity:{entity}:{left}", other=right, before=before, after=verdict)
        return True

    def all(self) -> Sequence[Decision]:
        """What holds, in the order in which it was decided; what was undone is not among it."""
        wanted = select(VerdictRow, PersonRow.name).outerjoin(PersonRow, PersonRow.id == VerdictRow.person_id).order_by(VerdictRow.id)
        found: dict[tuple[str, frozenset[str]], Decision] = {}
        for row, name in self._work.rows.execute(wanted):
            decision = Decision(row.entity, row.left_id, row.right_id, row.verdict, name, row.at)
            found.pop(decision.pair, None)
            if row.verdict != OPEN:
                found[decision.pair] = decision
        return list(found.values())

    def last(self) -> int:
        """A number that grows with each decision; 0 before the first."""
        return self._work.rows.scalar(select(func.max(VerdictRow.id))) or 0
