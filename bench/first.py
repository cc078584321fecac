"""Answers one question where nothing is cached, and tells where the time went: `python -m bench.first WORKSPACE QUESTION`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Watch:
    """Shares time among its parts: what a part does inside of another counts for the inner one alone."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self._open: list[str] = []
        self._since = time.perf_counter()

    def switch(self) -> None:
        """Books the time since the last switch."""
        now = time.perf_counter()
        name = self._open[-1] if self._open else "other"
        self.parts[name] = self.parts.get(name, 0.0) + now - self._since
        self._since = now

    def __call__(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time booked as `name`."""
        def watched(*arguments: Any, **named: Any) -> Any:
            self.switch()
            self._open.append(name)
            try:
                return function(*arguments, **named)
            finally:
                self.switch()
                self._open.pop()
        return watched


def _import() -> None:
    import salesgauge.facts
    import salesgauge.semantics.compiler
    import salesgauge.workspace  # noqa: F401


def main() -> None:
    """Prints the parts in seconds as JSON."""
    watch = Watch()
    watch("import", _import)()
    from salesgauge.semantics.compiler import Compiler
    from salesgauge.store.moment import Moment
    from salesgauge.store.opened import Opened
    from salesgauge.store.session import Session
    from salesgauge.workspace import Workspace
    parts: tuple[tuple[type, str, str], ...] = (
        (Compiler, "__init__", "compile"), (Compiler, "fact", "compile"), (Compiler, "question", "compile"), (Opened, "__init__", "open"),
        (Session, "__init__", "open"), (Session, "at", "open"), (Session, "build", "facts"), (Moment, "groups", "query"))
    for owner, method, part in parts:
        setattr(owner, method, watch(part, getattr(owner, method)))
    Workspace(Path(sys.argv[1])).answer([json.loads(sys.argv[2])])
    watch.switch()
    print(json.dumps(watch.parts))


if __name__ == "__main__":
    main()
