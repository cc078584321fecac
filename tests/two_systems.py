"""A company with two systems, both connected to one workspace: its sales in the one, its bills in the other, some customers in both."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salesgauge.identity import Identities
from salesgauge.state import Actor
from salesgauge.store.identity.suggesting import Suggestion
from salesgauge.workspace import Workspace
from sources.connections.company import NOW
from state.world import World

CONSOLE = Actor(None, "console")
MAPPING = """
[reps]
file = "people"
columns = { rep_id = "id", name = "name", email = "email" }
[accounts]
file = "companies"
columns = { account_id = "id", name = "name", region = "region" }
[account_keys]
file = "companies"
columns = { account_id = "id", domain = "site", tax_id = "tax" }
"""
SALES = """\
[opportunities]
file = "sales"
columns = { opportunity_id = "id", created_at = "day", closed_at = "day", outcome = { constant = "won" }, \
  owner_id = "seller", account_id = "buyer", amount = "value" }
"""
BILLS = """
[orders]
file = "sales"
columns = { order_id = "id", ordered_at = "day", rep_id = "seller", account_id = "buyer" }
[order_lines]
file = "sales"
columns = { order_id = "id", line = { constant = "1" }, quantity = { constant = "1" }, unit_price = "value" }
"""
ROWS = {
    "crm": ([("R1", "Ada Quist", "ada@corp.example"), ("R2", "Bo Marlow", "bo@corp.example")],
            [(1, "Acme Steel GmbH", "north", "https://acme.example", ""), (2, "ООО Ромашка", "", "", "7707083893"),
             (3, "Corner Shop", "", "", ""), (4, "Twin Ltd", "", "twin.example", ""), (5, "Twins Ltd", "", "www.twin.example", "")],
            [(1, "2025-02-01", "R1", 1, 100), (2, "2025-02-02", "R2", 3, 50)]),
    "bills": ([("77", "A. Quist", "ADA@corp.example")],
              [(9, "ACME STEEL", "", "acme.example", ""), (8, "Romashka LLC", "south", "", "77 0708-3893"),
               (7, "Corner-Shop Ltd.", "west", "", ""), (6, "Twin", "", "twin.example", "")],
              [(1, "2025-03-01", "77", 9, 700), (2, "2025-03-02", "77", 7, 30)])}


@dataclass
class Firm:
    """A workspace that is connected to two systems, and its state."""

    workspace: Workspace
    identities: Identities
    world: World

    @classmethod
    def of(cls, folder: Path) -> Firm:
        """The company whose workspace is in a folder."""
        workspace, world = Workspace(folder), World.make(folder)
        return cls(workspace, Identities(workspace, world.state), world)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the workspace has."""
        with self.workspace.session() as session:
            return session.con.execute(query).fetchall()

    def decide(self, left: str, right: str, verdict: str, entity: str = "accounts") -> None:
        """Decides on the command line, and brings it into the figures."""
        self.identities.decide(entity, left, right, verdict, CONSOLE)
        self.workspace.settle(now=NOW, state=self.world.state)

    def suggested(self, entity: str = "accounts") -> dict[tuple[str, str], Suggestion]:
        """The suggestions by their ids."""
        return {(s.left.id, s.right.id): s for s in self.identities.standing(entity).suggested}

    def sync(self) -> None:
        """Reads both systems."""
        for name in ROWS:
            self.workspace.sync(name, now=NOW, environment={})


def connect(folder: Path) -> Path:
    """A workspace in a folder, beside the databases of two systems from which it was synced."""
    workspace = Workspace.create(folder / "workspace", "UTC", "EUR", {})
    connections = folder / "workspace" / "connections"
    connections.mkdir()
    for name, (people, companies, sales) in ROWS.items():
        with sqlite3.connect(folder / f"{name}.sqlite") as database:
            database.execute("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT, email TEXT)")
            database.execute("CREATE TABLE companies (id INTEGER PRIMARY KEY, name TEXT, region TEXT, site TEXT, tax TEXT)")
            database.execute("CREATE TABLE sales (id INTEGER PRIMARY KEY, day TEXT, seller TEXT, buyer INTEGER, value NUMERIC)")
            for table, rows in (("people", people), ("companies", companies), ("sales", sales)):
                database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        database.close()
        (connections / f"{name}.mapping.toml").write_text(MAPPING + (SALES if name == "crm" else BILLS), encoding="utf-8")
        (connections / f"{name}.toml").write_text(
            f'kind = "sql"\nprefix = "{name[0]}-"\nmapping = "{name}.mapping.toml"\n[options]\n'
            f'url = "sqlite:///{folder / name}.sqlite"\n[options.tables]\npeople = {{}}\ncompanies = {{}}\nsales = {{}}\n')
        workspace.sync(name, now=NOW, environment={})
    return folder / "workspace"
