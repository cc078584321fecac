"""What a kind of system asks for when it is connected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """An option or a secret of a kind: its name as the connection's file has it, what it is in the words of the system, and an example.
    An option without which the kind has a default of its own is not asked for."""

    name: str
    what: str
    secret: bool = False
    example: str = ""
