"""`salesgauge connect` and `salesgauge sync`."""

from __future__ import annotations

from pathlib import Path

from cli.conftest import Ask
from sources.connections.company import Company


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
        (("shop",), "say what kind of system shop is: sql"),
        (("shop", "--check"), "there is no connection 'shop'; there are: crm")]:
        found = ask("connect", *arguments, "-w", company.folder)
        assert found.code == 2 and said in found.err and found.err.count("\n") == 1, (arguments, found.err)
    assert sorted((company.folder / "connections").iterdir()) == there
    company.database.close()


def test_a_sync_without_a_connection_says_how_one_is_made(ask: Ask, tmp_path: Path) -> None:
    ask("init", tmp_path / "w")
    found = ask("sync", "-w", tmp_path / "w")
    assert found.code == 2 and "has no connection yet; make one with: salesgauge connect" in found.err
