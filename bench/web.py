"""The pages of a demo company before many readers: time on the server at a steady rate, first paint in Chromium, weight on the wire."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import uvicorn

from bench.companies import NOW, Place
from bench.measuring import Figure
from salesgauge.semantics.question import EVERYTHING, Viewer
from salesgauge.serving import ServedWorkspace
from salesgauge.web.app import create_app
from salesgauge.web.visitor import Visitor
from salesgauge.workspace import Workspace

RATE, REQUESTS = 20, 200  # requests a second, and how many
EXPORT = "/kpis/new_leads/records.csv?side=numerator&period=2023-01-01..2026-07-01"


def visitors(workspace: Workspace) -> dict[str, Visitor]:
    """An executive, and the manager and the rep with the most bookings."""
    period = "2026-Q2"
    best: dict[str, str] = {}
    for role in ("manager", "rep"):
        kpi = {"manager": "employee_satisfaction", "rep": "average_deal_value"}[role]
        rows = workspace.answer([{"kpi": kpi, "period": "2025" if role == "manager" else period, "by": [role]}], EVERYTHING)[0]["rows"]
        best[role] = max((row for row in rows if row["by"][role]), key=lambda row: row["n"])["by"][role]
    return {"executive": Visitor("Executive", "executive", "executive", EVERYTHING),
            "manager": Visitor("Manager", "manager", "manager", Viewer(best["manager"], reports=True), best["manager"]),
            "rep": Visitor("Rep", "rep", "rep", Viewer(best["rep"]), best["rep"])}


@contextmanager
def serving(workspace: Workspace, who: Callable[[], Visitor]) -> Iterator[str]:
    """The address of a server over a workspace, as somebody."""
    desk = ServedWorkspace(workspace.folder)
    app = create_app(desk, who=lambda request: who(), clock=lambda: NOW - timedelta(days=10))
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
    desk.close()


def steadily(address: str, requests: int) -> list[float]:
    """The milliseconds of each of so many requests, sent at a steady rate whether or not the ones before were answered."""
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(32) as pool:
        def one() -> float:
            start = time.perf_counter()
            client.get(address).raise_for_status()
            return 1000 * (time.perf_counter() - start)
        waiting, begun = [], time.perf_counter()
        for number in range(requests):
            time.sleep(max(0.0, begun + number / RATE - time.perf_counter()))
            waiting.append(pool.submit(one))
        return [each.result() for each in waiting]


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def first_paint(address: str) -> float:
    """The milliseconds until Chromium first paints the page."""
    found = subprocess.run([sys.executable, "-m", "bench.painting", address], check=True, capture_output=True, text=True)
    return float(found.stdout)


def figures(place: Place, size: str) -> Iterator[Figure]:
    """The figures of the role homes."""
    workspace = place.fresh("web")
    workspace.load(place.company(size, "parquet"), now=datetime(2026, 6, 21, tzinfo=UTC))
    looking: list[Visitor] = []
    with serving(workspace, lambda: looking[-1]) as address:
        for role, visitor in visitors(workspace).items():
            looking.append(visitor)
            start = time.perf_counter()
            httpx.get(address, timeout=300).raise_for_status()
            yield Figure(f"home of the {role}, first request", time.perf_counter() - start, note=f"{size} demo, nothing cached")
            times = steadily(address, REQUESTS)
            yield Figure(f"home of the {role}, 95th percentile at {RATE} a second", p95(times), goal=150, unit="ms",
                         note=f"median {statistics.median(times):.0f} ms")
            weight = sum(int(httpx.get(address + path, headers={"accept-encoding": "gzip"}).headers["content-length"])
                         for path in ("/", "/static/page.css", "/static/page.js", "/static/vendor/htmx.min.js", "/static/icon.svg"))
            yield Figure(f"home of the {role}, weight compressed", weight / 1000, goal=60, unit="KB")
            yield Figure(f"home of the {role}, first paint", first_paint(address), goal=300, unit="ms")
        slow = threading.Thread(target=lambda: httpx.get(address + EXPORT, timeout=600))
        slow.start()
        times = steadily(address, REQUESTS // 2)
        slow.join()
        yield Figure("a home while somebody exports all leads, 95th percentile", p95(times), goal=300, unit="ms")
