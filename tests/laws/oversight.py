"""Whose rows a manager sees, told anew from the rows of `reps` and `rep_assignments` (spec/model.md, rule 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

Tables = Mapping[str, Sequence[Mapping[str, str]]]


def bosses(tables: Tables, rep: str, day: date) -> str | None:
    """The manager of a rep on a day: that of the latest assignment that covers it, of a rep without any that of `reps`."""
    spells = [a for a in tables["rep_assignments"] if a["rep_id"] == rep]
    if not spells:
        return next((r["manager_id"] or None for r in tables["reps"] if r["rep_id"] == rep), None)
    covering = [a for a in spells if a["valid_from"] <= day.isoformat() and (not a["valid_to"] or day.isoformat() < a["valid_to"])]
    return max(covering, key=lambda a: a["valid_from"])["manager_id"] or None if covering else None


def sees(tables: Tables, viewer: str, rep: str | None, day: date) -> bool:
    """Whether a manager sees a rep's rows of a day: their own, and those of who reports to them, also through others."""
    met: set[str] = set()
    while rep is not None and rep not in met:
        if rep == viewer:
            return True
        met.add(rep)
        rep = bosses(tables, rep, day)
    return False


def turns(tables: Tables, first: date, last: date) -> Iterable[date]:
    """The days of a stretch on which something may be otherwise than on the day before: the first, and where an assignment begins or
    ends."""
    told = {date.fromisoformat(a[c]) for a in tables["rep_assignments"] for c in ("valid_from", "valid_to") if a[c]}
    return sorted({first, *(day for day in told if first < day <= last)})
