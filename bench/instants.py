"""Questions as of past days, where nothing is kept but the facts as of nothing, beside the same questions as of nothing."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from bench.companies import NOW, Place
from bench.measuring import Figure, timed
from bench.pages import KPIS, forget_facts, page
from bench.peers.asked import ASKED, question
from salesgauge.serving import ServedWorkspace
from salesgauge.workspace import Workspace

LAST = date(2026, 4, 23)  # the latest of the days that are asked about; each question has one of its own, a week before the one before it
HOME = datetime(2026, 5, 14, 15, 20, tzinfo=UTC)


def day(number: int) -> str:
    """One of the days, as an as-of instant in the middle of it."""
    return f"{LAST - timedelta(weeks=number)}T13:45:00+00:00"


def _asked(kpi: str, as_of: str | None) -> list[dict[str, Any]]:
    return [{**question(kpi), "as_of": as_of}]


def _ready(workspace: Workspace) -> float:
    """Makes the facts as of nothing, and nothing else, kept; the seconds that it takes."""
    forget_facts(workspace)
    return timed(lambda: workspace.make_ready(NOW, whole=True))


def figures(place: Place, size: str) -> Iterator[Figure]:
    """A figure per KPI: as of a day that nobody asked about beside as of nothing, both for the first time; then the medians, and a home."""
    workspace = place.loaded(f"peers-{size}", size)
    with closing(ServedWorkspace(workspace.folder, most_bytes=0)) as served:  # compiles the SQL
        for kpi in ASKED:
            served.answer(_asked(kpi, day(len(ASKED))))
            served.answer(_asked(kpi, None))
        served.answer(page(workspace, HOME + timedelta(days=1)))
    yield Figure(f"the facts as of nothing built, {size} demo", _ready(workspace))
    firsts, seconds, nothings, agains = list[float](), list[float](), list[float](), list[float]()
    with closing(ServedWorkspace(workspace.folder, most_bytes=0)) as served:
        served.generation_served()
        for number, kpi in enumerate(ASKED):
            first, second = (timed(partial(served.answer, _asked(kpi, day(number)))) for _ in range(2))
            nothing, again = (timed(partial(served.answer, _asked(kpi, None))) for _ in range(2))
            for several, one in ((firsts, first), (seconds, second), (nothings, nothing), (agains, again)):
                several.append(one)
            yield Figure(f"{kpi} as of a past day beside as of nothing, first asked, {size} demo", first, nothing,
                         note=f"asked again {second:.3f} / {again:.3f} s; to as of nothing again {first / again:.1f}")
    yield _median("first asked, as of a past day beside as of nothing", firsts, nothings, size)
    yield _median("first asked as of a past day, beside asked again as of nothing", firsts, agains, size)
    yield _median("asked again, as of a past day beside as of nothing", seconds, agains, size)
    yield from _home(workspace, size)


def _median(what: str, ours: Sequence[float], theirs: Sequence[float], size: str) -> Figure:
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    return Figure(f"median of {len(ratios)} KPIs, {what}, {size} demo", statistics.median(ratios), unit="x",
                  note=f"best {ratios[0]:.2f}, worst {ratios[-1]:.2f}; {sum(ours):.2f} / {sum(theirs):.2f} s in all")


def _home(workspace: Workspace, size: str) -> Iterator[Figure]:
    """The questions of an executive's home as of a past day beside as of nothing."""
    asked, nothing = page(workspace, HOME), [{**each, "as_of": None} for each in page(workspace, HOME)]
    _ready(workspace)
    with closing(ServedWorkspace(workspace.folder, most_bytes=0)) as served:
        served.generation_served()
        first, again = (timed(lambda: served.answer(asked)) for _ in range(2))
    _ready(workspace)
    with closing(ServedWorkspace(workspace.folder, most_bytes=0)) as served:
        served.generation_served()
        first_nothing, again_nothing = (timed(lambda: served.answer(nothing)) for _ in range(2))
    what = f"{len(asked)} questions of a home ({len(KPIS)} cards) as of a past day beside as of nothing, {size} demo"
    yield Figure(f"{what}, first asked", first, first_nothing)
    yield Figure(f"{what}, asked again", again, again_nothing)
