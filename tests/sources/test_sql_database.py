"""What the connector of SQL databases says where a connection is not right; what it reads is tested with syncing."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.sql_database import connect
from salesgauge.sources.sql_database.connector import reading
from sources.connections.company import connection


@pytest.fixture
def database(tmp_path: Path) -> str:
    file = tmp_path / "crm.sqlite"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE deals (id INTEGER PRIMARY KEY, value REAL)")
        made.execute("CREATE TABLE notes (text TEXT)")
        made.execute("CREATE TABLE files (id INTEGER PRIMARY KEY, content BLOB)")
        made.execute("INSERT INTO files VALUES (1, x'00ff')")
    made.close()
    return f"sqlite:///{file}"


@pytest.mark.parametrize(("options", "said"), [
    ({}, "crm.toml: options.url is missing"),
    ({"url": "nothing"}, "crm.toml: options.url cannot be read; write it as postgresql"),
    ({"url": "postgresql+psycopg://u:hunter2@h/d"}, "crm.toml: options.url holds a password; take it out")])
def test_an_address_that_cannot_be_used_is_refused(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceError) as problem:
        connect(connection(tmp_path, options=options), Secrets(tmp_path, {}))
    assert problem.value.message.startswith(said) and "hunter2" not in problem.value.message


@pytest.mark.parametrize(("tables", "said"), [
    ("deal", "the database has no table 'deal'; did you mean deals?"),
    ("notes", "notes has no primary key; say which columns identify a row"),
    ({"deals": {"cursor": "changed"}}, "deals has no column 'changed'; it has: id, value"),
    ({"deals": {"cursr": "id"}}, "there is no 'cursr'; did you mean cursor?")])
def test_a_table_that_cannot_be_read_is_refused_by_its_place(tmp_path: Path, database: str, tables: object, said: str) -> None:
    found = connect(connection(tmp_path, options={"url": database, "tables": tables}), Secrets(tmp_path, {}))
    with pytest.raises(SourceError, match=r"^crm.toml, options.tables\.") as problem:
        found.streams()
    assert said in problem.value.message
    found.close()


def test_rights_are_tried_table_by_table(tmp_path: Path, database: str) -> None:
    found = connect(connection(tmp_path, options={"url": database, "tables": "deals, files"}), Secrets(tmp_path, {}))
    assert [(right.what, right.granted) for right in found.rights()] == [("read deals", True), ("read files", True)]
    found.close()


def test_a_database_that_cannot_be_reached_does_not_tell_its_password(tmp_path: Path) -> None:
    options = {"url": "postgresql+psycopg://u@127.0.0.1:1/d", "tables": "deals"}
    found = connect(connection(tmp_path, options=options, secrets={"password": "env:P"}), Secrets(tmp_path, {"P": "hunter2"}))
    with pytest.raises(SourceError, match=r"crm: the database \(postgresql\) says") as problem:
        found.streams()
    assert "hunter2" not in problem.value.message
    found.close()


@pytest.mark.parametrize(("address", "said"), [
    ("mssql+pymssql://", "SELECT sales.deals.id, sales.deals.[order] \nFROM sales.deals \nWHERE sales.deals.[order] IS NOT NULL AND "
                      "sales.deals.[order] >= '2025-06-01 11:50:00' ORDER BY sales.deals.[order], sales.deals.id"),
    ("mysql+pymysql://", "SELECT sales.deals.id, sales.deals.`order` \nFROM sales.deals \nWHERE sales.deals.`order` IS NOT NULL AND "
                      "sales.deals.`order` >= '2025-06-01 11:50:00' ORDER BY sales.deals.`order`, sales.deals.id")],
    ids=["SQL Server", "MySQL"])
def test_what_changed_is_asked_for_in_the_words_of_each_database(address: str, said: str) -> None:
    deals = sa.Table("deals", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("order", sa.DateTime), schema="sales")
    query = reading(deals, ("id", "order"), ("id",), "order", "2025-06-01T12:00:00.000000")
    dialect = sa.make_url(address).get_dialect()()
    assert str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})) == said
