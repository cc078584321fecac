"""A company whose deals stand in a database server: PostgreSQL and MariaDB, as they are in the field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engines.servers import postgresql
from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.workspace import Workspace
from sources.connections.company import MAPPING
from sources.mariadb_server import mariadb

NOW = datetime(2025, 6, 1, tzinfo=UTC)
RECORDS = 12_000  # more than two pages
AMOUNT = Decimal("12345678901.25")
TABLES = sa.MetaData()
PEOPLE = sa.Table("people", TABLES, sa.Column("id", sa.String(20), primary_key=True), sa.Column("name", sa.Unicode(80)))
DEALS = sa.Table("deals", TABLES, sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False), sa.Column("opened", sa.Date),
                 sa.Column("closed", sa.DateTime), sa.Column("status", sa.String(10)), sa.Column("owner", sa.String(20)),
                 sa.Column("value", sa.Numeric(18, 2)), sa.Column("changed", sa.DateTime, index=True))


@contextmanager
def with_psycopg() -> Iterator[str]:
    """PostgreSQL, as SQLAlchemy takes its address."""
    with postgresql() as address:
        yield address.replace("postgresql:", "postgresql+psycopg:", 1)


def deal(number: int, **more: Any) -> dict[str, Any]:
    """A row of a deal, open unless it is said otherwise."""
    return {"id": number, "opened": datetime(2025, 1, 2), "closed": None, "status": "open", "owner": f"R{1 + number % 2}",
            "value": AMOUNT, "changed": datetime(2025, 2, 1, 10, 0, number % 60), **more}


@pytest.mark.more
@pytest.mark.parametrize("server", [with_psycopg, mariadb], ids=["PostgreSQL", "MariaDB"])
def test_a_database_server_is_followed(server: Callable[[], AbstractContextManager[str]], tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace", "UTC", "EUR", {})
    with server() as address:
        engine = sa.create_engine(sa.make_url(address).set(password="hunter2"))
        TABLES.create_all(engine)
        with engine.begin() as con:
            con.execute(PEOPLE.insert(), [{"id": "R1", "name": "Zoë 陈涛 😀"}, {"id": "R2", "name": "Юрий"}])
            con.execute(DEALS.insert(), [deal(number) for number in range(1, RECORDS + 1)])
        options = {"url": address, "tables": {"people": {}, "deals": {"cursor": "changed"}}}
        Connection(tmp_path / "workspace" / FOLDER, "crm", "sql", options, {"password": "env:CRM"}, mapping="own.toml").write()
        (tmp_path / "workspace" / FOLDER / "own.toml").write_text(MAPPING)

        def counts() -> tuple[int, int, int]:
            report = workspace.sync("crm", now=NOW, environment={"CRM": "hunter2"}).as_json()["load"]
            deals = next(table for table in report["tables"] if table["table"] == "opportunities")
            return deals["new"], deals["changed"], deals["gone"]
        assert counts() == (RECORDS, 0, 0)
        assert rows(workspace, "SELECT name FROM reps ORDER BY rep_id") == [("Zoë 陈涛 😀",), ("Юрий",)]
        assert rows(workspace, "SELECT sum(amount) FROM opportunities") == [(float(AMOUNT * RECORDS),)]
        assert counts() == (0, 0, 0)

        with engine.begin() as con:
            later = datetime(2025, 3, 1)
            con.execute(DEALS.update().where(DEALS.c.id == 7).values(status="won", closed=later, changed=later))
            con.execute(DEALS.insert(), [deal(RECORDS + 1, changed=later)])
            con.execute(DEALS.delete().where(DEALS.c.id.in_([1, 2])))
        assert counts() == (1, 1, 2)
        assert rows(workspace, "SELECT outcome, closed_at FROM opportunities WHERE opportunity_id = '7'") == [("won", datetime(2025, 3, 1))]
        engine.dispose()


def rows(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    """What the workspace has."""
    with workspace.session() as session:
        return session.con.execute(query).fetchall()
