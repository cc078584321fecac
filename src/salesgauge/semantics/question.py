"""Questions and viewers: what is asked, and by whom. Frozen, hashable, with one canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from salesgauge.errors import BadDimension, BadQuery, MissingTable
from salesgauge.periods import GRAINS
from salesgauge.semantics.kpi import Catalogue, Kpi
from salesgauge.semantics.shape import Shape

_FORM = (f"a query needs kpi and period; grain is one of {', '.join(GRAINS)}; by a list of dimensions; where an object of lists; "
         "approximate true or false; first a whole number from 1 on")
KEYS = ("kpi", "period", "grain", "by", "where", "as_of", "approximate", "first")


@dataclass(frozen=True)
class Viewer:
    """Who asks, and so whose rows count: everyone's, those of a rep, or those of a manager's reports (also indirect) and their own.

    Of a fact's row the rep and day of rule 5 decide, so that a move between teams moves the rows from that day on.
    """

    rep_id: str | None = None
    reports: bool = False

    @property
    def shape(self) -> str:
        """What of the viewer decides the SQL; the rep's id is a parameter."""
        return "everything" if self.rep_id is None else "reports" if self.reports else "own"


EVERYTHING = Viewer()


@dataclass(frozen=True)
class Question:
    """One KPI asked for a period. `viewer` has no default: who asks is part of the question. `approximate`: its quantiles may be, where
    that is sooner answered; the answer then says how far from the exact ones they may be. `first`: of each period only so many groups
    are wanted, those of the largest values."""

    kpi: str
    period: str
    viewer: Viewer
    grain: str = "total"
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str | None, ...]], ...] = ()
    as_of: str | None = None
    approximate: bool = False
    first: int | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """Every dimension that it groups or filters by."""
        return (*self.by, *(dimension for dimension, _ in self.where))

    def canonical(self) -> str:
        """The one JSON of the question: the page's address, the API's body and the batch entry are this."""
        plain: dict[str, Any] = {"kpi": self.kpi, "period": self.period}
        if self.grain != "total":
            plain["grain"] = self.grain
        if self.by:
            plain["by"] = list(self.by)
        if self.where:
            plain["where"] = {dimension: list(values) for dimension, values in self.where}
        if self.as_of is not None:
            plain["as_of"] = self.as_of
        if self.approximate:
            plain["approximate"] = True
        if self.first is not None:
            plain["first"] = self.first
        return json.dumps(plain, ensure_ascii=False)


@dataclass(frozen=True)
class QuestionShape:
    """What of a question decides its SQL; the rest are parameters."""

    kpi: str
    by: tuple[str, ...]
    where: tuple[tuple[str, bool, bool], ...]  # dimension, whether empty is asked for, whether values are
    viewer: str
    approximate: bool = False
    first: bool = False  # whether groups are cut; without `by` there is one

    @classmethod
    def of(cls, question: Question) -> QuestionShape:
        """The shape of a question."""
        return cls(question.kpi, question.by, tuple((d, None in values, any(v is not None for v in values))
                                                    for d, values in question.where), question.viewer.shape, question.approximate,
                   bool(question.first and question.by))


def read_question(query: Any, viewer: Viewer) -> Question:
    """A question from a batch entry; BadQuery where a part is missing or of another form."""
    if not isinstance(query, Mapping):
        raise BadQuery(_FORM)
    unknown = [k for k in query if k not in KEYS]
    if unknown:
        raise BadQuery(f"a query has no {unknown[0]!r}; {_FORM}")
    kpi, period, grain = query.get("kpi"), query.get("period"), query.get("grain") or "total"
    by, where = query.get("by") or [], query.get("where") or {}
    as_of, approximate, first = query.get("as_of"), query.get("approximate"), query.get("first")
    texts = isinstance(kpi, str) and isinstance(period, str) and grain in GRAINS and (as_of is None or isinstance(as_of, str))
    if not texts or not (approximate is None or isinstance(approximate, bool)):
        raise BadQuery(_FORM)
    if not (first is None or (isinstance(first, int) and not isinstance(first, bool) and first > 0)):
        raise BadQuery(_FORM)
    if not isinstance(by, list | tuple) or not all(isinstance(d, str) for d in by) or len(set(by)) != len(by):
        raise BadQuery(_FORM)
    if not isinstance(where, Mapping) or not all(
            isinstance(d, str) and isinstance(values, list | tuple) and all(v is None or isinstance(v, str) for v in values)
            for d, values in where.items()):
        raise BadQuery(_FORM)
    assert isinstance(kpi, str) and isinstance(period, str)
    return Question(kpi, period, viewer, grain, tuple(by), tuple((d, tuple(values)) for d, values in where.items()), as_of,
                    bool(approximate), first)


def find_kpi(query: Any, catalogue: Catalogue) -> Kpi:
    """The KPI that a batch entry names: of several faults an unknown one is reported first."""
    kpi = query.get("kpi") if isinstance(query, Mapping) else None
    if not isinstance(kpi, str):
        raise BadQuery(_FORM)
    return catalogue.find(kpi)


def check_dimensions(kpi: Kpi, question: Question, shape: Shape) -> None:
    """BadDimension for one that the KPI does not have, or requires and was not asked by; MissingTable for a table that it or a
    dimension needs."""
    known = kpi.all_dimensions(shape)
    for dimension in question.asked:
        if dimension not in known:
            has = f"it has: {', '.join(known)}" if known else "it has none"
            raise BadDimension(f"{kpi.id} has no dimension {dimension!r}; {has}", "no_dimension", kpi=kpi.id, dimension=dimension)
    for dimension in kpi.required:
        if dimension not in question.asked:
            raise BadDimension(f"{kpi.id} is asked by {dimension}, or filtered to some of its values", "asked_by", kpi=kpi.id,
                               dimension=dimension)
    lacking = kpi.missing(shape, question.asked)
    if lacking is not None:
        raise MissingTable(f"no data: {kpi.id} needs {lacking}", "needs_table", table=lacking)
