"""What the columns of advertising reports are called, and which report has what: reports.toml, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from salesgauge.sources.exports.vocabulary import Vocabulary, plain


@dataclass(frozen=True)
class System:
    """A system whose reports are read. `columns` gives the plain names of each column, the surer first; `by_day` says how a report by
    day is made there; `blank`: an empty cost means that nothing was spent."""

    kind: str
    title: str
    by_day: str
    blank: bool
    columns: Mapping[str, tuple[str, ...]]

    def place(self, column: str, headers: Sequence[str], words: Vocabulary) -> int | None:
        """Where a column stands under these headers, by its surest name; a unit at the end of a header is no part of the name."""
        named = [{plain(header), plain(words.unit(header)[0])} for header in headers]
        return next((at for name in self.columns.get(column, ()) for at, names in enumerate(named) if name in names), None)


@cache
def systems() -> Mapping[str, System]:
    """The systems by their kind."""
    found = tomllib.loads(Path(__file__).with_name("reports.toml").read_text(encoding="utf-8"))
    return {kind: System(kind, part["title"], part["by_day"], part["blank"],
                         {column: tuple(map(plain, names)) for column, names in part["columns"].items()}) for kind, part in found.items()}
