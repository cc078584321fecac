"""A sync in a process of its own: python -m faults.synced WORKSPACE [ADDRESS] [die]

It says when it begins, after what it needs was imported, so that a kill falls into the work. Of the made-up system it is the command
itself; with an ADDRESS every request of whatever kind of system goes there. With `die` the process is killed after all was read and before
any of it is merged.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import httpx

from faults.ledger import known
from salesgauge.cli.program import main
from salesgauge.sources.connections.connection import names
from salesgauge.sources.connections.wire import Network
from salesgauge.state import State
from salesgauge.worker.running import run
from salesgauge.workspace import Workspace

WHOLE = "x-whole-url"
NEEDED = ("dlt", "pyarrow.parquet", "salesgauge.sources.connections.extracting", "salesgauge.sources.connections.staging",
          "salesgauge.store.loading")


class Loopback(httpx.BaseTransport):
    """Carries every request to one address; the URL that it was for stands in a header."""

    def __init__(self, address: str) -> None:
        self._to, self._carrier = httpx.URL(address), httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers[WHOLE] = str(request.url)
        request.url = request.url.copy_with(scheme=self._to.scheme, host=self._to.host, port=self._to.port)
        return self._carrier.handle_request(request)

    def close(self) -> None:
        self._carrier.close()


def original(request: httpx.Request) -> httpx.Request:
    """The request as it was before it was carried here."""
    headers = [(name, value) for name, value in request.headers.items() if name != WHOLE]
    return httpx.Request(request.method, request.headers[WHOLE], headers=headers, content=request.content)


def dies(*arguments: object, **more: object) -> None:
    """The process ends here."""
    os.kill(os.getpid(), signal.SIGKILL)


def sync(folder: Path, address: str, die: bool) -> int:
    """Syncs the workspace's connections."""
    known()
    for name in NEEDED:
        importlib.import_module(name)
    if die:
        patch.object(Workspace, "load", dies).start()
    print("begins", flush=True)
    if not address:
        return main(["sync", "-w", str(folder), "--format", "json"])
    with closing(State.open(folder)) as state:
        for name in names(folder):
            run(Workspace(folder), state, name, lambda: datetime.now(UTC), network=Network(Loopback(address)))
    return 0


if __name__ == "__main__":
    sys.exit(sync(Path(sys.argv[1]), sys.argv[2], "die" in sys.argv[3:]))
