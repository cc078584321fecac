"""A workspace that is connected to a simulated system, and what can be seen of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import tomli_w

from salesgauge.sources.connections.connection import FOLDER, read
from salesgauge.sources.connections.extracting import PIPELINE
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Right
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.kinds import open_connection
from salesgauge.sources.syncing import rights
from salesgauge.workspace import Workspace
from sources.conformance.case import Case, Row, opened
from sources.conformance.line import Line

NAME = "system"
START = datetime(2025, 6, 2, 9, tzinfo=UTC)
# By table: the owner, the amount, the stage and the outcome of each of its rows.
FOUND = {
    "opportunities": "SELECT opportunity_id, owner_id, amount, stage, outcome FROM opportunities",
    "orders": "SELECT o.order_id, o.rep_id, (SELECT sum(l.quantity * l.unit_price) FROM order_lines l WHERE l.order_id = o.order_id), "
              "NULL, NULL FROM orders o",
    "spend": "SELECT spend_id, rep_id, amount, NULL, NULL FROM spend"}
HISTORY = "SELECT opportunity_id, stage FROM stage_changes ORDER BY opportunity_id, changed_at, ordinal_"
# By table: the owners and accounts that its rows name and nobody knows.
ORPHANS = {"opportunities": ("owner_id", "opportunity_id"), "orders": ("rep_id", "order_id")}


class Connected:
    """The system, the line to it, and the workspace."""

    def __init__(self, kind: str, folder: Path) -> None:
        (folder / "system").mkdir(parents=True)
        self.case: Case = opened(kind, folder / "system", START)
        self.line = Line(self.case.handle)
        self.folder, self.now = folder / "workspace", START
        self.workspace = Workspace.create(self.folder, "UTC", "EUR", {})
        if self.case.table == "spend":  # a workspace needs leads, deals or orders as well
            (folder / "leads").mkdir()
            (folder / "leads" / "leads.csv").write_text("lead_id,created_at\nL1,2025-05-01\n", encoding="utf-8")
            self.workspace.load(folder / "leads", now=START)
        self.environment = {f"SECRET_{name.upper()}": text for name, text in self.case.secrets.items()}
        options = dict(self.case.options)
        mapping = options.pop("mapping", None)  # the kinds without a mapping of their own bring one
        said = {"kind": kind, "options": options, "secrets": {name: f"env:SECRET_{name.upper()}" for name in self.case.secrets}}
        (self.folder / FOLDER).mkdir()
        if mapping is not None:
            (self.folder / FOLDER / "own.mapping.toml").write_text(str(mapping), encoding="utf-8")
            said["mapping"] = "own.mapping.toml"
        (self.folder / FOLDER / f"{NAME}.toml").write_text(tomli_w.dumps(said), encoding="utf-8")

    @property
    def network(self) -> Network:
        """The line, with a clock and a patience of its own."""
        return Network(httpx.MockTransport(self.line.carry), self.line.waited.append, lambda: 0.5, lambda: self.now)

    def tick(self, seconds: float = 60.0) -> None:
        """Time goes on, here and there."""
        self.case.tick(seconds)
        self.now += timedelta(seconds=seconds)

    def sync(self) -> dict[str, dict[str, Any]]:
        """Syncs; says what became of each canonical table. Nothing of the watched table may be set aside."""
        self.line.count = 0
        done = self.workspace.sync(NAME, now=self.now, environment=self.environment, network=self.network)
        tables: dict[str, dict[str, Any]] = {table["table"]: table for table in done.as_json()["load"]["tables"]}
        aside = {name: (table["rows_aside"], table["cells_aside"]) for name, table in tables.items()
                 if table["rows_aside"] or table["cells_aside"]}
        assert not aside, f"set aside: {aside}"
        return tables

    def rights(self) -> list[Right]:
        """What the connection may do."""
        return rights(read(self.folder, NAME), Secrets(self.folder / FOLDER, self.environment), self.network)

    def streams(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...], str | None]]:
        """Of each stream its columns, its key and its cursor."""
        made = open_connection(read(self.folder, NAME), Secrets(self.folder / FOLDER, self.environment), self.network)
        try:
            return {stream.name: (stream.columns, stream.key, stream.cursor) for stream in made.connector.streams()}
        finally:
            made.connector.close()

    @property
    def generation(self) -> str:
        """The generation in force."""
        return self.workspace.generation().name

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the workspace answers to SQL."""
        with self.workspace.session() as session:
            return session.con.execute(query).fetchall()

    def found(self) -> dict[str, Row]:
        """What the workspace has of the watched table."""
        rows = self.rows(FOUND[self.case.table])
        assert len({row[0] for row in rows}) == len(rows), "a key comes twice"
        return {key: (owner, None if amount is None else Decimal(repr(amount)), stage, outcome)
                for key, owner, amount, stage, outcome in rows}

    def agrees(self) -> None:
        """The workspace has what the system has, its stages and nothing that leads nowhere."""
        found, expected = self.found(), self.case.expected()
        assert found == {key: (row[0], row[1], row[2], row[3]) for key, row in expected.items()}
        stages = self.case.history()
        if stages:
            assert self.history() == {key: _steps(value) for key, value in stages.items()}
        if self.case.table not in ORPHANS:
            return
        owner, key = ORPHANS[self.case.table]
        lost = self.rows(f"SELECT {key}, {owner}, account_id FROM {self.case.table} WHERE account_id IS NULL "
                         "OR account_id NOT IN (SELECT account_id FROM accounts)")
        assert not lost, f"no such account: {lost[:5]}"
        if any(row[0] is not None for row in expected.values()):
            lost = self.rows(f"SELECT {key}, {owner} FROM {self.case.table} WHERE {owner} NOT IN (SELECT rep_id FROM reps)")
            assert not lost, f"no such rep: {lost[:5]}"

    def history(self) -> dict[str, list[str]]:
        """The stages that each deal went through, as the workspace has them."""
        stages: dict[str, list[str]] = {}
        for key, stage in self.rows(HISTORY):
            stages.setdefault(key, []).append(stage)
        return {key: _steps(value) for key, value in stages.items()}

    def cursors(self) -> dict[str, str]:
        """How far each stream came."""
        state = json.loads((self.folder / FOLDER / NAME / PIPELINE / "state.json").read_text(encoding="utf-8"))
        return {name: kept["cursor"] for source in state["sources"].values() for name, kept in source["resources"].items()
                if kept.get("cursor") is not None}

    def leaks(self, *texts: str) -> list[str]:
        """Where one of the secrets stands: in one of the texts, or in a file of the workspace."""
        found = []
        for name, secret in self.case.secrets.items():
            found += [f"{name} in a text: ...{text[max(text.find(secret) - 60, 0):][:60]}" for text in texts if secret in text]
            found += [f"{name} in {path.relative_to(self.folder)}" for path in self.folder.rglob("*")
                      if path.is_file() and secret.encode() in path.read_bytes()]
        return found


def _steps(stages: list[str]) -> list[str]:
    """The stages without those that repeat the one before: an amount changed, not the stage."""
    return [stage for place, stage in enumerate(stages) if place == 0 or stage != stages[place - 1]]
