"""A single question asked of the small demo company by a new process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import by_hand
from bench.companies import ROOT, Place, forget_answers
from bench.measuring import PROGRAM, PYTHON, Figure, child, in_turn, processor, wall

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"kpi": "win_rate", "period": "2025"}, {"kpi": "revenue", "period": "2025", "grain": "month"},
    {"kpi": "sales_cycle_length", "period": "2025-Q2", "by": ["team"]}, {"kpi": "customer_lifetime_value", "period": "2025"})


def figures(place: Place, repeats: int) -> Iterator[Figure]:
    """The figures of single questions."""
    workspace = place.small()
    for query in QUESTIONS:
        options = [part for name in ("period", "grain") if name in query for part in (f"--{name}", str(query[name]))]
        options += [part for dimension in query.get("by", ()) for part in ("--by", str(dimension))]
        command: tuple[str | Path, ...] = (
            *PROGRAM, "compute", str(query["kpi"]), *options, "--workspace", workspace.folder, "--format", "json")
        forget_answers(workspace)
        parts = json.loads(child((PYTHON, "-m", "bench.first", workspace.folder, json.dumps(query)), ROOT).output)
        forget_answers(workspace)
        first = child(command, ROOT)
        named = " ".join([str(query["kpi"]), *options])
        spent = ", ".join(f"{part} {seconds:.2f}" for part, seconds in parts.items())
        yield Figure(f"first {named}, nothing cached", first.wall, note=spent)
        sql = place.folder / "question-sql.json"
        sql.write_text(json.dumps(by_hand.statements(workspace, [query])), encoding="utf-8")
        runs, peers = in_turn(repeats, partial(child, command, ROOT), partial(child, (PYTHON, "-m", "bench.by_hand", sql), ROOT))
        yield Figure(f"{named}, SQL cached", wall(runs), wall(peers), 3, note=processor(runs, peers))
