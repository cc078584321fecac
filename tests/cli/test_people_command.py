"""`salesgauge people`: accounts from the console."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cli.conftest import NOW, Ask
from salesgauge.cli.people import ROLES
from salesgauge.state import Role, State, Visitor

PASSWORD = "four unrelated words here"


@pytest.fixture
def folder(messy: Path, tmp_path: Path) -> Path:
    """A workspace with two reps, R1 and R2."""
    return Path(shutil.copytree(messy, tmp_path / "workspace"))


def use(folder: Path, link: str, password: str = PASSWORD) -> None:
    """Sets a password by a link that was printed."""
    state = State.open(folder, lambda: NOW)
    state.entrance.by_link(link.rpartition("/")[2], password, Visitor("192.0.2.1"))
    state.close()


def test_somebody_is_invited_by_a_link_that_is_printed_once(ask: Ask, folder: Path) -> None:
    said = ask("people", "invite", "Ann@Example.org", "--role", "rep", "--rep", "R1", "--name", "Ann", "-w", folder,
               "--address", "https://sales.example.org/")
    lines = said.out.splitlines()
    assert said.code == 0 and lines[0] == "Give Ann this link. It works once, until 8 Sept 2025, 00:00."
    assert lines[1].startswith("https://sales.example.org/enter/")
    before = ask("people", "list", "-w", folder, "--format", "json").json
    assert before == {"people": [{"email": "ann@example.org", "name": "Ann", "role": "rep", "administers": False, "rep_id": "R1",
                                  "state": "invited"}]}
    use(folder, lines[1])
    assert ask("people", "list", "-w", folder, "--format", "csv").out.splitlines()[1].endswith(",R1,active")


def test_an_administrator_who_is_locked_out_gets_in_again(ask: Ask, folder: Path) -> None:
    use(folder, ask("people", "invite", "root@example.org", "--role", "executive", "--administers", "-w", folder).out.split()[-1])
    link = ask("people", "reset", "ROOT@example.org", "-w", folder).out.split()[-1]
    use(folder, link, "another set of plain words")
    state = State.open(folder, lambda: NOW)
    assert state.entrance.by_password("root@example.org", "another set of plain words", Visitor("192.0.2.1")).person.administers
    state.close()


def test_who_is_deactivated_is_said_to_be_and_the_last_administrator_stays(ask: Ask, folder: Path) -> None:
    use(folder, ask("people", "invite", "root@example.org", "--role", "administrator", "-w", folder).out.split()[-1])
    ask("people", "invite", "bo@example.org", "--role", "executive", "-w", folder)
    assert ask("people", "deactivate", "bo@example.org", "-w", folder).out == "Deactivated.\n"
    shown = ask("people", "list", "-w", folder, "--lang", "zh-Hant").out
    assert "停用" in shown and "已邀請" not in shown
    last = ask("people", "deactivate", "root@example.org", "-w", folder)
    assert last.code == 2 and "Somebody must be left who administers" in last.err and last.err.count("\n") == 1


@pytest.mark.parametrize(("arguments", "said"), [
    (("invite", "bo@example.org", "--role", "rep"), "choose one"),
    (("invite", "bo@example.org", "--role", "rep", "--rep", "R9"), "no rep R9"),
    (("invite", "bo", "--role", "analyst"), "no e-mail address: bo"), (("reset", "bo@example.org"), "There is no such person"),
    (("deactivate", "bo@example.org"), "There is no such person"), (("invite", "bo@example.org", "--role", "king"), "'king' is not one of"),
])
def test_what_cannot_be_is_said_in_one_line(ask: Ask, folder: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = ask("people", *arguments, "-w", folder)
    assert answer.code == 2 and said in answer.err and answer.err.count("\n") == 1 and not answer.out


def test_without_a_workspace_there_are_no_people(ask: Ask, tmp_path: Path) -> None:
    assert "is no workspace" in ask("people", "list", "-w", tmp_path).err
    assert not list(tmp_path.iterdir())


def test_the_roles_are_those_of_the_state() -> None:
    assert set(ROLES) == set(Role)
