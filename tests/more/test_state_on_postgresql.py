"""The state on PostgreSQL: the same tests on a server of our own, on a free port, with its files in a folder of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.servers import postgresql

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server, as SQLAlchemy takes it."""
    with postgresql() as address:
        yield address.replace("postgresql:", "postgresql+psycopg:", 1)


@pytest.mark.more
def test_the_state_does_the_same_on_postgresql(server: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pytest", "tests/state", "-x", "-n", "0"], cwd=ROOT, text=True,
                          env={**os.environ, "SALESGAUGE_STATE_TEST": server}, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "skipped" in done.stdout.splitlines()[-1]  # what is about the file only
