"""Making the facts of a generation ready before anybody asks: brought forward from what an earlier one kept, or built."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from salesgauge.periods import day_start
from salesgauge.staging import Progress
from salesgauge.store.engines.engine import MOST
from salesgauge.store.session import Session

MONTHS, QUARTERS, YEARS = 13, 5, 2  # how many ends of each are common: a year and its comparison


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did. `forward`: facts that were brought forward; `built`: facts that were built whole; both count a fact once for
    each instant that it is kept of. `instants`: the as-of instants (UTC) whose facts are ready, beside those of everything known.
    `bytes`: what the kept facts of the generation take on the disk, shared files included."""

    generation: str
    forward: int
    built: int
    instants: tuple[datetime, ...]
    bytes: int


def common_instants(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The instants that questions are most asked as of, the newest first: the ends of the last months, quarters and years that are over
    at `now`, each the start of the local day after."""
    today = now.astimezone(zone).date()
    found: set[date] = set()
    for months, count in ((1, MONTHS), (3, QUARTERS), (12, YEARS)):
        first = today.replace(month=(today.month - 1) // months * months + 1, day=1)
        for _ in range(count):
            found.add(first)
            last = first - timedelta(days=1)
            first = last.replace(month=(last.month - 1) // months * months + 1, day=1)
    return [day_start(day, zone) for day in sorted(found, reverse=True)]


def refresh(session: Session, names: Collection[str], instants: Sequence[datetime], *, whole: bool, dates: bool,
            progress: Progress) -> Refreshed:
    """Makes the facts `names` ready, as of everything known and of `instants`, the most wanted first: those that an earlier generation
    kept, and all others too as of everything known (`whole`) and of the instants (`dates`). What is kept of instants stays within its
    bound: what would push out others is left. Where there is an engine, its facts are built."""
    opened, ready, remote = session.opened, list[datetime](), session.remote
    steps = [None, *(instants[:MOST] if remote else instants)]
    for done, instant in enumerate(steps):
        every = whole if instant is None else dates
        wanted = [name for name in names
                  if every or (not remote and opened.forward.keeps(name, opened.instant(instant) if instant else None))]
        if not wanted or (instant is not None and opened.kept.is_full()):
            continue
        session.at([], instant)
        for place, name in enumerate(wanted):
            progress(done * len(names) + place, len(steps) * len(names), f"refreshing {name}")
            if remote:
                remote.build(name)
            else:
                session.build(name, instant)
        if instant is not None:
            ready.append(instant)
    session.end()
    session.drawn.clear()
    progress(1, 1, "refreshed")
    built = sum(session.builds.values()) + (sum(remote.builds.values()) if remote else 0)
    return Refreshed(opened.generation.name, sum(session.forwarded.values()), built, tuple(ready),
                     opened.kept.bytes())
