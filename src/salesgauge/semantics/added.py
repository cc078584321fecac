"""Where the numbers of a part are in a rollup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Added:
    """The columns of a rollup in which a part is: how many rows of the fact belong to it, and each of its numbers. `dev`: the squared
    deviations from their mean of `present` values, whose sum is `total`; None where they are not wanted."""

    rows: str
    numbers: Mapping[str, str]
    dev: str | None = None
    present: str | None = None
    total: str | None = None

    @property
    def columns(self) -> list[str]:
        """Each of the columns once."""
        told = [name for name in (self.dev, self.present, self.total) if name]
        return sorted({self.rows, *self.numbers.values(), *told})

    @property
    def asides(self) -> dict[str, str]:
        """Those that say how many rows of the fact were set aside, by the number's name."""
        return {name: column for name, column in self.numbers.items() if name.startswith("aside_")}
