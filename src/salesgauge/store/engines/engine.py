"""What an engine is: where rows are received, facts built and questions answered outside the local store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

# A table's columns in their order, each with its type as the expression library writes it: string, int64, float64, boolean, date,
# timestamp(6).
Columns = Mapping[str, str]
Values = Mapping[str, Any]

MOST = 8  # instants of one fact that are kept on an engine


class TableGone(Exception):
    """A table that a query names is there no longer: another process took it away."""


class Link(Protocol):
    """A connection to an engine, for one thread at a time. Whatever the engine refuses is raised as EngineError.

    Tables that last lie in spaces (schemas, databases) and are made whole or not at all: nobody sees one that is being filled. Where
    there is one of that name already it stays, since whoever makes it makes the same. Passing tables are this link's own, and go with it.
    """

    def spaces(self, prefix: str) -> set[str]:
        """The names of the spaces that begin with a prefix."""
        ...

    def make_space(self, space: str) -> None:
        """Makes a space, unless it is there."""
        ...

    def drop_space(self, space: str) -> None:
        """Removes a space with all that is in it."""
        ...

    def tables(self, space: str) -> set[str]:
        """The names of the tables and views in a space, of none where it is absent."""
        ...

    def place(self, space: str, table: str) -> str:
        """How SQL names a table."""
        ...

    def put(self, space: str, table: str, columns: Columns, rows: pa.RecordBatchReader) -> None:
        """Makes a table that lasts, of rows that are sent. EngineError where it cannot hold one of them as it is."""
        ...

    def view(self, space: str, table: str, sql: str) -> None:
        """Makes a view, or replaces it."""
        ...

    def make(self, space: str, table: str, columns: Columns, sql: str, values: Values) -> None:
        """Makes a table that lasts, of the rows of a query (in the order of `columns`)."""
        ...

    def drop(self, space: str, table: str) -> None:
        """Removes a table, where it is there."""
        ...

    def put_passing(self, table: str, columns: Columns, rows: pa.RecordBatchReader) -> str:
        """Makes a passing table of rows that are sent, in place of one of that name: how SQL names it."""
        ...

    def make_passing(self, table: str, columns: Columns, sql: str, values: Values) -> str:
        """Makes a passing table of the rows of a query, in place of one of that name: how SQL names it."""
        ...

    def rows(self, sql: str, columns: Columns, values: Values) -> pa.Table:
        """The rows of a query, with these columns. TableGone where a table that it names is there no longer."""
        ...

    def tidy(self) -> None:
        """Removes the passing tables that links of processes which died have left, where the engine does not do so itself."""
        ...

    def close(self) -> None:
        """Ends the link."""
        ...


class Engine(Protocol):
    """A place where links lead to. `name` is that of the settings, which also names the dialect of its SQL."""

    @property
    def name(self) -> str:
        """Its name in the settings."""
        ...

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that it can hold."""
        ...

    def link(self) -> Link:
        """A new link. EngineError where the engine cannot be reached."""
        ...
