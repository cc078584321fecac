"""The shape of a workspace: what decides the SQL of a fact or question, apart from its parameters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from salesgauge.schema import TABLES


@dataclass(frozen=True)
class Shape:
    """Which tables are present, their extra dimensions, the settings that definitions use, and whether an as-of instant is given.

    Two workspaces of one shape have the same SQL for every question.
    """

    present: frozenset[str]
    extras: tuple[tuple[str, tuple[str, ...]], ...]
    currency: str
    activity_window_days: int = 365
    concentration_top: int = 10
    nps_min_tenure_days: int = 30
    rep_tenure_months: int = 12
    dated: bool = False

    def __post_init__(self) -> None:
        unknown = self.present - TABLES.keys()
        assert not unknown, unknown

    def has(self, *tables: str) -> bool:
        """Whether any of these tables is present."""
        return not self.present.isdisjoint(tables)

    def extra_dimensions(self, table: str) -> tuple[str, ...]:
        """The dimensions that a table has beyond the canonical columns."""
        return dict(self.extras).get(table, ())

    def digest(self) -> str:
        """A name for the shape, equal for equal shapes in every process."""
        plain = asdict(self) | {"present": sorted(self.present)}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
