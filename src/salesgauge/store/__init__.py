"""The store: loading, generations, and what was set aside."""

from salesgauge.store.generation import Generation, StoredTable, current, open_tables
from salesgauge.store.loading import load
from salesgauge.store.report import LoadReport, TableReport
from salesgauge.store.writing import writing

__all__ = ["Generation", "LoadReport", "StoredTable", "TableReport", "current", "load", "open_tables", "writing"]
