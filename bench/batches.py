"""Batches of questions: those of the pack `company`, all of them, and the checked KPIs beside their hand-written SQL."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import by_hand
from bench.companies import ROOT, Place, forget_answers, pack_folder
from bench.measuring import PROGRAM, PYTHON, Figure, child, cpu, in_turn, processor, timed, wall
from salesgauge.workspace import Workspace


def figures(place: Place, repeats: int) -> Iterator[Figure]:
    """The figures of batches."""
    workspace = place.pack()
    path = pack_folder() / "queries.json"
    queries = json.loads(path.read_text(encoding="utf-8"))
    batch = (*PROGRAM, "compute", "--workspace", workspace.folder, "--format", "json", "--queries")
    forget_answers(workspace)
    first = child((*batch, path), ROOT)
    yield Figure(f"all {len(queries)} questions of the company pack, nothing cached", first.wall, goal=60,
                 note=f"processor time {first.cpu:.1f} s")
    [again] = in_turn(repeats, lambda: child((*batch, path), ROOT))
    yield Figure("the same, SQL cached", wall(again), goal=60, note=f"processor time {cpu(again):.1f} s")

    sound = _answered(workspace, queries)
    checked = [q for q in sound if by_hand.can_ask(q)]
    left_out = sum(1 for q in sound if q["kpi"] in {c["kpi"] for c in checked}) - len(checked)
    prepared = by_hand.statements(workspace, checked)
    differences = _differences(workspace.answer(checked), by_hand.run(prepared))
    if differences:
        raise RuntimeError(f"the hand-written SQL does not give the same for {differences}")
    note = f"{len({q['kpi'] for q in checked})} KPIs, {left_out} questions left out; same values"
    ours, hand = in_turn(repeats, lambda: timed(lambda: Workspace(workspace.folder).answer(checked)),
                         lambda: timed(lambda: by_hand.run(prepared)))
    name = f"{len(checked)} questions of the checked KPIs, in one process"
    yield Figure(name, statistics.median(ours), statistics.median(hand), 3, note=note)
    questions, sql = place.folder / "checked.json", place.folder / "checked-sql.json"
    _write(questions, checked)
    _write(sql, prepared)
    runs, peers = in_turn(repeats, lambda: child((*batch, questions), ROOT), lambda: child((PYTHON, "-m", "bench.by_hand", sql), ROOT))
    yield Figure("the same, each as a new process", wall(runs), wall(peers), 3, note=processor(runs, peers))


def _write(path: Path, what: Any) -> None:
    path.write_text(json.dumps(what), encoding="utf-8")


def _answered(workspace: Workspace, queries: list[Any]) -> list[dict[str, Any]]:
    return [q for q, a in zip(queries, workspace.answer(queries), strict=True) if "error" not in a]


def _differences(answers: list[dict[str, Any]], by_hand_: list[list[dict[str, Any]]]) -> list[str]:
    """The KPIs of which a value, numerator, denominator or n is not the same."""
    found = set()
    for answer, rows in zip(answers, by_hand_, strict=True):
        keys = answer["rows"][0]["by"] if answer["rows"] else ()
        mine = {(str(r["start_on"]), str(r["end_on"]), *(r[key] for key in keys)): r for r in rows}
        for row in answer["rows"]:
            other = mine.pop((row["start"], row["end"], *row["by"].values()), None)
            if other is None:
                if row["by"] or row["n"]:
                    found.add(answer["kpi"])
            elif not all(_same(row[name], other[name]) for name in ("value", "numerator", "denominator", "n")):
                found.add(answer["kpi"])
        if mine:
            found.add(answer["kpi"])
    return sorted(found)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
