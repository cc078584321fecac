"""A server that is killed in the middle of requests and of a load leaves nothing half-written, and the next one serves."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2 as httpx
import pytest

from salesgauge.state import Actor, Rights, Role, State
from salesgauge.workspace import Workspace
from store.test_kills import LOADER

OLD = {"opportunities.csv": "opportunity_id,created_at,owner_id,amount,closed_at,outcome\nD1,2025-01-05,R1,100,2025-02-01,won\n",
       "reps.csv": "rep_id,name\nR1,Ada\n"}
NEW = {"opportunities.csv": "opportunity_id,created_at,owner_id,amount,closed_at,outcome\nD1,2025-01-05,R1,700,2025-02-01,won\n"
                            "D2,2025-01-09,R1,50,2025-02-02,won\n"}
QUESTION = "/api/v1/questions?kpi=bookings&period=2025-Q1"
LAST = 6  # of the steps that a load makes durable: in the middle
STARTED = 60  # seconds within which a server must have started


def folder(place: Path, files: dict[str, str]) -> Path:
    place.mkdir()
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server(workspace: Path, secret: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """A server in a process of its own, killed at the end, and a browser in which somebody is signed in."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "salesgauge", "serve", "--workspace", str(workspace), "--port", str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={"session": secret}, timeout=STARTED) as browser:
            give_up = time.monotonic() + STARTED
            while True:
                try:
                    browser.get("/sign-in")
                    break
                except httpx.TransportError:
                    assert process.poll() is None and time.monotonic() < give_up, process.stderr and process.stderr.read().decode()
                    time.sleep(0.05)
            yield process, browser
    finally:
        process.kill()
        process.communicate()


def value(browser: httpx.Client) -> float:
    answer = browser.get(QUESTION)
    assert answer.status_code == 200, answer.text
    found: float = answer.json()["results"][0]["rows"][0]["value"]
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "workspace", "UTC", "EUR", {})
    subprocess.run([sys.executable, "-m", "salesgauge", "load", str(folder(tmp_path / "old", OLD)), "--workspace", str(made.folder)],
                   check=True, capture_output=True)
    return made


def test_a_server_killed_amid_requests_and_a_load_serves_what_was_there_before(tmp_path: Path, workspace: Workspace) -> None:
    state = State.open(workspace.folder)
    with state.change() as unit:
        person = unit.accounts.create("vera@example.org", "Vera", Rights(Role.EXECUTIVE), Actor(None, "console"))
        secret = unit.sessions.start(person.id, "127.0.0.1", "Firefox")
    state.close()
    new, answered = folder(tmp_path / "new", NEW), queue.Queue[float]()

    with server(workspace.folder, secret) as (process, browser):
        assert value(browser) == 100

        def ask() -> None:
            with suppress(httpx.TransportError):  # the server is gone
                while True:
                    answered.put(value(browser))
                    browser.post("/api/v1/views", json={"name": "Mine", "address": "/kpis"})
        asking = [threading.Thread(target=ask) for _ in range(3)]
        for thread in asking:
            thread.start()
        killed = subprocess.run([sys.executable, "-c", LOADER, str(workspace.folder), str(new), str(LAST)], check=False)
        assert killed.returncode == -signal.SIGKILL  # the load, amid its writing
        for _ in range(10):
            assert answered.get(timeout=STARTED) == 100
        process.kill()
        for thread in asking:
            thread.join(STARTED)
        assert process.wait() == -signal.SIGKILL
        while not answered.empty():
            assert answered.get() == 100  # no answer of anything half-loaded

    with server(workspace.folder, secret) as (_process, browser):  # the session holds, the data are those before
        assert value(browser) == 100
        assert [view["name"] for view in browser.get("/api/v1/views").json()["views"]] == ["Mine"]
        done = subprocess.run([sys.executable, "-m", "salesgauge", "load", str(new), "--workspace", str(workspace.folder)], check=False,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert value(browser) == 750  # the running server shows what was loaded
    store = workspace.folder / "store"
    beside = store / "cache"  # where the second server may have been making something when it was killed: nobody reads it
    assert not [path for path in store.rglob("*.partial") if beside not in path.parents] and not (store / "scratch").exists()
