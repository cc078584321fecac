"""What the suite knows of a system: a simulated one that it fills, changes and disturbs, and what must be in the workspace then."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import httpx

Row = tuple[object, ...]


class Case(Protocol):
    """A system of one kind, in memory. Its clock goes on only when it is told to."""

    @property
    def kind(self) -> str:
        """Its name among the kinds."""

    @property
    def table(self) -> str:
        """The canonical table that the suite watches: "opportunities" or "orders"."""

    @property
    def options(self) -> Mapping[str, object]:
        """The options of the connection. `mapping` is the text of a mapping file, for kinds that have none of their own."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """The secrets in the clear: the suite keeps them in an environment of its own, and looks for them everywhere."""

    @property
    def http(self) -> bool:
        """False for what is not asked over HTTP: what only HTTP can do is then left out."""

    @property
    def page(self) -> int:
        """The most records of the table that one page of the system holds."""

    @property
    def stages(self) -> tuple[str, ...]:
        """The open stages that `move` knows, by their canonical names and in order; none for orders."""

    def __init__(self, folder: Path, now: datetime) -> None:
        """An empty system (but for what it cannot be without: owners, accounts, stages), whose clock stands at `now` (UTC)."""

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers as the vendor does."""

    def tick(self, seconds: float) -> None:
        """Its clock goes on; back where `seconds` is negative."""

    def add(self, count: int) -> list[str]:
        """Makes records with an owner, an account, an amount and (deals) the first stage; their ids as the canonical table has them."""

    def change(self, key: str, amount: Decimal) -> None:
        """Gives a record another amount, at its clock."""

    def move(self, key: str, stage: str) -> None:
        """Moves a deal to the stage of that canonical name; "won" and "lost" stand for the final ones. Orders: nothing."""

    def hand_over(self, key: str) -> None:
        """Gives a record to another owner."""

    def late(self, key: str, amount: Decimal, seconds: float) -> None:
        """A change that carries a time `seconds` before the clock, but can be seen only now."""

    def remove(self, key: str) -> None:
        """Deletes a record."""

    def expected(self) -> dict[str, Row]:
        """What the workspace must hold, by key: the owner's canonical id (None: the system has none), the amount, the stage as the
        canonical table has it (None: it has none), and the outcome (None: open)."""

    def history(self) -> dict[str, list[str]]:
        """Of each deal the stages that it went through, in order; of orders nothing."""

    def expire(self) -> None:
        """The token in use is no longer accepted. A kind that can renew it gets a new one; a static one is refused until `renew`."""

    def renew(self) -> None:
        """The secrets are accepted again."""


def case_of(kind: str) -> Any:
    """The case of a kind of system: the class Case of the module of that name beside this file."""
    try:
        return importlib.import_module(f"sources.conformance.cases.{kind}").Case
    except ModuleNotFoundError as problem:
        raise AssertionError(f"the kind {kind!r} has no case: write tests/sources/conformance/cases/{kind}.py ({problem})") from None


def opened(kind: str, folder: Path, now: datetime) -> Case:
    """A system of a kind, with nothing done in it yet."""
    made: Case = case_of(kind)(folder, now)
    return made
