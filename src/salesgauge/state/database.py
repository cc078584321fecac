"""The database that the state lies in: SQLite in the workspace, or PostgreSQL where SALESGAUGE_STATE names one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from salesgauge.errors import SettingError, WorkspaceError

VARIABLE = "SALESGAUGE_STATE"
FOLDER, FILE = "state", "state.db"
HEAD = "r0005"  # the newest migration: a database that says so is opened without loading Alembic
_BUSY_SECONDS = 20
_WRITERS_LOCK = 7_205_759  # any number: PostgreSQL's writers take turns by it, as SQLite's do
_FORM = f"write {VARIABLE} as postgresql+psycopg://NAME@HOST/DATABASE, or leave it out for a file in the workspace"


class Database:
    """An open database. Readers do not wait; writers take turns, so that what one of them has checked still holds when it writes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent look; nothing that is changed in it is kept."""
        with _faults(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def change(self) -> Iterator[Session]:
        """One change, whole or not at all; durable when the block is left. An exception undoes it."""
        with _faults(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def open_database(folder: Path, environment: Mapping[str, str] | None = None) -> Database:
    """The database of the workspace in `folder`, brought to the newest revision.

    SettingError where SALESGAUGE_STATE cannot be used, WorkspaceError where the database cannot be opened or a newer program made it.
    """
    named = (os.environ if environment is None else environment).get(VARIABLE)
    url = _server(named) if named else _file(folder)
    try:
        engine = create_engine(url, pool_pre_ping=bool(named))
    except ModuleNotFoundError as problem:
        raise SettingError(f"{VARIABLE} needs the Python package {problem.name}; install it: pip install 'psycopg[binary]'") from None
    _prepare(engine)
    try:
        with _faults():
            upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine)


def is_there(folder: Path, environment: Mapping[str, str] | None = None) -> bool:
    """Whether the workspace in `folder` has a state: one that was made in it, or that SALESGAUGE_STATE names."""
    return bool((os.environ if environment is None else environment).get(VARIABLE)) or (folder / FOLDER / FILE).exists()


def _server(named: str) -> URL:
    try:
        url = make_url(named)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise SettingError(f"cannot read {VARIABLE} as a database's address; {_FORM}") from None  # never shown: it may hold a password
    if url.get_backend_name() not in ("postgresql", "sqlite"):
        raise SettingError(f"{VARIABLE} names a {url.get_backend_name()} database; {_FORM}")
    return url


def _file(folder: Path) -> URL:
    path = folder / FOLDER / FILE
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # nobody else reads it; SQLite gives its journal the same rights
    except OSError as problem:
        raise WorkspaceError(f"cannot write to {path.parent}: {problem.strerror or problem}") from None
    return URL.create("sqlite", database=str(path))


def _prepare(engine: Engine) -> None:
    """Makes transactions what they are said to be: Python's SQLite module would begin them late and leave table changes outside."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def upgrade(engine: Engine, revision: str = HEAD) -> None:
    """Brings the tables to a revision, in one transaction; several may begin at once. WorkspaceError where a newer program was here."""
    with engine.connect() as connection:
        if _revision(connection) == revision:
            return
    from alembic.command import upgrade as migrate
    from alembic.config import Config
    from alembic.util import CommandError
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        try:
            migrate(config, revision)
        except CommandError:
            raise WorkspaceError(f"the state was written by a newer salesgauge (revision {_revision(connection)}); "
                                 "update this one") from None


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def _faults() -> Iterator[None]:
    """What the database refuses for reasons outside the program (absent, locked, full, not a database) is said in one line."""
    try:
        yield
    except DBAPIError as problem:
        if problem.connection_invalidated or type(problem).__name__ in ("OperationalError", "DatabaseError", "InterfaceError"):
            raise WorkspaceError(f"the state's database gave up: {str(problem.orig).splitlines()[0]}") from problem
        raise
