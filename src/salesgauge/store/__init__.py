"""The store: loading, generations, and what was set aside. Loading itself is imported when it is first asked for, since a question
that is answered from what is stored has no use for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from salesgauge.store.generation import Generation, StoredTable, current, open_tables
from salesgauge.store.report import LoadReport, TableReport
from salesgauge.store.writing import writing

if TYPE_CHECKING:
    from salesgauge.store.loading import load

__all__ = ["Generation", "LoadReport", "StoredTable", "TableReport", "current", "load", "open_tables", "writing"]


def __getattr__(name: str) -> Any:
    if name == "load":
        from salesgauge.store.loading import load
        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
