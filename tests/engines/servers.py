"""The engines that tests ask: a PostgreSQL server of our own, and chDB, which is ClickHouse in this process."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a server that orders texts as people do, not by their bytes: what forgets to ask for that order is found out."""
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed: pip install 'psycopg[binary]'")
    if not _PROGRAMS:
        pytest.skip("there is no PostgreSQL: install Debian's package postgresql")
    folder, port = Path(tempfile.mkdtemp(prefix="salesgauge-engine-")), free_port()
    user = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run([_PROGRAMS[0] / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder, user=user)
    run("initdb", "-D", str(folder / "files"), "-U", "tester", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale-provider=icu",
        "--icu-locale=en-US")
    settings = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {port} -c fsync=off -c TimeZone=Asia/Tokyo"
    run("pg_ctl", "-D", str(folder / "files"), "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", str(folder / "files"), "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@contextmanager
def clickhouse() -> Iterator[str]:
    """The address of chDB with its files in a folder of ours. It is never closed: it answers until the process ends."""
    pytest.importorskip("chdb", reason="chDB is not installed: scripts/environment.sh more")
    pytest.importorskip("clickhouse_connect", reason="the driver of ClickHouse is not installed: pip install clickhouse-connect")
    folder = tempfile.mkdtemp(prefix="salesgauge-chdb-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    yield f"chdb:{folder}"


STARTED = {"postgresql": postgresql, "clickhouse": clickhouse}
