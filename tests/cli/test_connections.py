"""`salesgauge connect` and `salesgauge sync`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from cli.conftest import NOW, Ask
from salesgauge.sources.connections.secrets import KEY
from sources.connections.company import Company
from sources.simulators.hubspot import TOKEN, HubSpot
from sources.simulators.served import served


def test_a_database_is_connected_tried_and_read(ask: Ask, tmp_path: Path) -> None:
    company = Company(tmp_path)
    (company.folder / "connections" / "crm.toml").unlink()
    said = ask("connect", "crm", "sql", "-w", company.folder, "--mapping", "own.mapping.toml", "--set", f"url=sqlite:///{company.file}",
               "--set", "tables.people.key=id", "--set", "tables.deals.cursor=changed")
    assert said.code == 0 and "may read people" in said.out and "may read deals" in said.out
    assert "salesgauge sync crm" in " ".join(said.out.split())
    found = ask("sync", "-w", company.folder, "--format", "json").json
    assert [(s["stream"], s["read"], s["counted"]) for s in found[0]["streams"]] == [("people", 2, None), ("deals", 6, 6)]
    assert ask("connect", "-w", company.folder).out.splitlines()[0] == "connections: crm"
    assert "may read deals" in ask("connect", "crm", "--check", "-w", company.folder).out
    again = ask("connect", "crm", "sql", "-w", company.folder)
    assert again.code == 2 and "there is a connection crm already" in again.err
    company.database.close()


def test_what_cannot_be_connected_is_said_in_one_line_and_nothing_is_written(ask: Ask, tmp_path: Path) -> None:
    company = Company(tmp_path)
    there = sorted((company.folder / "connections").iterdir())
    for arguments, said in [
        (("my.crm", "sql"), "a connection cannot be called 'my.crm'"),
        (("shop", "sq"), "there is no kind 'sq'; did you mean sql?"),
        (("shop", "sql", "--mapping", "own.mapping.toml", "--set", f"url=sqlite:///{company.file}", "--set", "tables=deal"),
         "the database has no table 'deal'"),
        (("shop", "sql", "--mapping", "own.mapping.toml", "--set", "url"), "--set is written name=value"),
        (("shop", "tryton", "--set", "url=https://erp.example.com", "--set", "user=reader"),
         "tryton needs --set database=... (the name of the database, such as erp); --secret password=PLACE (that user's password)"),
        (("shop",), "say what kind of system shop is: "),
        (("shop", "--check"), "there is no connection 'shop'; there are: crm")]:
        found = ask("connect", *arguments, "-w", company.folder)
        assert found.code == 2 and said in found.err and found.err.count("\n") == 1, (arguments, found.err)
    assert sorted((company.folder / "connections").iterdir()) == there
    company.database.close()


def test_a_sync_without_a_connection_says_how_one_is_made(ask: Ask, tmp_path: Path) -> None:
    ask("init", tmp_path / "w")
    found = ask("sync", "-w", tmp_path / "w")
    assert found.code == 2 and "has no connection yet; make one with: salesgauge connect" in found.err


def test_a_person_is_asked_for_what_a_kind_needs(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("init", tmp_path / "w")
    account, typed, hidden = HubSpot(NOW), iter(["62515", ""]), list[str]()

    def answer(text: str, **more: Any) -> str:
        if more.get("hide_input"):
            hidden.append(text)
            return TOKEN
        return next(typed)
    monkeypatch.setattr("salesgauge.cli.connect.interactive", lambda: True)
    monkeypatch.setattr("click.prompt", answer)
    monkeypatch.setenv(KEY, Fernet.generate_key().decode())
    account.scopes.discard("sales-email-read")
    with served(account.handle) as server:
        connects = ("connect", "crm", "hubspot", "-w", tmp_path / "w", "--set", f"url={server.address}")
        refused = ask(*connects)
        left = [*(tmp_path / "w").glob("connections/*")]
        account.scopes.add("sales-email-read")
        typed = iter(["62515", ""])
        said = ask(*connects)
        checked = ask("connect", "crm", "--check", "-w", tmp_path / "w")
    assert refused.code == 2 and "may NOT read emails: grant the scope sales-email-read" in " ".join(refused.out.split())
    assert left == [], "nothing was written"
    assert said.code == 0 and len(hidden) == 2, said.err
    written = (tmp_path / "w" / "connections" / "crm.toml").read_text()
    assert 'portal = "62515"' in written and 'token = "file:crm-token"' in written
    assert all(TOKEN.encode() not in path.read_bytes() for path in (tmp_path / "w").rglob("*") if path.is_file())
    assert "may read emails" in checked.out
