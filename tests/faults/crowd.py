"""A server's view of a workspace with many threads that ask: python -m faults.crowd WORKSPACE SECONDS. Prints JSON of what it was like."""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from faults.versions import QUERIES, version_of
from salesgauge.serving import ServedWorkspace

READERS = 16
REMEMBERED = 4 * 1024**2  # bytes: few enough that they are full soon, and memory that grows on is a leak
SHARES = {"median": 0.5, "95 %": 0.95, "99 %": 0.99, "longest": 1}
SETTLED, ASKED = 0.4, 2500  # the part of the time, and of at least so many questions, after which nothing should grow any more


def held() -> dict[str, int]:
    """What the process holds: open files, threads, and memory in bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    counted = {name: sum(1 for _ in Path("/proc/self", folder).iterdir()) for name, folder in (("files", "fd"), ("threads", "task"))}
    return {**counted, "bytes": pages * os.sysconf("SC_PAGE_SIZE")}


class Crowd:
    """Threads that ask until they are told to stop: every other question about what tells mixtures apart, the rest each about another span
    of days."""

    def __init__(self, served: ServedWorkspace) -> None:
        self._served, self._over = served, threading.Event()
        self.faults: list[str] = []
        self.seconds: list[float] = []
        self.versions: set[int] = set()
        self.threads = [threading.Thread(target=self._ask, args=(random.Random(number),)) for number in range(READERS)]

    def _ask(self, draw: random.Random) -> None:
        last = 0
        while not self._over.is_set():
            begun = time.monotonic()
            try:
                if draw.random() < 0.5:
                    version = version_of(self._served.answer(QUERIES))
                    if version < last:
                        self.faults.append(f"version {version} after {last}")
                    last = version
                    self.versions.add(version)
                else:
                    span = f"2025-01-{draw.randint(1, 31):02d}..2025-03-{draw.randint(1, 31):02d}"
                    answer, = self._served.answer([{"kpi": draw.choice(("revenue", "win_rate", "new_leads")), "period": span}])
                    if "error" in answer:
                        self.faults.append(str(answer))
            except Exception as problem:
                self.faults.append(f"{type(problem).__name__}: {problem}")
            self.seconds.append(time.monotonic() - begun)

    def wait(self, until: float, asked: int) -> None:
        """Waits for a time, and on a busy machine until so many questions were asked."""
        while time.monotonic() < until or len(self.seconds) < asked:
            time.sleep(0.1)

    def stop(self) -> None:
        """Ends it, once each has its last answer."""
        self._over.set()
        for thread in self.threads:
            thread.join()


def main(workspace: Path, seconds: float) -> dict[str, Any]:
    """Lets the crowd ask for so long: what they saw, how long answers took (ms), and what the process held early, late and at the end."""
    with closing(ServedWorkspace(workspace, most_bytes=REMEMBERED)) as served:
        begun = time.monotonic()
        crowd = Crowd(served)
        for thread in crowd.threads:
            thread.start()
        crowd.wait(begun + seconds * SETTLED, int(ASKED * SETTLED))
        early = held()
        crowd.wait(begun + seconds, ASKED)
        crowd.stop()
        took = time.monotonic() - begun
        late = held()
    each = sorted(crowd.seconds)
    latency = {name: 1000 * each[int(share * (len(each) - 1))] for name, share in SHARES.items()}
    return {"asked": len(each), "took": took, "faults": crowd.faults[:5], "versions": len(crowd.versions), "latency": latency,
            "early": early, "late": late, "closed": held()}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), float(sys.argv[2]))))
