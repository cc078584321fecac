"""Passwords: which are taken, how they are kept, how they are compared."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from salesgauge.state.refusal import Refusal

LEAST, MOST = 12, 256  # characters
_DIFFERENT = 5         # different characters, at the least
_TRIMMED = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_AT_ONCE = 2           # each takes tens of megabytes and a core for tens of milliseconds: a flood of attempts must not take the machine


@cache
def _common() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(lines[1:])  # the first says where they are from


def check(password: str, email: str) -> None:
    """Refusal for a password that is too short or long, too plain, a common one (also with digits around it), or made of the e-mail."""
    folded = _plain(password).casefold()
    if len(password) < LEAST:
        raise Refusal("password_short", least=LEAST)
    if len(password) > MOST:
        raise Refusal("password_long", most=MOST)
    local = email.partition("@")[0]
    if folded in (email, local) or _TRIMMED.sub("", folded) in {_TRIMMED.sub("", email), _TRIMMED.sub("", local)} - {""}:
        raise Refusal("password_email")
    if len(set(folded)) < _DIFFERENT or folded in _common() or _TRIMMED.sub("", folded) in _common() | {""}:
        raise Refusal("password_common")


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)  # the same password typed on another keyboard is the same


class Passwords:
    """Argon2 with given costs. What is verified against no password takes as long as against one, so that time tells nothing."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hash = PasswordHash((hasher or Argon2Hasher(),))
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._of_nobody = self._hash.hash("the password of nobody")

    def kept(self, password: str, email: str) -> str:
        """What is stored of a new password; Refusal where it may not be one (see check)."""
        check(password, email)
        with self._turns:
            return self._hash.hash(_plain(password))

    def verify(self, password: str, kept: str | None) -> tuple[bool, str | None]:
        """Whether it is the password, and what to store instead where the costs have changed since. `kept` None: of nobody, never right."""
        if len(password) > MOST:
            return False, None
        with self._turns:
            right, anew = self._hash.verify_and_update(_plain(password), kept or self._of_nobody)
        return (right, anew) if kept else (False, None)
