"""Reads tables and views of an SQL database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.connection import Connection, words
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import OVERLAP, Key, Record, Right, Stream, tried
from salesgauge.sources.connections.wire import Network

PAGE = 5_000
REACHED = "cursor_reached"  # the column in which a stream keeps its cursor as text
KEYS = ("table", "key", "cursor", "columns")


@dataclass(frozen=True)
class _Asked:
    """A table as the connection speaks of it."""

    name: str
    table: sa.Table
    columns: tuple[str, ...]
    key: tuple[str, ...]
    cursor: str | None


class SqlDatabase:
    """A database behind one engine. Nothing is written to it."""

    def __init__(self, connection: Connection, engine: sa.Engine) -> None:
        self._connection, self._engine = connection, engine
        self._asked: list[_Asked] | None = None

    def streams(self) -> Sequence[Stream]:
        """A stream per table; those with a cursor are read from where the last sync ended, the others whole."""
        with _said(self._connection, self._engine):
            if self._asked is None:
                self._asked = [self._ask(name, said) for name, said in self._tables().items()]
        return [Stream(a.name, (*a.columns, REACHED), a.key, self._reading(a), REACHED, census=self._census(a)) if a.cursor
                else Stream(a.name, a.columns, a.key, self._reading(a)) for a in self._asked]

    def rights(self) -> Iterable[Right]:
        """Whether each table can be read."""
        for stream in self.streams():
            yield tried(f"read {stream.name}", partial(_first, stream))

    def close(self) -> None:
        """Gives its connections back."""
        self._engine.dispose()

    def _tables(self) -> Mapping[str, object]:
        """What is said of each table; a text lists those of which nothing is said."""
        said = self._connection.option("tables")
        return said if isinstance(said, Mapping) else dict.fromkeys(words(said))

    def _ask(self, name: str, said: object) -> _Asked:
        where = f"{self._connection.path.name}, options.tables.{name}"
        options: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        for said_key in options:
            if said_key not in KEYS:
                raise SourceError(f"{where}: there is no {said_key!r}{did_you_mean(said_key, KEYS)}; there are: {', '.join(KEYS)}")
        schema, _, plain = str(options.get("table", name)).rpartition(".")
        try:
            table = sa.Table(plain, sa.MetaData(), schema=schema or None, autoload_with=self._engine)
        except NoSuchTableError:
            there = sa.inspect(self._engine)
            known = [*there.get_table_names(schema or None), *there.get_view_names(schema or None)]
            raise SourceError(f"{where}: the database has no table {plain!r}{did_you_mean(plain, known)}") from None
        names = [column.name for column in table.columns]
        key = _listed(options.get("key")) or tuple(column.name for column in table.primary_key)
        columns = _listed(options.get("columns")) or tuple(names)
        cursor = options.get("cursor")
        for column in (*columns, *key, *([cursor] if cursor else [])):
            if column not in names:
                raise SourceError(f"{where}: {plain} has no column {column!r}{did_you_mean(column, names)}; it has: {', '.join(names)}")
        if not key:
            raise SourceError(f"{where}: {plain} has no primary key; say which columns identify a row: key = [\"...\"]")
        return _Asked(name, table, tuple(dict.fromkeys((*columns, *key, *([cursor] if cursor else [])))), key, cursor)

    def _reading(self, asked: _Asked) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        def read(since: str | None) -> Iterator[Sequence[Record]]:
            for rows in self._pages(reading(asked.table, asked.columns, asked.key, asked.cursor, since)):
                yield [self._written(asked, row) for row in rows]
        return read

    def _written(self, asked: _Asked, row: sa.RowMapping) -> Record:
        """A row, with its cursor once more: as a text that sorts as the cursor does in the database."""
        cells = {name: row[name] for name in asked.columns}
        if asked.cursor is not None:
            value = row[asked.cursor]
            cells[REACHED] = (f"{value:020d}" if isinstance(value, int)
                              else value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value))
        return cells

    def _census(self, asked: _Asked) -> Callable[[], Iterator[Sequence[Key]]]:
        def census() -> Iterator[Sequence[Key]]:
            for rows in self._pages(sa.select(*(asked.table.c[name] for name in asked.key))):
                yield [tuple(_text(row[name]) for name in asked.key) for row in rows]
        return census

    def _pages(self, query: sa.Select[Any]) -> Iterator[Sequence[sa.RowMapping]]:
        with _said(self._connection, self._engine), self._engine.connect() as con:
            found = con.execution_options(stream_results=True, yield_per=PAGE).execute(query).mappings()
            yield from found.partitions(PAGE)


def _first(stream: Stream) -> None:
    next(iter(stream.read(None)), None)


def reading(table: sa.Table, columns: Sequence[str], key: Sequence[str], cursor: str | None, since: str | None) -> sa.Select[Any]:
    """The query for the rows of a table that changed since then (None: for all), in the order of the cursor where it has one."""
    query = sa.select(*(table.c[name] for name in columns))
    if cursor is None:
        return query
    changed = table.c[cursor]
    query = query.where(changed.is_not(None)).order_by(changed, *(table.c[name] for name in key))
    return query if since is None else query.where(changed >= _value(changed, since))  # what is read once more is merged once more


def _listed(said: object) -> tuple[str, ...]:
    """Names of columns: a list, or one name."""
    return (said,) if isinstance(said, str) else tuple(map(str, said)) if isinstance(said, list) else ()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _value(column: sa.ColumnElement[Any], text: str) -> object:
    """A cursor that was kept as text, as the database compares it; of a time some minutes before, since what was written by then may
    have been committed later, or by a clock that was behind."""
    kind = column.type.python_type
    if kind is datetime:
        return datetime.fromisoformat(text) - OVERLAP
    if kind is date:
        return date.fromisoformat(text)
    return int(text) if kind is int else text


@contextmanager
def _said(connection: Connection, engine: sa.Engine) -> Iterator[None]:
    """What a database complains of becomes a SourceError that does not tell its password."""
    try:
        yield
    except SQLAlchemyError as problem:
        cause = str(getattr(problem, "orig", None) or type(problem).__name__).splitlines()[0]
        password = engine.url.password
        said = cause.replace(str(password), "***") if password else cause
        raise SourceError(f"{connection.name}: the database ({engine.url.get_backend_name()}) says: {said}") from None


def connect(connection: Connection, secrets: Secrets, network: Network | None = None) -> SqlDatabase:
    """The database that `options.url` names; its password, where it has one, is the secret `password`. Its driver has a network of its
    own."""
    try:
        url = sa.make_url(str(connection.option("url")))
    except SQLAlchemyError:
        raise SourceError(f"{connection.path.name}: options.url cannot be read; write it as postgresql+psycopg://user@host/database, "
                          "without the password") from None
    if url.password:
        raise SourceError(f"{connection.path.name}: options.url holds a password; take it out and name its place under secrets.password")
    if "password" in connection.secrets:
        url = url.set(password=connection.secret("password", secrets).reveal())
    return SqlDatabase(connection, sa.create_engine(url))
