"""The reps of the workspace, as far as access needs them: whose rows a person may be about, and which home a rep has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from salesgauge.errors import WorkspaceError
from salesgauge.schema import TABLES
from salesgauge.state import Home
from salesgauge.store.generation import table_sql
from salesgauge.store.identity.finding import ones
from salesgauge.workspace import Workspace


@dataclass(frozen=True)
class Rep:
    """A rep of the table reps."""

    id: str
    name: str
    role: str | None


class Reps:
    """The table reps of the generation in force, read once per generation."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._known: tuple[str, Mapping[str, Rep]] = ("", {})
        self._ones: tuple[str, Mapping[tuple[str, str], str]] = ("", {})

    def one_of(self, rep_id: str | None) -> str | None:
        """The id under which a rep's rows stand, where their ids in several systems became one."""
        try:
            generation = self._workspace.generation()
        except WorkspaceError:
            return rep_id
        if rep_id is None or generation.identity.groups is None:
            return rep_id
        with self._lock:
            if self._ones[0] != generation.name:
                with self._workspace.reading() as con:
                    self._ones = (generation.name, ones(con, generation.identity))
            return self._ones[1].get(("reps", rep_id), rep_id)

    def all(self) -> Mapping[str, Rep]:
        """Every rep by id, in the order of names; none where nothing was loaded yet."""
        try:
            generation = self._workspace.generation()
        except WorkspaceError:
            return {}
        with self._lock:
            if self._known[0] != generation.name:
                rows = []
                if "reps" in generation.tables:
                    table = table_sql(TABLES["reps"], generation.tables["reps"])
                    with self._workspace.reading() as con:
                        rows = con.execute(f"SELECT rep_id, coalesce(name, rep_id), role FROM ({table})").fetchall()
                reps = sorted((Rep(*row) for row in rows), key=lambda rep: (rep.name.casefold(), rep.id))
                self._known = (generation.name, {rep.id: rep for rep in reps})
            return self._known[1]

    def home(self, rep_id: str | None) -> Home:
        """The home of a rep by their role; of one without, and of managers who sell, that of an account executive."""
        rep = self.all().get(self.one_of(rep_id) or "")
        return Home(rep.role) if rep is not None and rep.role in set(Home) else Home.AE
