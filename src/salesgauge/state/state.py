"""The state of a workspace, opened: units of work with every service, and the ways in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from salesgauge.state.accounts import Accounts
from salesgauge.state.audit import Audit
from salesgauge.state.database import Database, is_there, open_database
from salesgauge.state.entrance import Entrance
from salesgauge.state.identities import Identities
from salesgauge.state.links import Links
from salesgauge.state.passwords import Passwords
from salesgauge.state.rules import Rules
from salesgauge.state.runs import Runs
from salesgauge.state.sessions import Sessions
from salesgauge.state.tags import Tags
from salesgauge.state.tokens import Tokens
from salesgauge.state.verdicts import Verdicts
from salesgauge.state.views import Views
from salesgauge.state.work import Random, Work


class Unit:
    """Every service, all within one unit of work: what they do is done together or not at all."""

    def __init__(self, work: Work) -> None:
        self.now = work.now
        self.accounts = Accounts(work)
        self.sessions = Sessions(work)
        self.links = Links(work)
        self.tokens = Tokens(work)
        self.identities = Identities(work)
        self.views = Views(work)
        self.tags = Tags(work)
        self.runs = Runs(work)
        self.verdicts = Verdicts(work)
        self.rules = Rules(work)
        self.audit = Audit(work)


def _clock() -> datetime:
    return datetime.now(UTC)


class State:
    """People, sessions, tokens, views, tags of replies, decisions of who is who, runs of connections, rules and the log of one workspace;
    safe to use from several threads.

    `with state.change() as unit: unit.accounts.deactivate(...)` is durable when the block is left, and undone by an exception;
    `with state.look() as unit:` reads. `entrance` holds the ways in. `now` and `random` can be given for tests.
    """

    def __init__(self, database: Database, now: Callable[[], datetime] = _clock, random: Random = os.urandom,
                 passwords: Passwords | None = None) -> None:
        self._database, self._now, self._random, self._given = database, now, random, passwords

    @classmethod
    def open(cls, folder: Path, now: Callable[[], datetime] = _clock, random: Random = os.urandom, passwords: Passwords | None = None,
             environment: Mapping[str, str] | None = None) -> State:
        """The state of the workspace in `folder`, made where there is none yet; errors as open_database."""
        return cls(open_database(folder, environment), now, random, passwords)

    @staticmethod
    def is_there(folder: Path) -> bool:
        """Whether the workspace in `folder` has a state already."""
        return is_there(folder)

    @cached_property
    def passwords(self) -> Passwords:
        """How passwords are kept."""
        return self._given or Passwords()

    @cached_property
    def entrance(self) -> Entrance:
        """The ways in."""
        return Entrance(self, self.passwords)

    @contextmanager
    def looking(self) -> Iterator[Work]:
        """A unit of work in which nothing is changed, for a service."""
        with self._database.read() as rows:
            yield Work(rows, self._now(), self._random)

    @contextmanager
    def changing(self) -> Iterator[Work]:
        """A unit of work that is done whole or not at all, for a service."""
        with self._database.change() as rows:
            yield Work(rows, self._now(), self._random)

    @contextmanager
    def look(self) -> Iterator[Unit]:
        """Every service, to read with."""
        with self.looking() as work:
            yield Unit(work)

    @contextmanager
    def change(self) -> Iterator[Unit]:
        """Every service, to change things with, all or nothing."""
        with self.changing() as work:
            yield Unit(work)

    def close(self) -> None:
        """Closes the database."""
        self._database.close()
