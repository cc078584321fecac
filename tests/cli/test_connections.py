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


def test_a_schedule_is_given_changed_and_taken_away_and_the_rest_of_the_file_stands(ask: Ask, tmp_path: Path) -> None:
    company = Company(tmp_path)
    path = company.folder / "connections" / "crm.toml"
    before = "# ours, do not touch\n" + path.read_text()
    path.write_text(before)
    assert "crm is read daily 06:00" in ask("connect", "crm", "-w", company.folder, "--schedule", "daily 06:00").out
    assert path.read_text() == 'schedule = "daily 06:00"\n' + before
    ask("connect", "crm", "-w", company.folder, "--schedule", "30 7 * * 1-5")
    assert path.read_text() == 'schedule = "30 7 * * 1-5"\n' + before
    assert ask("connect", "crm", "-w", company.folder, "--schedule", "").code == 0 and path.read_text() == before
    wrong = ask("connect", "crm", "-w", company.folder, "--schedule", "hourly")
    assert wrong.code == 2 and "cannot read the schedule 'hourly'; write \"every 15 minutes\"" in wrong.err
    path.write_text("schedule = '''\ndaily 06:00'''\n" + before)
    refused = ask("connect", "crm", "-w", company.folder, "--schedule", "every hour")
    assert refused.code == 2 and "without losing something" in refused.err and path.read_text().endswith(before)
    company.database.close()


def test_the_status_says_how_each_was_read_last_and_when_it_is_next(ask: Ask, tmp_path: Path) -> None:
    company = Company(tmp_path)
    assert ask("sync", "--status", "-w", company.folder, "--format", "json").json == [
        {"connection": "crm", "kind": "sql", "schedule": None, "next": None, "last_good": None, "last": None, "outcome": None,
         "failures": 0, "new": None, "changed": None, "gone": None, "aside": None, "error": None}]
    ask("connect", "crm", "-w", company.folder, "--schedule", "every 2 hours")
    assert ask("sync", "-w", company.folder).code == 0
    told = ask("sync", "--status", "-w", company.folder, "--format", "json").json[0]
    assert (told["outcome"], told["new"], told["last_good"], told["next"]) == ("done", 8, "2025-09-01T00:00:00Z", "2025-09-01T02:00:00Z")
    company.sql("DROP TABLE deals")
    failed = ask("sync", "-w", company.folder)
    assert failed.code == 2
    text = ask("sync", "crm", "--status", "-w", company.folder).out
    assert "the database has no table 'deals'" in text and "2025-09-01 00:05" in text, "it is tried again sooner"
    assert ask("sync", "--status", "-w", company.folder, "--format", "csv").out.splitlines()[0].startswith("connection,kind,schedule,next")
    unknown = ask("sync", "shop", "--status", "-w", company.folder)
    assert unknown.code == 2 and "there is no connection 'shop'" in unknown.err
    company.database.close()
