"""A state of its own for each test: a clock that stands until it is moved, cheap passwords, secrets that are counted."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import create_engine, text

from salesgauge.state import Actor, Person, Rights, Role, State, Visitor
from salesgauge.state.database import FILE, FOLDER, VARIABLE
from salesgauge.state.passwords import Passwords

SERVER = os.environ.get("SALESGAUGE_STATE_TEST")  # an empty database of a server, to run the same tests on
START = datetime(2025, 3, 3, 9, tzinfo=UTC)
PASSWORD = "four unrelated words here"
OTHER = "quite another set of words"
CONSOLE = Actor(None, "console")
HERE = Visitor("192.0.2.7", "Firefox")


def cheap(time_cost: int = 1) -> Passwords:
    """Passwords that are kept at next to no cost."""
    return Passwords(Argon2Hasher(time_cost=time_cost, memory_cost=8, parallelism=1))


@dataclass
class World:
    """A state and its clock."""

    state: State
    folder: Path
    environment: dict[str, str]
    now: datetime = START
    _given: int = field(default=0)

    @classmethod
    def make(cls, folder: Path, template: Path | None = None) -> World:
        """A new one in a folder: empty, or with a copy of the database of a template."""
        environment = {}
        if SERVER:
            environment = {VARIABLE: SERVER}
            engine = create_engine(SERVER)
            with engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            engine.dispose()
        elif template is not None:
            (folder / FOLDER).mkdir()
            shutil.copy(template / FOLDER / FILE, folder / FOLDER / FILE)
        world = cls.__new__(cls)
        world.folder, world.environment, world.now, world._given = folder, environment, START, 0
        world.state = world.open()
        return world

    def open(self, passwords: Passwords | None = None) -> State:
        """The state, opened (again)."""
        return State.open(self.folder, lambda: self.now, self.random, passwords or cheap(), self.environment)

    def random(self, count: int) -> bytes:
        """Other bytes each time."""
        self._given += 1
        return self._given.to_bytes(count, "little")

    def pass_time(self, **lasts: float) -> None:
        """Moves the clock on."""
        self.now += timedelta(**lasts)

    def person(self, email: str = "ann@example.org", role: Role = Role.EXECUTIVE, rep_id: str | None = None, *, administers: bool = False,
               password: str | None = PASSWORD) -> Person:
        """A person with a password."""
        kept = self.state.passwords.kept(password, email) if password else None
        rights = Rights(role, rep_id, administers)
        with self.state.change() as unit:
            return unit.accounts.create(email, email.partition("@")[0].title(), rights, CONSOLE, password=kept)

    def enter(self, email: str = "ann@example.org", password: str = PASSWORD, visitor: Visitor = HERE) -> str:
        """Signs in; gives the secret of the session."""
        return self.state.entrance.by_password(email, password, visitor).secret

    def deeds(self) -> list[str]:
        """What the log says was done, in order."""
        with self.state.look() as unit:
            return [entry.action for entry in reversed(unit.audit.page(limit=1000).entries)]
