"""Student's quantiles as a workspace remembers them: the library that computes them takes longer to import than a small question takes."""

from __future__ import annotations

import json
from pathlib import Path

from salesgauge.semantics.intervals import student_quantile
from salesgauge.store.keeping import keep_summed, kept_text

_AT_ONCE = 2000  # degrees of freedom that are computed together, once the library has been imported


class Quantiles:
    """The 97.5th percentiles of Student's t, by degrees of freedom, kept in a file; what it lacks is computed and added.

    A file that is absent, damaged or cannot be written costs time, nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._changed = path, False
        self._known: dict[str, float] | None = None

    def of(self, freedom: int) -> float:
        """The quantile for that many degrees of freedom."""
        if self._known is None:
            self._known = self._read()
        found = self._known.get(str(freedom))
        if found is None:
            for other in (*range(1, _AT_ONCE + 1), freedom) if len(self._known) < _AT_ONCE else (freedom,):
                self._known[str(other)] = student_quantile(other)
            found, self._changed = self._known[str(freedom)], True
        return found

    def save(self) -> None:
        """Writes what was added, whole or not at all."""
        if not self._changed or self._known is None:
            return
        self._changed = not keep_summed(self._path, json.dumps(self._known))

    def _read(self) -> dict[str, float]:
        try:
            found = json.loads(kept_text(self._path))
        except (OSError, ValueError):
            return {}
        sound = isinstance(found, dict) and all(isinstance(value, float) for value in found.values())
        return found if sound else {}
