"""What a load did, in numbers that a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class TableReport:
    """What became of the rows of one file.

    `read` = new + changed + unchanged + repeats + the rows set aside. `repeats` are rows that stand there again, word for word.
    `gone` are stored rows that went because the load was complete (or, of an ordered table, because their group was replaced).
    `rows_aside` counts rows set aside by reason, `cells_aside` single cells that were set aside while their row was loaded.
    """

    table: str
    file: str
    read: int
    new: int
    changed: int
    unchanged: int
    repeats: int
    gone: int
    rows_aside: Mapping[str, int]
    cells_aside: Mapping[str, int]


@dataclass(frozen=True)
class LoadReport:
    """What a load did. `generation` is the one in force after it; `changed` says whether it is a new one.

    `recorded` counts the rows that the load itself wrote into stage_changes because a deal differed from what was stored.
    """

    origin: str
    generation: str
    changed: bool
    complete: bool
    tables: tuple[TableReport, ...]
    recorded: int
    ignored: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The report as it stands in the manifest."""
        return asdict(self)
