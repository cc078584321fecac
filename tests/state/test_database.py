"""The database: its revisions, its rights, what becomes of one that cannot be used, and of a process that is killed."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from salesgauge.errors import SettingError, WorkspaceError
from salesgauge.state import State, database
from salesgauge.state.database import HEAD, VARIABLE, open_database
from salesgauge.state.tables import Table
from state.world import CONSOLE, SERVER, World

of_a_file = pytest.mark.skipif(SERVER is not None, reason="about the file in the workspace")


@pytest.fixture
def engine(world: World) -> Iterator[Engine]:
    yield world.state._database.engine


def described(engine: Engine) -> dict[str, Any]:
    found: dict[str, Any] = {}
    look = inspect(engine)
    for table in Table.metadata.tables:
        columns = {c["name"]: (str(c["type"]), c["nullable"], str(c["default"]).strip("'")) for c in look.get_columns(table)}
        found[table] = (columns, look.get_pk_constraint(table)["constrained_columns"], *(
            sorted((str(c["name"]), str(c.get("sqltext") or c.get("column_names") or c.get("constrained_columns"))) for c in some)
            for some in (look.get_indexes(table), look.get_unique_constraints(table), look.get_check_constraints(table),
                         look.get_foreign_keys(table))))
    return found


def test_the_newest_revision_is_what_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_fresh_database_is_what_the_models_say(world: World, engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Table.metadata) == []


@of_a_file
def test_a_fresh_database_has_the_constraints_of_the_models_too(engine: Engine, tmp_path: Path) -> None:
    modelled = create_engine(f"sqlite:///{tmp_path / 'modelled.db'}")
    Table.metadata.create_all(modelled)
    assert described(engine) == described(modelled)
    modelled.dispose()


def test_an_older_database_is_brought_up_and_keeps_its_people(world: World, engine: Engine) -> None:
    """From the first revision on: its tables are emptied of what came later, and made again on opening."""
    ann = world.person()
    with engine.begin() as connection:
        for table in ("identities", "tokens", "views", "reply_tags", "sync_runs", "identity_verdicts"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'r0001'"))
    again = world.open()
    with again.change() as unit:
        assert unit.accounts.get(ann.id) == ann
        unit.tokens.make(ann.id, "T", ["records"], 1, CONSOLE)
    again.close()


@of_a_file
def test_the_first_revision_alone_makes_its_tables(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'first.db'}")
    database._prepare(engine)
    database.upgrade(engine, "r0001")
    assert {"people", "audit"} <= set(inspect(engine).get_table_names()) and "tokens" not in inspect(engine).get_table_names()
    database.upgrade(engine)
    assert set(inspect(engine).get_table_names()) == {*Table.metadata.tables, "alembic_version"}
    engine.dispose()


def test_a_database_from_a_newer_program_is_refused(world: World, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    with pytest.raises(WorkspaceError, match=r"written by a newer salesgauge \(revision r9999\)"):
        world.open()


@of_a_file
def test_nobody_else_may_read_the_file(world: World) -> None:
    folder = world.folder / "state"
    world.person()
    for path in (folder / "state.db", folder / "state.db-wal"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


@of_a_file
def test_a_new_folder_of_the_state_is_closed_to_others(tmp_path: Path) -> None:
    open_database(tmp_path, {}).close()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@of_a_file
def test_the_file_is_kept_as_safely_as_sqlite_can(engine: Engine) -> None:
    with engine.connect() as connection:
        said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]
    assert said == ["wal", 2, 1, 20_000]


@of_a_file
def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.db").write_text("this is a letter, not a database, and long enough to be taken for one" * 20)
    with pytest.raises(WorkspaceError, match="the state's database gave up: file is not a database"):
        State.open(tmp_path, environment={})


@pytest.mark.parametrize("named", ["nonsense", "mysql://secret:word@host/db", "oracle://x", "postgresql+nodriver://secret:word@h/d"])
def test_an_address_that_cannot_be_used_is_refused_without_being_repeated(tmp_path: Path, named: str) -> None:
    with pytest.raises(SettingError, match=VARIABLE) as refused:
        open_database(tmp_path, {VARIABLE: named})
    assert "word" not in refused.value.message


def test_references_to_people_who_are_not_there_are_refused(world: World) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), world.state.change() as unit:
        unit.sessions.start(4711, "", "")


# Changes people, tokens, rules and the log until it is killed, and says after each change that it was done.
WRITER = """
import sys
from pathlib import Path
from salesgauge.state import Actor, Rights, Role, State
state = State.open(Path(sys.argv[1]), environment={})
by = Actor(None, "console")
number = 0
while True:
    number += 1
    with state.change() as unit:
        person = unit.accounts.create(f"p{number}@example.org", f"P{number}", Rights(Role.EXECUTIVE), by, password="kept")
        unit.sessions.start(person.id, "", "")
        unit.tokens.make(person.id, "T", ["records"], 30, by)
        unit.rules.change({"smallest_group": 2 + number % 90}, by)
    print(number, flush=True)
"""


@of_a_file
@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_process_that_is_killed_in_the_middle_of_changes_leaves_whole_ones(world: World, after: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(world.folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(after):
        line = process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    done = [int(number) for number in [line, *process.stdout.read().split()]]
    process.wait()
    process.stdout.close()
    with sqlite3.connect(world.folder / "state" / "state.db") as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()
    again = world.open()
    with again.look() as unit:
        people = unit.accounts.all()
        assert max(done) <= len(people) <= max(done) + 1  # what was said to be done is there; what was not is there whole or not at all
        assert all(len(unit.tokens.of(person.id)) == 1 for person in people)
        assert unit.rules.now().smallest_group == 2 + len(people) % 90
        assert len(unit.audit.page(action="person_create", limit=10_000).entries) == len(people)
    again.close()
