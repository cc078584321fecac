"""The state on PostgreSQL: the same tests on a server of our own, on a free port, with its files in a folder of the test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that runs as somebody who is not root (it refuses root); gives its address."""
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed: pip install 'psycopg[binary]'")
    if not PROGRAMS:
        pytest.skip("there is no PostgreSQL: install Debian's package postgresql")
    folder, port = Path("/tmp") / f"salesgauge-pg-{os.getpid()}", free_port()
    folder.mkdir(mode=0o700)
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run([PROGRAMS[0] / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder, user=user)
    run("initdb", "-D", str(folder / "files"), "-U", "tester", "--auth=trust", "--encoding=UTF8", "--no-sync")
    settings = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {port} -c fsync=off"
    run("pg_ctl", "-D", str(folder / "files"), "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(folder / "files"), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.mark.more
def test_the_state_does_the_same_on_postgresql(server: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pytest", "tests/state", "-x", "-n", "0"], cwd=ROOT, text=True,
                          env={**os.environ, "SALESGAUGE_STATE_TEST": server}, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "skipped" in done.stdout.splitlines()[-1]  # what is about the file only
