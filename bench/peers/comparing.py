"""Asks every peer every question, each in a process of its own and in turn, and tells how we stand beside each."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.companies import ROOT, Place
from bench.measuring import PYTHON, Figure, child
from bench.pages import forget_facts
from bench.peers import by_metricflow
from bench.peers.asked import ASKED, Answer, difference
from salesgauge.workspace import Workspace

PEERS = {"sql": "hand SQL", "pandas": "pandas", "polars": "polars", "metricflow": "MetricFlow"}
RAW, KEPT = "raw facts", "kept facts"


@dataclass(frozen=True)
class Took:
    """What one answer took: seconds, processor seconds, the process's peak of memory in bytes."""

    seconds: float
    processor: float
    peak: int


@dataclass
class Course:
    """One question: what each way to answer it took, each time."""

    kpi: str
    took: dict[str, list[Took]] = field(default_factory=dict)

    def seconds(self, way: str) -> float:
        """The median."""
        return statistics.median(each.seconds for each in self.took[way])

    def beside(self, way: str, peer: str) -> float:
        """How many times as long as the peer we take, the median of the rounds."""
        return statistics.median(one.seconds / other.seconds for one, other in zip(self.took[way], self.took[peer], strict=True))

    def work_beside(self, way: str, peer: str) -> float:
        """How many times the peer's processor seconds we use, each in its best round: what a busy machine tells more truly."""
        return min(one.processor for one in self.took[way]) / min(other.processor for other in self.took[peer])


def asked_in_turn(workspace: Workspace, twin: Workspace, kpi: str, repeats: int) -> Course:
    """Each way to answer the question in turn, so that what else the machine does falls on all alike; `twin` keeps no facts. RuntimeError
    where a peer's answer is not ours."""
    for _ in range(2):  # compiles the SQL, and who asks again gets the facts made
        ours, _took = _answered("us", workspace.folder, kpi)
    forget_facts(twin)  # also that facts were asked for: the SQL that is compiled now is that of the rounds
    _answered("us", twin.folder, kpi)
    course = Course(kpi)
    for _ in range(repeats):
        forget_facts(twin)
        for way, asked in ((RAW, twin), (KEPT, workspace)):
            again, took = _answered("us", asked.folder, kpi)
            _same(kpi, ours, again, way)
            course.took.setdefault(way, []).append(took)
        for peer, name in PEERS.items():
            if peer == "metricflow" and kpi not in by_metricflow.KPIS:
                continue
            theirs, took = _answered(peer, workspace.folder, kpi)
            _same(kpi, ours, theirs, name)
            course.took.setdefault(name, []).append(took)
    return course


def _same(kpi: str, ours: Answer, theirs: Answer, who: str) -> None:
    differs = difference(kpi, ours, theirs)
    if differs is not None:
        raise RuntimeError(f"{who} answers something else: {differs}")


def _answered(peer: str, folder: Path, kpi: str) -> tuple[Answer, Took]:
    ended = child((PYTHON, "-m", "bench.peers.answering", peer, folder, kpi), ROOT)
    told = json.loads(ended.output)
    return {(start, key): tuple(numbers) for start, key, *numbers in told["answer"]}, Took(told["seconds"], told["processor"], ended.peak)


def figures(place: Place, repeats: int, size: str) -> Iterator[Figure]:
    """A figure per KPI beside hand-written SQL, then the medians and the worst beside each peer."""
    workspace = place.loaded(f"peers-{size}", size)
    twin = place.twin(workspace)
    by_metricflow.write_down(place.folder)
    courses = []
    for kpi, person in ASKED.items():
        course = asked_in_turn(workspace, twin, kpi, repeats)
        courses.append(course)
        others = [f"{name} {course.seconds(name):.2f} s" for name in PEERS.values() if name in course.took and name != "hand SQL"]
        yield Figure(f"{kpi} by month and {person}, from {RAW}, {size} demo", course.seconds(RAW), course.seconds("hand SQL"), 2,
                     note=", ".join([f"{KEPT} {course.seconds(KEPT):.2f} s", *others]))
    for way in (RAW, KEPT):
        for name in PEERS.values():
            yield from _beside([c for c in courses if name in c.took], way, name, size)
    for name in (RAW, *PEERS.values()):
        peak = max(took.peak for course in courses for took in course.took.get(name, []))
        yield Figure(f"peak memory of a question, {name}, {size} demo", peak / 1e9, unit="GB")


def _beside(courses: list[Course], way: str, peer: str, size: str) -> Iterator[Figure]:
    """The median and the worst of the ratios to one peer."""
    ratios = sorted(course.beside(way, peer) for course in courses)
    worst = max(courses, key=lambda course: course.beside(way, peer)).kpi
    goals = {"hand SQL": 1.1, "pandas": 1 / 3, "polars": 1, "MetricFlow": 1}
    yield Figure(f"median ratio to {peer}, from {way}, {len(courses)} KPIs, {size} demo", statistics.median(ratios), unit="x",
                 goal=goals[peer], note=f"best {ratios[0]:.2f}, worst {ratios[-1]:.2f} ({worst}); "
                                           f"in processor seconds {_worked(courses, way, peer)}")


def _worked(courses: list[Course], way: str, peer: str) -> str:
    """The median, the best and the worst of the ratios of processor seconds."""
    ratios = sorted((course.work_beside(way, peer), course.kpi) for course in courses)
    return f"{statistics.median(ratio for ratio, _kpi in ratios):.2f}, best {ratios[0][0]:.2f}, worst {ratios[-1][0]:.2f} ({ratios[-1][1]})"
