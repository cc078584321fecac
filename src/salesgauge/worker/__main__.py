"""The worker of a workspace, as a process of its own: python -m salesgauge.worker WORKSPACE.

It ends when its standard input does, with the server that started it, whatever became of that; and when no connection has a schedule.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from salesgauge.errors import SalesgaugeError
from salesgauge.sources.connections.connection import FOLDER
from salesgauge.sources.connections.turns import turn
from salesgauge.state import State
from salesgauge.worker.work import Worker

LOCK = "worker-lock"  # of the folder of connections
LOOK = 15.0           # seconds at most until it looks at the connections again: one may have been made or changed
TOLD, GRACE = 2, 5.0  # times that it is told to end, and seconds that it has each time
AGAIN = 2.0           # seconds between two tries while another worker of the workspace, or another load, is at it


def clock() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def main(folder: Path) -> int:
    """Works until it is ended, or nothing is left to do; gives the exit code."""
    log = logging.getLogger("salesgauge")  # and no other: what libraries say could hold records
    log.addHandler(logging.StreamHandler())
    log.handlers[-1].setFormatter(logging.Formatter("salesgauge: %(message)s"))
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the server's terminal: the server ends it
    threading.Thread(target=_end_with_server, daemon=True).start()
    try:
        with turn(folder / FOLDER / LOCK, "", _wait), closing(State.open(folder)) as state:
            worker = Worker(folder, state, clock, _wait)
            while (following := worker.work()) is not None:
                left = (following - clock()).total_seconds()
                time.sleep(min(left, LOOK) if left > 0 else LOOK)  # what is due already was tried just now
    except SalesgaugeError as problem:
        log.error("the worker ends: %s", problem.message)
        return 2
    return 0


def _wait() -> None:
    time.sleep(AGAIN)


def _end(number: int, frame: FrameType | None) -> None:
    """Ends amid whatever goes on: a run is noted as interrupted, and what it had read is kept."""
    raise SystemExit(0)


def _end_with_server() -> None:
    """Ends with the server, whose end of the pipe goes when it does. Told again after a while: what a signal raises amid a callback of the
    interpreter is lost. In the end without more ado: what is written is whole at every instant."""
    sys.stdin.buffer.read()
    for _ in range(TOLD):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
