"""What a kind of system asks of whoever connects it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """An option of a kind of system, or a secret: its name, what it is, and what one looks like."""

    name: str
    what: str
    secret: bool = False
    example: str = ""
