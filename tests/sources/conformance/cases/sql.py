"""An SQL database: SQLite, with a mapping of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from sources.conformance.case import Row

MAPPING = """
[reps]
file = "people"
columns = { rep_id = "id", name = "name" }

[accounts]
file = "firms"
columns = { account_id = "id", name = "name" }

[opportunities]
file = "deals"
record = { column = "id", prefix = "deals/" }

[opportunities.columns]
opportunity_id = "id"
created_at = "opened"
closed_at = "closed"
outcome = { column = "outcome", values = { won = "won", lost = "lost" }, otherwise = "empty" }
owner_id = "owner"
account_id = "firm"
amount = "value"
stage = "stage"

[stage_changes]
file = "moves"
columns = { opportunity_id = "deal", changed_at = "changed", stage = "stage" }
"""
TABLES = """
CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT);
CREATE TABLE firms (id TEXT PRIMARY KEY, name TEXT);
CREATE TABLE deals (id INTEGER PRIMARY KEY, opened TIMESTAMP, closed TIMESTAMP, outcome TEXT, owner TEXT, firm TEXT, value NUMERIC,
                    stage TEXT, changed TIMESTAMP);
CREATE TABLE moves (deal INTEGER, number INTEGER, changed TIMESTAMP, stage TEXT, PRIMARY KEY (deal, number));
CREATE INDEX deals_changed ON deals (changed, id);
INSERT INTO people VALUES ('R1', 'Ada Quist'), ('R2', 'Bo Marlow');
INSERT INTO firms VALUES ('A1', 'Acme'), ('A2', 'Zeta');
"""


class Case:
    """A file of SQLite beside the workspace."""

    kind, table, http = "sql", "opportunities", False
    page = 100  # what it reads at once is more, and its borders are tested in sources/connections/test_syncing.py
    stages = ("open", "offered", "agreed")

    def __init__(self, folder: Path, now: datetime) -> None:
        self._file, self._now = folder / "crm.sqlite", now
        self.secrets: dict[str, str] = {}
        self.options = {"url": f"sqlite:///{self._file}", "mapping": MAPPING, "tables": {
            "people": {}, "firms": {}, "deals": {"cursor": "changed"}, "moves": {"cursor": "changed"}}}
        self._write(TABLES)

    def handle(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError("a database is not asked over HTTP")

    def tick(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def add(self, count: int) -> list[str]:
        first = self._rows("SELECT coalesce(max(id), 0) + 1 FROM deals")[0][0]
        keys = range(first, first + count)
        self._many("INSERT INTO deals VALUES (?, ?, NULL, NULL, ?, ?, ?, 'open', ?)",
                   [(key, self._time, f"R{1 + key % 2}", f"A{1 + key % 2}", key + 0.25, self._time) for key in keys])
        self._many("INSERT INTO moves VALUES (?, 1, ?, 'open')", [(key, self._time) for key in keys])
        return [str(key) for key in keys]

    def change(self, key: str, amount: Decimal) -> None:
        self._change(key, "value = ?", float(amount))

    def move(self, key: str, stage: str) -> None:
        ended = stage if stage in ("won", "lost") else None
        self._change(key, "stage = ?, outcome = ?, closed = ?", stage, ended, self._time if ended else None)
        self._many("INSERT INTO moves SELECT ?, 1 + max(number), ?, ? FROM moves WHERE deal = ?", [(key, self._time, stage, key)])

    def hand_over(self, key: str) -> None:
        self._change(key, "owner = CASE owner WHEN 'R1' THEN 'R2' ELSE 'R1' END")

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        self.tick(-seconds)
        self.change(key, amount)
        self.tick(seconds)

    def remove(self, key: str) -> None:
        self._many("DELETE FROM deals WHERE id = ?", [(key,)])
        self._many("DELETE FROM moves WHERE deal = ?", [(key,)])

    def expected(self) -> dict[str, Row]:
        return {str(key): (owner, Decimal(str(value)), stage, outcome)
                for key, owner, value, stage, outcome in self._rows("SELECT id, owner, value, stage, outcome FROM deals")}

    def history(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, stage in self._rows("SELECT deal, stage FROM moves ORDER BY deal, number"):
            found.setdefault(str(key), []).append(stage)
        return found

    def expire(self) -> None:
        """Nothing: a file asks for no password."""

    def renew(self) -> None:
        """Nothing."""

    @property
    def _time(self) -> str:
        return self._now.strftime("%Y-%m-%d %H:%M:%S.%f")

    def _change(self, key: str, what: str, *values: object) -> None:
        self._many(f"UPDATE deals SET {what}, changed = ? WHERE id = ?", [(*values, self._time, key)])

    def _write(self, script: str) -> None:
        database = sqlite3.connect(self._file)
        database.executescript(script)
        database.close()

    def _many(self, statement: str, values: Iterable[tuple[object, ...]]) -> None:
        database = sqlite3.connect(self._file)
        with database:
            database.executemany(statement, values)
        database.close()

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        database = sqlite3.connect(self._file)
        found = database.execute(query).fetchall()
        database.close()
        return found
