"""A system made up for the write path that all connectors share: every version of it changes every record, adds some and deletes some, so
that a count and a sum tell which version a workspace has, and a mixture of two shows at once.

As a module it is a connector as well, of the kind `ledger`, once `known` has made it one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from salesgauge.sources.connections.connection import FOLDER, Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Key, Record, Right, Stream
from salesgauge.sources.connections.wire import Network, Wire
from salesgauge.sources.kinds import KINDS
from salesgauge.workspace import Workspace

NAME, PAGE, TWICE = "crm", 500, 2  # TWICE: records of the next page that stand at the end of a page already, as they were before
REPS = [{"id": f"R{number}", "name": f"Rep {number}"} for number in range(7)]
MAPPING = """
[reps]
file = "people"
columns = { rep_id = "id", name = "name" }

[opportunities]
file = "deals"
record = { column = "id", prefix = "deals/" }
columns = { opportunity_id = "id", created_at = "opened", owner_id = "owner", amount = "amount" }
"""


class Ledger:
    """The system: its records follow from `version`, and are made as they are asked for. `heard` is called with each request."""

    def __init__(self, records: int, heard: Callable[[], None] = lambda: None) -> None:
        self.records, self.version, self.heard = records, 1, heard

    def ids(self) -> range:
        """The ids that there are."""
        return range(7 * self.version, 7 * self.version + self.records + 4 * self.version)

    def totals(self) -> tuple[int, int]:
        """How many records there are, and the sum of their amounts."""
        return len(self.ids()), sum(1000 * self.version + number % 1000 for number in self.ids())

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers as a system with pages by cursor does."""
        self.heard()
        asked = request.url.params
        if request.url.path == "/people":
            return httpx.Response(200, json=REPS)
        if request.url.path == "/keys":
            start = max(int(asked.get("after", -1)) + 1, self.ids().start)
            return httpx.Response(200, json=list(range(start, min(start + 20 * PAGE, self.ids().stop))))
        version, number = (int(part) for part in asked.get("after", "0.-1").split("."))
        first = self.ids().start if version < self.version else number + 1 - int("since" in asked)
        page = range(max(first, self.ids().start), min(first + PAGE, self.ids().stop))
        early = [self._record(n, page[-1], -1) for n in range(page.stop, min(page.stop + TWICE, self.ids().stop))] if page else []
        return httpx.Response(200, content=json.dumps([*(self._record(n, n, 0) for n in page), *early]))

    def _record(self, number: int, changed: int, beside: int) -> dict[str, Any]:
        return {"id": str(number), "changed": f"{self.version:06d}.{changed:09d}", "opened": "2025-01-05T10:00:00",
                "owner": REPS[number % len(REPS)]["id"], "amount": 1000 * self.version + number % 1000 + beside}


class Connector:
    """Reads it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def streams(self) -> Sequence[Stream]:
        return [Stream("people", ("id", "name"), ("id",), lambda since: iter([self._wire.get("/people")])),
                Stream("deals", ("id", "changed", "opened", "owner", "amount"), ("id",), self._deals, "changed", census=self._keys)]

    def _deals(self, since: str | None) -> Iterator[Sequence[Record]]:
        asked = {} if since is None else {"after": since, "since": "1"}
        while page := self._wire.get("/deals", asked):
            yield page
            asked = {"after": max(record["changed"] for record in page)}

    def _keys(self) -> Iterator[Sequence[Key]]:
        last = -1
        while page := self._wire.get("/keys", {"after": last}):
            yield [(str(number),) for number in page]
            last = page[-1]

    def rights(self) -> Iterable[Right]:
        return ()

    def close(self) -> None:
        self._wire.close()


def connect(connection: Connection, secrets: Secrets, network: Network) -> Connector:
    """The system at `options.url`."""
    return Connector(Wire(connection.name, str(connection.option("url")), network=network))


def known() -> None:
    """Makes it a kind of system."""
    KINDS["ledger"] = "ledger"
    sys.modules["salesgauge.sources.ledger"] = sys.modules[__name__]


def connected(folder: Path, address: str) -> Workspace:
    """A new workspace that is connected to the system at an address."""
    made = Workspace.create(folder, "UTC", "EUR", {})
    connection = Connection(folder / FOLDER, NAME, "ledger", {"url": address}, mapping="own.mapping.toml")
    connection.write()
    (connection.folder / "own.mapping.toml").write_text(MAPPING, encoding="utf-8")
    return made


def held(workspace: Workspace) -> tuple[int, int]:
    """How many deals the workspace has, and the sum of their amounts; a key that comes twice is a fault."""
    with workspace.session() as session:
        row = session.con.execute("SELECT count(*), CAST(sum(amount) AS BIGINT), count(DISTINCT opportunity_id) "
                                  "FROM opportunities").fetchone()
    assert row is not None and row[0] == row[2]
    return row[0], row[1]
