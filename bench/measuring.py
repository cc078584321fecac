"""Runs and times child processes and functions; a figure is one line of the report."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PYTHON = sys.executable
PROGRAM = (PYTHON, "-c", "from salesgauge.cli import run; run()")


@dataclass(frozen=True)
class Figure:
    """One measurement. `ours` and `peer` are seconds (medians) unless `unit` says otherwise; `goal` bounds the ratio where there is a peer,
    else `ours`. `load` is the machine's load average (1 minute) when it was taken."""

    name: str
    ours: float
    peer: float | None = None
    goal: float | None = None
    unit: str = "s"
    note: str = ""
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 1))

    @property
    def ratio(self) -> float | None:
        return None if self.peer is None else self.ours / self.peer

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        return None if self.goal is None else (self.ours if self.ratio is None else self.ratio) <= self.goal


@dataclass(frozen=True)
class Ended:
    """How a child process ended: wall-clock and processor seconds, the peak of its memory in bytes, what it wrote."""

    wall: float
    cpu: float
    peak: int
    output: str


# A process inherits the peak of the memory of the one that starts it: so it is started and waited for by one that is small.
_WAITING = """
import json, os, subprocess, sys, time
start = time.perf_counter()
_pid, status, used = os.wait4(subprocess.Popen(sys.argv[2:]).pid, 0)
with open(sys.argv[1], "w") as file:
    json.dump([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024], file)
sys.exit(status != 0)
"""


def child(arguments: Sequence[str | Path], root: Path) -> Ended:
    """Runs a process to its end; RuntimeError, with its last words, where it fails."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    with tempfile.NamedTemporaryFile("r") as told, tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        done = subprocess.run([PYTHON, "-c", _WAITING, told.name, *map(str, arguments)], stdout=out, stderr=err, env=env, cwd=root)
        out.seek(0)
        err.seek(0)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, arguments))[:300]} failed: {err.read()[-2000:]}")
        seconds, used, peak = json.load(told)
        return Ended(seconds, used, peak, out.read())


def in_turn(repeats: int, *functions: Callable[[], Any]) -> list[list[Any]]:
    """Calls the functions in turn, so that what else the machine does falls on all alike; gives each one's results."""
    results: list[list[Any]] = [[] for _ in functions]
    for _ in range(repeats):
        for place, function in enumerate(functions):
            results[place].append(function())
    return results


def timed(function: Callable[[], Any]) -> float:
    """The seconds that a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def wall(ended: Sequence[Ended]) -> float:
    """The median of the wall-clock seconds."""
    return statistics.median(e.wall for e in ended)


def cpu(ended: Sequence[Ended]) -> float:
    """The median of the processor seconds."""
    return statistics.median(e.cpu for e in ended)


def processor(ours: Sequence[Ended], peers: Sequence[Ended]) -> str:
    """A note: the ratio of processor time, which other work on the machine moves less."""
    return f"processor time {cpu(ours):.2f} / {cpu(peers):.2f} s = {cpu(ours) / cpu(peers):.2f}"
