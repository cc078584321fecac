"""How far a long piece of work is, on standard error, where that is a terminal; else nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Tell(Protocol):
    """Told how far the work is: `done` of `total`, and what is being done."""

    def __call__(self, done: float, total: float, what: str) -> None:
        """Shows it."""


def silent(done: float, total: float, what: str) -> None:
    """The progress of work that nobody watches."""


@contextmanager
def watched(what: str) -> Iterator[Tell]:
    """A progress bar while the work lasts; it goes when the work is done."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: float, total: float, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)
        yield tell
