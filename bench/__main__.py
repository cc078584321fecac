"""Runs the benchmarks, prints a table, writes bench/results.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from bench.companies import ROOT, Place
from bench.measuring import Figure

RESULTS = ROOT / "bench" / "results.json"
PARTS = ("batches", "starts", "load", "refresh", "memory", "pages", "questions", "web", "peers", "asof", "growth", "sync")


def _parts(arguments: argparse.Namespace, place: Place) -> dict[str, Callable[[], Iterator[Figure]]]:
    from bench import batches, growth, instants, loads, memory, pages, questions, refresh, starts, syncing, web
    from bench.peers import comparing
    size = "large" if arguments.large else arguments.memory_size
    beside = "large" if arguments.large else "medium" if arguments.medium else "small"
    repeats = arguments.repeats
    return {"batches": lambda: batches.figures(place, repeats), "starts": lambda: starts.figures(place, repeats),
            "load": lambda: loads.figures(place, repeats, arguments.load_size),
            "refresh": lambda: refresh.figures(place, "large" if arguments.large else arguments.load_size),
            "memory": lambda: memory.figures(place, size),
            "pages": lambda: (figure for each in (("small", "medium") if arguments.medium else ("small",))
                              for figure in pages.figures(place, repeats, each)),
            "questions": lambda: questions.figures(place, repeats, ("medium", "large") if arguments.large else
                                                   ("small", "medium") if arguments.medium else ("small",), arguments.every),
            "web": lambda: web.figures(place, "medium" if arguments.medium else "small"),
            "peers": lambda: comparing.figures(place, repeats, beside),
            "asof": lambda: instants.figures(place, beside),
            "growth": lambda: growth.figures(place, ("medium", "skewed", *(("3x", "large") if arguments.large else ()),
                                                     *(("30x",) if arguments.huge else ()))),
            "sync": lambda: syncing.figures(place, repeats)}


def _shown(figure: Figure) -> tuple[str, ...]:
    def number(value: float | None, unit: str = "") -> str:
        return "" if value is None else f"{value:.2f}{unit}"
    goal = "" if figure.goal is None else f"≤ {figure.goal:g}{'x' if figure.ratio is not None else ' ' + figure.unit}"
    mark = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[figure.met]
    unit = " " + figure.unit
    return (figure.name, number(figure.ours, unit), number(figure.peer, unit), number(figure.ratio, "x"), goal, mark, f"{figure.load:.1f}",
            figure.note)


def main() -> int:
    """The command line; ends with 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts alone")
    parser.add_argument("--repeats", type=int, default=5, help="how often each is repeated; the median counts (5)")
    parser.add_argument("--load-size", choices=("small", "medium"), default="medium", help="the demo company that load reads (medium)")
    parser.add_argument("--memory-size", choices=("small", "medium"), default="medium", help="the demo company for peak memory (medium)")
    parser.add_argument("--every", type=int, default=1, help="questions opens one in so many of the KPIs' pages (1)")
    parser.add_argument("--medium", action="store_true",
                        help="pages, questions and web on the medium demo company as well, peers and asof on it instead")
    parser.add_argument("--large", action="store_true",
                        help="memory, questions, peers, asof and growth on the large demo company: long, and 15 GB of disk")
    parser.add_argument("--huge", action="store_true",
                        help="growth on three copies of the large demo company as well: hours, and 40 GB of disk")
    parser.add_argument("--folder", type=Path, default=ROOT / ".cache" / "bench",
                        help="where companies and workspaces are kept (.cache/bench)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))  # the hand-written SQL lives with its test
    arguments.folder.mkdir(parents=True, exist_ok=True)
    console, found = Console(width=max(Console().width, 160)), []
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    table = Table(title=f"{machine}; medians of {arguments.repeats}")
    for heading in ("what", "salesgauge", "plain DuckDB", "ratio", "goal", "", "load", "note"):
        table.add_column(heading, justify="right" if heading in ("salesgauge", "plain DuckDB", "ratio", "load") else "left")
    for name, part in _parts(arguments, Place(arguments.folder.resolve())).items():
        if name not in arguments.only:
            continue
        for figure in part():
            console.print(f"[dim]{figure.name}: {figure.ours:.2f} {figure.unit}[/]")
            found.append(figure)
            table.add_row(*_shown(figure))
    console.print(table)
    results = {"cores": os.cpu_count(), "python": platform.python_version(), "duckdb": duckdb.__version__, "repeats": arguments.repeats,
               "figures": [{**asdict(f), "ratio": f.ratio, "met": f.met} for f in found]}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return int(any(f.met is False for f in found))


if __name__ == "__main__":
    sys.exit(main())
