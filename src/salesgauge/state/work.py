"""A unit of work: what every service of the state works with, and how secrets are made and kept."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

Random = Callable[[int], bytes]
SECRET_BYTES = 32


@dataclass(frozen=True)
class Work:
    """One transaction: its rows, the instant at which it happens (the same for all of it), and a source of random bytes."""

    rows: Session
    now: datetime
    random: Random


@dataclass(frozen=True)
class Actor:
    """Who does something, for the log: a person (None: whoever runs the command line, or nobody known) and the address it came from."""

    person_id: int | None
    address: str


def make_secret(random: Random, prefix: str = "") -> str:
    """A new secret that nobody guesses, in characters that an address or a header may hold."""
    return prefix + base64.urlsafe_b64encode(random(SECRET_BYTES)).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """What of a secret is stored. One round suffices: unlike a password it has 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
