"""The deals that need attention, ranked by the money at stake. Only what the records say; nothing is foretold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Why = Literal["slipped_commit", "overdue", "stalled", "no_next_step"]
_ORDER: tuple[Why, ...] = ("slipped_commit", "overdue", "stalled", "no_next_step")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Concern:
    """A deal, the reasons to look at it (the gravest first) and what is known of it (the columns of closing_deals' records).

    `value`: in the workspace's currency; None where the deal has no amount or its currency no rate.
    """

    deal: str
    row: Record
    why: tuple[Why, ...]
    value: float | None


def attention(closing: Iterable[Record], stalled: Iterable[Record], without_next_step: Iterable[Record]) -> tuple[Concern, ...]:
    """One concern per deal, from the records (`workspace.records(...)["rows"]`) of the figures closing_deals, stalled_deals and
    deals_without_next_step, asked alike; the largest value first, unknown values last, then by id.

    A deal due in the period is no concern by itself: it is one when its expected close has passed (overdue), and a slipped commit when
    it was also forecast as commit.
    """
    rows: dict[str, Record] = {}
    reasons: dict[str, set[Why]] = {}

    def note(record: Record, why: Why) -> None:
        rows[record["id"]] = record["row"]
        reasons.setdefault(record["id"], set()).add(why)
    for record in closing:
        because = record["row"]["because"]
        if because["due"] == "overdue":
            note(record, "slipped_commit" if because["forecast_category"] == "commit" else "overdue")
    for record in stalled:
        note(record, "stalled")
    for record in without_next_step:
        note(record, "no_next_step")
    found = [Concern(deal, rows[deal], tuple(why for why in _ORDER if why in reasons[deal]), rows[deal]["because"]["value"])
             for deal in rows]
    return tuple(sorted(found, key=lambda c: (c.value is None, -(c.value or 0.0), c.deal)))


def at_stake(concerns: Iterable[Concern]) -> float:
    """The money of these deals together; those without a value add nothing."""
    return sum(concern.value or 0.0 for concern in concerns)
