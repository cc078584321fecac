"""Who looks at a page, and so which rows, names and words they get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from salesgauge.semantics.question import EVERYTHING, Viewer

ROLES = ("executive", "manager", "rep", "analyst", "administrator")
HOMES = ("executive", "manager", "rep", "sdr", "am", "field")


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in. `home` is the role page they start on; `language` and `theme` None: as the browser says;
    `nameless`: names of persons are not shown to them, nor anything of the company's own columns `personal`; `person_id` None: nobody of
    the state (then there is no account to manage); `scopes`: what the API token that they came with is for, None without one;
    `team_totals`: they may compare themselves with team totals and published leaderboards, but for groups of fewer than `smallest_group`
    cases."""

    name: str
    role: str
    home: str
    viewer: Viewer
    rep_id: str | None = None
    language: str | None = None
    theme: str | None = None
    nameless: bool = False
    personal: frozenset[str] = frozenset()
    person_id: int | None = None
    administers: bool = False
    scopes: frozenset[str] | None = None
    team_totals: bool = False
    smallest_group: int = 5

    @property
    def sees_everything(self) -> bool:
        """Whether all rows are theirs to see."""
        return self.viewer == EVERYTHING


Who = Callable[[Request], Visitor | None]  # None: nobody is signed in
Remember = Callable[[Request, str, str], None]  # keeps a language and a theme for whoever is signed in
