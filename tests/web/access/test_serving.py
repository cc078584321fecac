"""The server as it is started: its first link, and that nothing is lost when it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from salesgauge.cli.program import main
from salesgauge.cli.serve import LOCAL, allowed
from salesgauge.workspace import Workspace
from state.world import PASSWORD


@contextmanager
def serving(folder: Path, lines: int) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running server on a free port, and the lines it has printed; it is killed at the end."""
    process = subprocess.Popen([sys.executable, "-m", "salesgauge", "serve", "-w", str(folder), "--port", "0", "--lang", "en"], text=True,
                               stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process, [process.stdout.readline().strip() for _ in range(lines)]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Workspace.create(tmp_path / "workspace", "UTC", "EUR", {}).folder


def test_the_first_start_prints_a_link_and_a_killed_server_knows_its_people_and_sessions_again(folder: Path) -> None:
    with serving(folder, 2) as (_process, (address, said)):
        assert said.startswith("First start.") and "password" not in said
        link = said.rpartition(" ")[2]
        assert link.startswith(f"{address}enter/")
        with httpx.Client() as browser:
            done = browser.post(link, data={"email": "ann@example.org", "name": "Ann", "password": PASSWORD})
            assert done.status_code == 303
            secret = browser.cookies["session"]
    with serving(folder, 1) as (process, (address,)), httpx.Client(base_url=address, cookies={"session": secret}) as browser:
        assert "ann@example.org" in browser.get("/account").text
        made = browser.post("/account/tokens", data={"name": "T", "days": "3", "scopes": "records"})  # killed right after it answered
        assert made.status_code == 200
        process.kill()
    with serving(folder, 1) as (_process, (address,)), httpx.Client(base_url=address, cookies={"session": secret}) as browser:
        assert "<th scope=\"row\">T</th>" in browser.get("/account").text


def test_at_an_address_of_this_machine_only_its_own_names_are_answered() -> None:
    assert allowed("127.0.0.1", ()) == LOCAL
    assert allowed("127.0.0.1", ("sales.example.org",)) == (*LOCAL, "sales.example.org")
    assert allowed("0.0.0.0", ()) == ()
    assert allowed("0.0.0.0", ("sales.example.org",)) == ("sales.example.org",)


def test_a_port_that_is_taken_is_said_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(folder, 1) as (_process, (address,)):
        port = address.rstrip("/").rpartition(":")[2]
        assert main(["serve", "-w", str(folder), "--port", port]) == 2
    said = capsys.readouterr().err
    assert said.startswith("salesgauge: Address already in use") and said.count("\n") == 1
